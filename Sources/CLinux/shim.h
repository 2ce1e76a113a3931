/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <malloc.h> /* neither is in Swift's Glibc module */
#include <sys/timex.h>
#include <time.h>

/* Whose `timespec` Swift sees where several C modules have one depends on which was loaded first;
   so it is not shown at all. */

/* Microseconds of CLOCK_MONOTONIC (clock_gettime(2)). */
static inline long long monotonic_microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

/* Milliseconds of CLOCK_REALTIME since 1970. */
static inline long long wall_milliseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}
