// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Makes of a buffer what the first Millpond would have left of it after a crash: schema 1, no mark
/// and no reserve, and the last thing that was done in the log alone.
enum FirstSchema {
    /// A consumer that the log knows, and the database does not.
    static let consumer = "mes"

    private static let script = """
        PRAGMA wal_autocheckpoint = 0;
        DROP TRIGGER batch_came; DROP TRIGGER batch_left; DROP TABLE ended; DROP TABLE tally;
        ALTER TABLE batch DROP COLUMN transitions; ALTER TABLE batch DROP COLUMN elapsed_ms;
        ALTER TABLE batch DROP COLUMN gathered_ms; ALTER TABLE consumer DROP COLUMN digest;
        PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE);
        INSERT INTO consumer VALUES ('\(consumer)', 0);
        .shell mkdir as-it-was && cp millpond.db millpond.db-wal as-it-was
        """

    /// The directory's buffer is closed, and of the present schema.
    static func takeBack(_ directory: String) throws(TortureError) {
        let command = """
            cd '\(directory)' && sqlite3 -bail millpond.db >/dev/null <<'.' \
            && rm -f millpond.* && mv as-it-was/* . && rmdir as-it-was
            \(script)
            .
            """
        guard system(command) == 0 else { throw .usage("this needs sqlite3") }
    }
}
