// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0
//
// The least that a program on SQLite can do to keep readings, to hold the buffer's costs against
// (`SpeedBenchmark.swift` of BufferTests runs it).
//
//     rows READINGS DATABASE COMMIT
//
// READINGS is a file of `struct reading`. Each becomes a row of its own (time, signal, value,
// quality) without an index, in transactions of COMMIT rows that are on disk when they end. It has
// no names, no units, no seal, no loss that is told, and nobody to read it. Prints: nanoseconds of
// wall time and of CPU, bytes of the database at the end, bytes written to storage.

#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

struct reading {
    int64_t time;
    int32_t signal;
    int32_t quality;
    double value;
};

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/// What this process has caused to be written to storage (proc(5), /proc/pid/io).
static long long written(void) {
    long long bytes = 0;
    char line[128];
    FILE *file = fopen("/proc/self/io", "r");
    while (file && fgets(line, sizeof line, file)) sscanf(line, "write_bytes: %lld", &bytes);
    if (file) fclose(file);
    return bytes;
}

static void run(sqlite3 *database, const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
    exit(1);
}

int main(int count, char **arguments) {
    if (count != 4) return 64;
    struct stat facts;
    int file = open(arguments[1], O_RDONLY);
    if (file < 0 || fstat(file, &facts) != 0) return 66;
    const struct reading *readings =
        mmap(NULL, facts.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (readings == MAP_FAILED) return 66;
    size_t all = facts.st_size / sizeof *readings, commit = strtoul(arguments[3], NULL, 10);
    sqlite3 *database;
    sqlite3_stmt *insert;
    if (commit < 1 || sqlite3_open(arguments[2], &database) != SQLITE_OK) return 73;
    run(database, "pragma journal_mode=wal");
    run(database, "pragma synchronous=full");
    run(database, "create table reading(time integer, signal integer, value real, quality integer)");
    if (sqlite3_prepare_v2(
            database, "insert into reading values(?, ?, ?, ?)", -1, &insert, NULL) != SQLITE_OK)
        return 1;
    int64_t began = now(CLOCK_MONOTONIC), worked = now(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t next = 0; next < all;) {
        run(database, "begin immediate");
        for (size_t end = next + commit; next < all && next < end; next++) {
            sqlite3_bind_int64(insert, 1, readings[next].time);
            sqlite3_bind_int(insert, 2, readings[next].signal);
            sqlite3_bind_double(insert, 3, readings[next].value);
            sqlite3_bind_int(insert, 4, readings[next].quality);
            if (sqlite3_step(insert) != SQLITE_DONE) return 1;
            sqlite3_reset(insert);
        }
        run(database, "commit");
    }
    int64_t wall = now(CLOCK_MONOTONIC) - began;
    int64_t cpu = now(CLOCK_PROCESS_CPUTIME_ID) - worked;
    sqlite3_finalize(insert);
    if (sqlite3_close(database) != SQLITE_OK || stat(arguments[2], &facts) != 0) return 1;
    printf("%lld %lld %lld %lld\n", (long long)wall, (long long)cpu, (long long)facts.st_size, written());
    return 0;
}
