/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0

   Stands in front of the C library's wall clock, so that a test can set it while a process runs
   (clock_gettime(2), gettimeofday(2), time(2)), and of adjtimex(2), so that it can be synchronised
   or not. The file that CLOCK names says both and is read at every call: how many milliseconds the
   clock is off, and whether the kernel believes it, 8 bytes each. Other clocks go on as they are. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct setting {
    int64_t off;
    int64_t believed;
};
static const volatile struct setting *setting;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *setting, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) setting = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(clock, now);
    int isWall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (result != 0 || !isWall || !setting) return result;
    int64_t nanoseconds = now->tv_nsec + setting->off % 1000 * 1000000;
    now->tv_sec += setting->off / 1000 + (nanoseconds >= 1000000000) - (nanoseconds < 0);
    now->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time;
    int result = clock_gettime(CLOCK_REALTIME, &time);
    (void)zone;
    *now = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int adjtimex(struct timex *query)
{
    int isBelieved = setting && setting->believed;
    memset(query, 0, sizeof *query);
    query->status = isBelieved ? 0 : STA_UNSYNC;
    return isBelieved ? TIME_OK : TIME_ERROR;
}
