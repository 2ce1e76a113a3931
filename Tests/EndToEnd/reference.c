// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0
//
// The least that a program on libmodbus can do, to hold the gateway's costs against (`scale.py`).
//
//     reference CONNECTIONS PORT GROUP [DATABASE]
//
// A thread for each device at 127.1.x.y:PORT asks for 100 holding registers once a second, on a
// grid, and throws the answer away. The devices are spread over the second, in groups of GROUP
// that are asked together, 1: each at a moment of its own. With DATABASE each answer
// is kept as one row in SQLite, a time and 200 bytes, in one transaction every 100 ms that is on
// disk when it ends: the leanest gateway. It decodes, names and compresses nothing, and there is
// no way to get at what it keeps. It runs until it is killed.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <modbus.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REGISTERS = 100, PERIOD = 1000000000, COMMIT = 100000 };

struct poll {
    struct poll *next;
    int device;
    int64_t milliseconds;
    uint16_t words[REGISTERS];
};

static int connections, port, group, keeps;
static struct timespec start;
static struct poll *polls, **last = &polls;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void keep(int device, const uint16_t *words) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct poll *poll = malloc(sizeof *poll);
    if (!poll) abort();
    poll->next = NULL;
    poll->device = device;
    poll->milliseconds = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
    memcpy(poll->words, words, sizeof poll->words);
    pthread_mutex_lock(&mutex);
    *last = poll;
    last = &poll->next;
    pthread_mutex_unlock(&mutex);
}

static void *ask(void *argument) {
    int device = (int)(intptr_t)argument;
    char address[INET_ADDRSTRLEN];
    snprintf(address, sizeof address, "127.1.%d.%d", device / 250, device % 250 + 1);
    modbus_t *context = modbus_new_tcp(address, port);
    modbus_set_response_timeout(context, 1, 0);
    modbus_set_slave(context, 1);
    uint16_t words[REGISTERS];
    int is_connected = 0;
    int64_t due = (int64_t)PERIOD * (device - device % group) / connections;
    for (;; due += PERIOD) {
        int64_t instant = start.tv_nsec + due;
        struct timespec until = {start.tv_sec + instant / PERIOD, instant % PERIOD};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        if (!is_connected && modbus_connect(context) != 0) continue;
        is_connected = modbus_read_registers(context, 0, REGISTERS, words) == REGISTERS;
        if (!is_connected) modbus_close(context);
        else if (keeps) keep(device, words);
    }
    return NULL;
}

static void write_down(sqlite3 *database) {
    sqlite3_exec(database,
        "pragma journal_mode=wal; pragma synchronous=full;"
        "create table poll(id integer primary key, device integer, time integer, words blob)",
        NULL, NULL, NULL);
    sqlite3_stmt *insert;
    if (sqlite3_prepare_v2(database, "insert into poll values(null, ?, ?, ?)", -1, &insert, NULL))
        exit(1);
    for (;; usleep(COMMIT)) {
        pthread_mutex_lock(&mutex);
        struct poll *poll = polls;
        polls = NULL;
        last = &polls;
        pthread_mutex_unlock(&mutex);
        if (!poll) continue;
        sqlite3_exec(database, "begin immediate", NULL, NULL, NULL);
        while (poll) {
            sqlite3_bind_int(insert, 1, poll->device);
            sqlite3_bind_int64(insert, 2, poll->milliseconds);
            sqlite3_bind_blob(insert, 3, poll->words, sizeof poll->words, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE) exit(1);
            sqlite3_reset(insert);
            struct poll *done = poll;
            poll = poll->next;
            free(done);
        }
        if (sqlite3_exec(database, "commit", NULL, NULL, NULL) != SQLITE_OK) exit(1);
    }
}

int main(int count, char **arguments) {
    if (count < 4 || (group = atoi(arguments[3])) < 1) return 64;
    connections = atoi(arguments[1]);
    port = atoi(arguments[2]);
    keeps = count > 4;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * 1024);
    for (int device = 0; device < connections; device++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, ask, (void *)(intptr_t)device)) return 1;
    }
    sqlite3 *database;
    if (!keeps) pause();
    else if (sqlite3_open(arguments[4], &database) == SQLITE_OK) write_down(database);
    return 1;
}
