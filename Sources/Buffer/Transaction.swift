// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Everything in `body`, or nothing.
    func transaction<Result>(
        _ body: () throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        try enclosed("BEGIN IMMEDIATE", body)
    }

    /// Everything in `body` sees one state of the database.
    func snapshot<Result>(
        _ body: () throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        try enclosed("BEGIN", body)
    }

    private func enclosed<Result>(
        _ begin: String, _ body: () throws(BufferError) -> Result
    ) throws(BufferError) -> Result {
        do {
            try run(begin)
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // BEGIN and COMMIT can fail and be done all the same, and some errors have rolled
            // back already: SQLite knows.
            if isInTransaction { try run("ROLLBACK") }
            throw error
        }
    }
}
