// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// Loaded in front of the C library: notes every byte that one program sends over TCP connections
// of its own making and into serial ports, and lets it pass. Nothing stands in between, so
// neither times nor errors of a wire change. `sniffer.py` builds it and judges what it noted.
//
// SNIFFED names the program that is listened to, SNIFFER the folder for a file of each process:
// a line `here` at its start, then `<stream> <where to> <hex>` for each call that sent something.
// What a server answers to whoever connected to it is no question, and is left out.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

// More descriptors than any process here may have.
#define DESCRIPTORS 4096
// More bytes in one call than any frame has are noted up to here, and marked as cut.
#define LONGEST 4096

static int notes = -1;
static int streams;
// Of each descriptor: the number of the connection or port behind it, 0 for anything else.
static int stream_of[DESCRIPTORS];
static char place_of[DESCRIPTORS][80];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void note(const char *text, size_t size) {
    // Straight to the kernel: the sniffer does not hear itself.
    if (syscall(SYS_write, notes, text, size) != (ssize_t)size) abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("SNIFFER"), *wanted = getenv("SNIFFED");
    if (!folder || !wanted || strcmp(program_invocation_short_name, wanted)) return;
    char path[512];
    snprintf(path, sizeof path, "%s/%d", folder, (int)getpid());
    notes = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (notes < 0) abort();
    note("here\n", 5);
}

// Called before a descriptor is sent over: a serial port is known by what it is.
static int is_heard(int fd) {
    if (notes < 0 || fd < 0 || fd >= DESCRIPTORS) return 0;
    if (stream_of[fd]) return 1;
    struct termios settings;
    int number;
    // 0 to 2 are for talking to people; the master of a pseudo-terminal is the device's end.
    if (fd <= 2 || tcgetattr(fd, &settings) || !ioctl(fd, TIOCGPTN, &number)) return 0;
    if (ttyname_r(fd, place_of[fd], sizeof place_of[fd])) strcpy(place_of[fd], "tty");
    stream_of[fd] = __atomic_add_fetch(&streams, 1, __ATOMIC_RELAXED);
    return 1;
}

static void hear(int fd, const unsigned char *bytes, ssize_t sent) {
    if (sent <= 0) return;
    char line[128 + 2 * LONGEST];
    int size = snprintf(line, 128, "%d %s ", stream_of[fd], place_of[fd]);
    for (ssize_t at = 0; at < sent && at < LONGEST; at++)
        size += sprintf(line + size, "%02x", bytes[at]);
    size += sprintf(line + size, sent > LONGEST ? "~\n" : "\n");
    note(line, size);
}

static ssize_t hear_pieces(int fd, const struct iovec *pieces, int count, ssize_t sent) {
    ssize_t left = sent;
    for (int at = 0; at < count && left > 0; at++) {
        ssize_t size = (ssize_t)pieces[at].iov_len < left ? (ssize_t)pieces[at].iov_len : left;
        hear(fd, pieces[at].iov_base, size);
        left -= size;
    }
    return sent;
}

// Each of these does what it always does, and keeps errno as that left it.
#define HEARD(fd, call, listen)     \
    int heard = errno;              \
    int tells = is_heard(fd);       \
    errno = heard;                  \
    ssize_t sent = (call);          \
    heard = errno;                  \
    if (tells) listen;              \
    errno = heard;                  \
    return sent

ssize_t write(int fd, const void *bytes, size_t size) {
    HEARD(fd, REAL(write)(fd, bytes, size), hear(fd, bytes, sent));
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
    HEARD(fd, REAL(send)(fd, bytes, size, flags), hear(fd, bytes, sent));
}

ssize_t sendto(
    int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    HEARD(fd, REAL(sendto)(fd, bytes, size, flags, to, length), hear(fd, bytes, sent));
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    HEARD(fd, REAL(writev)(fd, pieces, count), hear_pieces(fd, pieces, count, sent));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    HEARD(
        fd, REAL(sendmsg)(fd, message, flags),
        hear_pieces(fd, message->msg_iov, message->msg_iovlen, sent));
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    int kind = 0;
    socklen_t size = sizeof kind;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size);
    int is_ip = address && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
    if (notes >= 0 && fd >= 0 && fd < DESCRIPTORS && kind == SOCK_STREAM && is_ip) {
        char text[INET6_ADDRSTRLEN] = "";
        int is_4 = address->sa_family == AF_INET;
        const struct sockaddr_in *four = (const void *)address;
        const struct sockaddr_in6 *six = (const void *)address;
        const void *raw = is_4 ? (const void *)&four->sin_addr : (const void *)&six->sin6_addr;
        inet_ntop(address->sa_family, raw, text, sizeof text);
        snprintf(
            place_of[fd], sizeof place_of[fd], "%s:%d", text,
            ntohs(is_4 ? four->sin_port : six->sin6_port));
        stream_of[fd] = __atomic_add_fetch(&streams, 1, __ATOMIC_RELAXED);
    }
    return REAL(connect)(fd, address, length);
}

int close(int fd) {
    if (fd >= 0 && fd < DESCRIPTORS) stream_of[fd] = 0;
    return REAL(close)(fd);
}
