/* SPDX-FileCopyrightText: 2026 The Millpond authors
   SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sqlite3.h>
#include <sys/types.h>

/* What Swift cannot import: the variadic sqlite3_db_config, the cast in SQLITE_TRANSIENT, and what
   Glibc's module leaves out because it is Linux' own. */

/* fallocate(2) for the files that SQLite writes: their room beforehand, their length as it is. */
extern int fallocate(int file, int mode, off_t offset, off_t length);

static inline int millpond_allocate(int file, off_t length) {
    return fallocate(file, 1 /* FALLOC_FL_KEEP_SIZE */, 0, length);
}

/* Gives a part of a file back to its file system; its length stays. */
static inline int millpond_punch_hole(int file, off_t offset, off_t length) {
    return fallocate(file, 1 | 2 /* FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE */, offset, length);
}

/* Whether a connection checkpoints as it closes: only a writer that believes its log may. */
static inline int millpond_checkpoint_on_close(sqlite3 *database, int does) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !does, (int *)0);
}

static inline int millpond_bind_text(
    sqlite3_stmt *statement, int index, const char *text, int length) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int millpond_bind_blob(
    sqlite3_stmt *statement, int index, const void *bytes, int length) {
    return sqlite3_bind_blob(statement, index, bytes, length, SQLITE_TRANSIENT);
}
