/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0

   Stands in front of the C library's reads: a sector of one file cannot be read, for ever, under
   whatever name. BAD_SECTOR says which: "inode:sector". A read that begins before it ends before
   it, as the kernel's does; writes pass, as a disk maps a bad sector elsewhere when it is written,
   but what is asked here is what happens until then. */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR 512

static unsigned long long inode;
static off_t place = -1;

__attribute__((constructor)) static void begin(void)
{
    const char *which = getenv("BAD_SECTOR");
    unsigned long long sector = 0;
    if (which && sscanf(which, "%llu:%llu", &inode, &sector) == 2) place = (off_t)sector * SECTOR;
}

/* How much of a read can be had; 0 if none. */
static size_t readable(int file, size_t size, off_t offset)
{
    struct stat status;
    if (place < 0 || offset >= place + SECTOR || offset + (off_t)size <= place) return size;
    if (fstat(file, &status) || status.st_ino != inode || status.st_size <= place) return size;
    return offset < place ? (size_t)(place - offset) : 0;
}

ssize_t pread(int file, void *target, size_t size, off_t offset)
{
    size_t part = size ? readable(file, size, offset) : 0;
    if (size && !part) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, file, target, part, offset);
}

ssize_t pread64(int file, void *target, size_t size, off_t offset)
{
    return pread(file, target, size, offset);
}

ssize_t read(int file, void *target, size_t size)
{
    off_t offset = place < 0 ? -1 : lseek(file, 0, SEEK_CUR);
    size_t part = size && offset >= 0 ? readable(file, size, offset) : size;
    if (size && !part) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_read, file, target, part);
}
