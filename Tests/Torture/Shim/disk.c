// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// Loaded in front of the C library: stands between the program and one directory of its disk. It
// writes down, in the order in which they took effect, all operations that change what the disk
// holds (`disk_record`), and lets calls fail on purpose (`disk_fail`). The program itself begins
// and ends both, by the functions at the end; what lies outside of the directory passes untouched.
//
// The log is a row of entries, each a header and its payload. What is written to `…-shm` through
// memory is left out on purpose: whoever opens the database first throws it away, so nothing that
// a power cut makes of it matters. Its calls can fail, though, as all others.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// What happened; `Operation.swift` has the same list.
enum kind {
    OPENED = 1, CREATED, WRITTEN, DURABLE, TRUNCATED, ALLOCATED, PUNCHED, SYNCED, SYNC_FAILED,
    RENAMED, LINKED, UNLINKED, DIRECTORY_MADE, DIRECTORY_REMOVED, DIRECTORY_SYNCED, NOTED,
};

struct header {
    uint32_t kind, file;
    uint64_t offset, extent, payload;
};

// What can fail; `Disk.swift` has the same list.
enum call {
    OPEN = 1, CREATE = 2, READ = 4, WRITE = 8, TRUNCATE = 16, ALLOCATE = 32, SYNC = 64, NAME = 128,
    UNLINK = 256,
};

// More descriptors and files than any run here has.
#define DESCRIPTORS 1024
#define FILES 4096

struct descriptor {
    // 0: outside of the directory. Else the number of the file, which is the same for all who have
    // it open.
    uint32_t file;
    unsigned char is_directory, is_durable, is_unrecorded, is_random;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char root[512];
static size_t root_length;
static struct descriptor descriptors[DESCRIPTORS];
// The name that each file has now, below the root; empty if none.
static char *names[FILES];
static uint32_t files;

static int is_recording;
static unsigned char *entries;
static size_t used, room;

static struct {
    unsigned calls, is_forever, is_short;
    int code;
    uint64_t at, count, fired;
} fault;

static uint64_t seed, disk_size, disk_room;
static const char *synchronous;

// ---- The log ------------------------------------------------------------------------------------

static void append(const void *bytes, size_t size) {
    if (used + size > room) {
        room = 2 * (used + size) + (1 << 20);
        entries = realloc(entries, room);
        if (!entries) abort();
    }
    memcpy(entries + used, bytes, size);
    used += size;
}

static void enter(
    enum kind kind, uint32_t file, uint64_t offset, uint64_t extent, const void *payload,
    size_t size) {
    if (!is_recording) return;
    struct header header = {kind, file, offset, extent, size};
    append(&header, sizeof header);
    if (size) append(payload, size);
}

static void enter_names(enum kind kind, const char *one, const char *two) {
    char both[1024];
    size_t size = strlen(one) + 1;
    if (size + strlen(two) + 1 > sizeof both) abort();
    strcpy(both, one);
    strcpy(both + size, two);
    enter(kind, 0, 0, 0, both, size + strlen(two));
}

// ---- Which files --------------------------------------------------------------------------------

// The name below the root, "" for the root itself; NULL if it is elsewhere.
static const char *below(const char *path) {
    if (!root_length || strncmp(path, root, root_length)) return NULL;
    if (!path[root_length]) return path + root_length;
    return path[root_length] == '/' ? path + root_length + 1 : NULL;
}

static int is_shared_memory(const char *name) {
    size_t length = strlen(name);
    return length > 4 && !strcmp(name + length - 4, "-shm");
}

static uint32_t file_of(const char *name) {
    for (uint32_t file = 1; file <= files; file++)
        if (names[file] && !strcmp(names[file], name)) return file;
    return 0;
}

// The number of a file that is there, a new one if nobody has had it open yet.
static uint32_t known(const char *name) {
    uint32_t file = file_of(name);
    if (file) return file;
    if (files + 1 == FILES) abort();
    names[++files] = strdup(name);
    enter(OPENED, files, 0, 0, name, strlen(name));
    return files;
}

static void forget(const char *name) {
    uint32_t file = file_of(name);
    if (!file) return;
    free(names[file]);
    names[file] = NULL;
}

static struct descriptor *watched(int fd) {
    static struct descriptor none;
    return fd >= 0 && fd < DESCRIPTORS ? &descriptors[fd] : &none;
}

// ---- Faults -------------------------------------------------------------------------------------

// Whether this call is to fail; errno says how.
static int fails(enum call call) {
    if (!(fault.calls & call)) return 0;
    fault.count++;
    if (fault.count < fault.at || (fault.count > fault.at && !fault.is_forever)) return 0;
    fault.fired++;
    errno = fault.code;
    return 1;
}

// Enters what is watched, and fails as `call` if it has to; `done` is the call itself.
#define GUARDED(is_watched, call, done, entered)     \
    if (!(is_watched)) return done;                  \
    pthread_mutex_lock(&mutex);                      \
    __typeof__(done) result = -1;                    \
    if (!fails(call)) {                              \
        result = done;                               \
        if (result >= 0) { entered; }                \
    }                                                \
    int code = errno;                                \
    pthread_mutex_unlock(&mutex);                    \
    errno = code;                                    \
    return result

// ---- Opening and closing ------------------------------------------------------------------------

static int open_any(const char *path, int flags, mode_t mode) {
    // A directory's parent may be the root.
    char parent[PATH_MAX];
    size_t length = strlen(path);
    if (length > 3 && !strcmp(path + length - 3, "/..") && realpath(path, parent)) path = parent;
    const char *name = below(path);
    if (!name) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
        if (seed && fd >= 0 && !strcmp(path, "/dev/urandom")) watched(fd)->is_random = 1;
        return fd;
    }
    pthread_mutex_lock(&mutex);
    struct stat status;
    int was_there = !stat(path, &status);
    int fd = -1;
    if (!fails(flags & O_CREAT && !was_there ? CREATE : OPEN))
        fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    int code = errno;
    if (fd >= DESCRIPTORS) abort();
    if (fd >= 0) {
        fstat(fd, &status);
        struct descriptor *it = &descriptors[fd];
        *it = (struct descriptor){
            .is_directory = S_ISDIR(status.st_mode), .is_durable = !!(flags & O_DSYNC),
            .is_unrecorded = is_shared_memory(name)};
        it->file = file_of(name);
        if (!it->file) {
            if (files + 1 == FILES) abort();
            it->file = ++files;
            names[it->file] = strdup(name);
            if (!it->is_directory && !it->is_unrecorded)
                enter(was_there ? OPENED : CREATED, it->file, 0, 0, name, strlen(name));
        }
        if (flags & O_TRUNC && was_there && !it->is_unrecorded)
            enter(TRUNCATED, it->file, 0, 0, NULL, 0);
    }
    pthread_mutex_unlock(&mutex);
    errno = code;
    return fd;
}

static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, unsigned) : 0;
}

#define OPENING(name, first, parameters)             \
    int name parameters {                            \
        va_list rest;                                \
        va_start(rest, flags);                       \
        mode_t mode = mode_of(flags, rest);          \
        va_end(rest);                                \
        first;                                       \
        return open_any(path, flags, mode);          \
    }

// What is named from another directory than the working one lies outside.
#define ELSEWHERE \
    if (directory != AT_FDCWD && path[0] != '/') \
    return (int)syscall(SYS_openat, directory, path, flags, mode)

OPENING(open, , (const char *path, int flags, ...))
OPENING(open64, , (const char *path, int flags, ...))
OPENING(openat, ELSEWHERE, (int directory, const char *path, int flags, ...))
OPENING(openat64, ELSEWHERE, (int directory, const char *path, int flags, ...))

int creat(const char *path, mode_t mode) {
    return open_any(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

// What the C library opens and writes for itself would not come by here.
FILE *fopen(const char *path, const char *mode) {
    static __typeof__(&fopen) real;
    if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "fopen");
    if (below(path)) abort();
    return real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

int close(int fd) {
    pthread_mutex_lock(&mutex);
    *watched(fd) = (struct descriptor){0};
    int result = (int)syscall(SYS_close, fd);
    pthread_mutex_unlock(&mutex);
    return result;
}

// ---- Reading and writing ------------------------------------------------------------------------

static uint64_t next_random(void) {
    // splitmix64 (Vigna, 2015)
    uint64_t z = (seed += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

ssize_t getrandom(void *target, size_t size, unsigned flags) {
    if (!seed) return syscall(SYS_getrandom, target, size, flags);
    pthread_mutex_lock(&mutex);
    unsigned char *bytes = target;
    for (size_t at = 0; at < size; at++) bytes[at] = (unsigned char)next_random();
    pthread_mutex_unlock(&mutex);
    return (ssize_t)size;
}

int getentropy(void *target, size_t size) { return getrandom(target, size, 0) < 0 ? -1 : 0; }

void arc4random_buf(void *target, size_t size) { getrandom(target, size, 0); }

ssize_t read(int fd, void *target, size_t size) {
    if (watched(fd)->is_random) return getrandom(target, size, 0);
    GUARDED(watched(fd)->file, READ, syscall(SYS_read, fd, target, size), );
}

ssize_t pread(int fd, void *target, size_t size, off_t offset) {
    GUARDED(watched(fd)->file, READ, syscall(SYS_pread64, fd, target, size, offset), );
}

ssize_t pread64(int fd, void *target, size_t size, off_t offset) {
    return pread(fd, target, size, offset);
}

// A write in one piece, at `offset` or, if that is negative, where the file stands.
static ssize_t write_any(int fd, const void *bytes, size_t size, off_t offset) {
    struct descriptor *it = watched(fd);
    if (!it->file)
        return offset < 0 ? syscall(SYS_write, fd, bytes, size)
                          : syscall(SYS_pwrite64, fd, bytes, size, offset);
    pthread_mutex_lock(&mutex);
    int is_cut = 0;
    ssize_t written = -1;
    if (fails(WRITE)) {
        // A short write tells what it has done; the error comes with the next.
        is_cut = fault.is_short && fault.count == fault.at && size > 1;
    } else {
        is_cut = -1;
    }
    if (is_cut) {
        off_t at = offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset;
        size_t part = is_cut > 0 ? size / 2 : size;
        written = offset < 0 ? syscall(SYS_write, fd, bytes, part)
                             : syscall(SYS_pwrite64, fd, bytes, part, offset);
        if (written > 0 && !it->is_unrecorded) {
            enter(WRITTEN, it->file, (uint64_t)at, (uint64_t)written, bytes, (size_t)written);
            if (it->is_durable) enter(DURABLE, it->file, (uint64_t)at, (uint64_t)written, NULL, 0);
        }
    }
    int code = errno;
    pthread_mutex_unlock(&mutex);
    errno = code;
    return written;
}

ssize_t write(int fd, const void *bytes, size_t size) { return write_any(fd, bytes, size, -1); }

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    return write_any(fd, bytes, size, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset) {
    return write_any(fd, bytes, size, offset);
}

// Nobody here writes in any other way; whoever begins to must not pass unseen.
ssize_t writev(int fd, const struct iovec *pieces, int count) {
    if (watched(fd)->file) abort();
    return syscall(SYS_writev, fd, pieces, count);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset) {
    if (watched(fd)->file) abort();
    return syscall(SYS_pwritev, fd, pieces, count, offset, 0);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t offset) {
    return pwritev(fd, pieces, count, offset);
}

ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t offset, int flags) {
    if (watched(fd)->file) abort();
    return syscall(SYS_pwritev2, fd, pieces, count, offset, 0, flags);
}

ssize_t pwritev64v2(int fd, const struct iovec *pieces, int count, off_t offset, int flags) {
    return pwritev2(fd, pieces, count, offset, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size) {
    if (watched(to)->file) abort();
    return syscall(SYS_sendfile, to, from, offset, size);
}

ssize_t sendfile64(int to, int from, off_t *offset, size_t size) {
    return sendfile(to, from, offset, size);
}

ssize_t copy_file_range(
    int from, off_t *start, int to, off_t *target, size_t size, unsigned flags) {
    if (watched(to)->file) abort();
    return syscall(SYS_copy_file_range, from, start, to, target, size, flags);
}

ssize_t splice(int from, off_t *start, int to, off_t *target, size_t size, unsigned flags) {
    if (watched(to)->file) abort();
    return syscall(SYS_splice, from, start, to, target, size, flags);
}

// ---- Sizes --------------------------------------------------------------------------------------

int ftruncate(int fd, off_t size) {
    struct descriptor *it = watched(fd);
    GUARDED(
        it->file, TRUNCATE, (int)syscall(SYS_ftruncate, fd, size),
        if (!it->is_unrecorded) enter(TRUNCATED, it->file, (uint64_t)size, 0, NULL, 0));
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int truncate(const char *path, off_t size) {
    const char *name = below(path);
    GUARDED(
        name, TRUNCATE, (int)syscall(SYS_truncate, path, size),
        enter(TRUNCATED, known(name), (uint64_t)size, 0, NULL, 0));
}

int truncate64(const char *path, off_t size) { return truncate(path, size); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
    struct descriptor *it = watched(fd);
    GUARDED(
        it->file, ALLOCATE, (int)syscall(SYS_fallocate, fd, mode, offset, length),
        enter(mode & FALLOC_FL_PUNCH_HOLE ? PUNCHED : ALLOCATED, it->file, (uint64_t)offset,
            (uint64_t)length, NULL, 0));
}

int fallocate64(int fd, int mode, off_t offset, off_t length) {
    return fallocate(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    return fallocate(fd, 0, offset, length) ? errno : 0;
}

int posix_fallocate64(int fd, off_t offset, off_t length) {
    return posix_fallocate(fd, offset, length);
}

// ---- Syncing ------------------------------------------------------------------------------------

static int sync_any(int fd, long call) {
    struct descriptor *it = watched(fd);
    if (!it->file) return (int)syscall(call, fd);
    pthread_mutex_lock(&mutex);
    int result = -1;
    if (fails(SYNC)) {
        // The kernel has told the error and calls the pages clean: what they held is gone with the
        // next power cut, whatever a later sync answers.
        enter(SYNC_FAILED, it->file, 0, 0, NULL, 0);
    } else {
        result = (int)syscall(call, fd);
        if (it->is_directory && names[it->file])
            enter(DIRECTORY_SYNCED, it->file, 0, 0, names[it->file], strlen(names[it->file]));
        else if (!it->is_directory)
            enter(SYNCED, it->file, 0, 0, NULL, 0);
    }
    int code = errno;
    pthread_mutex_unlock(&mutex);
    errno = code;
    return result;
}

int fsync(int fd) { return sync_any(fd, SYS_fsync); }

int fdatasync(int fd) { return sync_any(fd, SYS_fdatasync); }

// It promises less than it seems to (sync_file_range(2)); nobody here asks for it.
int sync_file_range(int fd, off_t offset, off_t size, unsigned flags) {
    if (watched(fd)->file) abort();
    return (int)syscall(SYS_sync_file_range, fd, offset, size, flags);
}

int syncfs(int fd) {
    if (watched(fd)->file) abort();
    return (int)syscall(SYS_syncfs, fd);
}

// ---- Names --------------------------------------------------------------------------------------

int rename(const char *from, const char *to) {
    const char *one = below(from), *two = below(to);
    if (!one != !two) abort();
    GUARDED(
        one, NAME, (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0),
        {
            forget(two);
            uint32_t file = file_of(one);
            if (file) {
                free(names[file]);
                names[file] = strdup(two);
            }
            enter_names(RENAMED, one, two);
        });
}

int renameat2(int one, const char *from, int two, const char *to, unsigned flags) {
    if (!below(from) && !below(to))
        return (int)syscall(SYS_renameat2, one, from, two, to, flags);
    if (flags) abort();
    return rename(from, to);
}

int renameat(int one, const char *from, int two, const char *to) {
    return renameat2(one, from, two, to, 0);
}

int link(const char *from, const char *to) {
    const char *one = below(from), *two = below(to);
    if (!one != !two) abort();
    GUARDED(
        one, NAME, (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0),
        enter_names(LINKED, one, two));
}

int unlink(const char *path) {
    const char *name = below(path);
    GUARDED(name, UNLINK, (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0), {
        forget(name);
        if (!is_shared_memory(name)) enter(UNLINKED, 0, 0, 0, name, strlen(name));
    });
}

int linkat(int one, const char *from, int two, const char *to, int flags) {
    if (below(from) || below(to)) abort();
    return (int)syscall(SYS_linkat, one, from, two, to, flags);
}

int symlink(const char *content, const char *path) {
    if (below(path)) abort();
    return (int)syscall(SYS_symlinkat, content, AT_FDCWD, path);
}

int mkdir(const char *path, mode_t mode) {
    const char *name = below(path);
    GUARDED(
        name, NAME, (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode),
        enter(DIRECTORY_MADE, 0, 0, 0, name, strlen(name)));
}

int rmdir(const char *path) {
    const char *name = below(path);
    GUARDED(name, UNLINK, (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR), {
        forget(name);
        enter(DIRECTORY_REMOVED, 0, 0, 0, name, strlen(name));
    });
}

int mkdirat(int directory, const char *path, mode_t mode) {
    return below(path) ? mkdir(path, mode) : (int)syscall(SYS_mkdirat, directory, path, mode);
}

int unlinkat(int directory, const char *path, int flags) {
    if (!below(path)) return (int)syscall(SYS_unlinkat, directory, path, flags);
    return flags & AT_REMOVEDIR ? rmdir(path) : unlink(path);
}

int remove(const char *path) {
    int result = unlink(path);
    return result && errno == EISDIR ? rmdir(path) : result;
}

// ---- Room ---------------------------------------------------------------------------------------

// What the file system of the directory says of itself: that it is as small and as full as the
// program has it say, if it has.
int statvfs(const char *path, struct statvfs *status) {
    static __typeof__(&statvfs) real;
    if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "statvfs");
    int result = real(path, status);
    if (result || !disk_size || !below(path)) return result;
    status->f_blocks = disk_size / status->f_frsize;
    status->f_bfree = status->f_bavail = disk_room / status->f_frsize;
    return 0;
}

int statvfs64(const char *path, struct statvfs64 *status) {
    // One layout where off_t has 64 bits.
    return statvfs(path, (struct statvfs *)status);
}

// ---- The control run ----------------------------------------------------------------------------

// SQLite's own word, another one put in its place: the product needs no switch for it.
int sqlite3_exec(
    void *database, const char *sql, int (*row)(void *, int, char **, char **), void *context,
    char **message) {
    static __typeof__(&sqlite3_exec) real;
    if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, "sqlite3_exec");
    static const char full[] = "synchronous = FULL";
    const char *place = synchronous ? strstr(sql, full) : NULL;
    if (!place) return real(database, sql, row, context, message);
    char *other = malloc(strlen(sql) + strlen(synchronous) + 16);
    if (!other) abort();
    size_t before = (size_t)(place - sql);
    memcpy(other, sql, before);
    strcpy(other + before, "synchronous = ");
    strcat(other, synchronous);
    strcat(other, place + sizeof full - 1);
    int result = real(database, other, row, context, message);
    free(other);
    return result;
}

// ---- What the program calls ---------------------------------------------------------------------

// Watches a directory, named absolutely, and nothing before it: NULL ends it.
void disk_watch(const char *path) {
    pthread_mutex_lock(&mutex);
    for (uint32_t file = 1; file <= files; file++) {
        free(names[file]);
        names[file] = NULL;
    }
    files = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) descriptors[fd].file = 0;
    if (path && strlen(path) >= sizeof root) abort();
    strcpy(root, path ? path : "");
    root_length = strlen(root);
    pthread_mutex_unlock(&mutex);
}

// Begins a new log, with the files that are known already, or ends it; it can be read until the
// next begins.
void disk_record(int begins) {
    pthread_mutex_lock(&mutex);
    if (begins) used = 0;
    is_recording = begins;
    for (uint32_t file = 1; file <= files; file++)
        if (names[file]) enter(OPENED, file, 0, 0, names[file], strlen(names[file]));
    pthread_mutex_unlock(&mutex);
}

const unsigned char *disk_log(size_t *size) {
    *size = used;
    return entries;
}

// Puts the program's own words between the operations.
void disk_note(const char *bytes, size_t size) {
    pthread_mutex_lock(&mutex);
    enter(NOTED, 0, 0, 0, bytes, size);
    pthread_mutex_unlock(&mutex);
}

// Lets the `at`th of these calls fail with `code`, and all after it if `is_forever`; no calls: none.
void disk_fail(unsigned calls, int code, int is_short, int is_forever, uint64_t at) {
    pthread_mutex_lock(&mutex);
    fault.calls = calls;
    fault.code = code;
    fault.is_short = (unsigned)is_short;
    fault.is_forever = (unsigned)is_forever;
    fault.at = at;
    fault.count = fault.fired = 0;
    pthread_mutex_unlock(&mutex);
}

// How many have failed since.
uint64_t disk_failed(void) { return fault.fired; }

// Makes all that is random repeat itself, SQLite's salts included.
void disk_seed(uint64_t value) {
    seed = value;
    void (*reset)(int, void *) = (void (*)(int, void *))dlsym(RTLD_DEFAULT, "sqlite3_randomness");
    if (reset) reset(0, NULL);
}

// What SQLite is told to do instead of `FULL`; NULL: nothing else.
void disk_synchronous(const char *word) { synchronous = word; }

// What the file system says of its size and of what is left, in bytes; no size: what is true.
void disk_free(uint64_t size, uint64_t room) {
    disk_size = size;
    disk_room = room;
}
