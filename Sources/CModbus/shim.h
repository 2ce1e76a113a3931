/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <modbus.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
/* Not in Swift's Glibc module: after time.h, so that timespec stays that module's. */
#include <semaphore.h>

/* In glibc for GNU sources only, so not in Swift's Glibc module. */
extern int pthread_setname_np(pthread_t, const char *);
extern int sem_clockwait(sem_t *, clockid_t, const struct timespec *);
extern int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
extern int posix_openpt(int);
extern int grantpt(int);
extern int unlockpt(int);
extern int ptsname_r(int, char *, size_t);
extern int memfd_create(const char *, unsigned);
enum { MEMORY_CLOEXEC = 1, MEMORY_NOEXEC = 8 };

/* The kernel's termios2, which takes any speed as a number (BOTHER); its own header
   contradicts glibc's termios.h. Layout and requests as in asm-generic: x86, arm, riscv. */
struct serial_settings {
    uint32_t input, output, control, local;
    uint8_t discipline, characters[19];
    uint32_t input_speed, output_speed;
};
enum { SERIAL_GET = 0x802C542A, SERIAL_SET = 0x402C542B, SERIAL_OTHER_SPEED = 0010000 };
