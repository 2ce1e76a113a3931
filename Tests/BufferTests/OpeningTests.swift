// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Glibc
import Testing

@testable import Buffer

/// What a directory can be before it is ours, and what becomes of it.
@Suite(.conserving) struct OpeningTests {
    @Test func `a second opener is refused, and the first goes on`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings()
        let buffer = try BatchBuffer(settings)
        #expect(throws: BufferError.locked(directory: settings.directory)) {
            try BatchBuffer(settings)
        }
        try await buffer.seal(1)
        await buffer.close()
        let next = try BatchBuffer(settings)
        #expect(next.newest == 1)
        await next.close()
    }

    @Test func `a buffer that is dropped lets its directory go`() async throws {
        let scratch = try Scratch()
        let settings = scratch.settings()
        _ = try BatchBuffer(settings)
        // Its threads leave on their own; whoever comes too early is told that it is locked.
        while true {
            do throws(BufferError) {
                let next = try BatchBuffer(settings)
                return await next.close()
            } catch {
                guard case .locked = error else { throw error }
                await Task.yield()
            }
        }
    }

    @Test(arguments: [
        ("another program's database", "CREATE TABLE t(x)"),
        ("a database with another's id", "PRAGMA application_id = 7; CREATE TABLE t(x)"),
    ])
    func `a foreign database is refused untouched`(name: String, sql: String) throws {
        let scratch = try Scratch()
        let directory = scratch.path + "/buffer"
        _ = try shell("mkdir '\(directory)' && sqlite3 '\(directory)/millpond.db' '\(sql)'")
        try Self.expect(.foreign, scratch)
    }

    @Test func `a file that is no database is refused untouched`() throws {
        let scratch = try Scratch()
        _ = try shell("mkdir '\(scratch.path)/buffer'")
        try write(Array("my notes\n".utf8), to: scratch.path + "/buffer/millpond.db")
        try Self.expect(.foreign, scratch)
    }

    /// Even where the mark says that a buffer of ours was there: whose it is stands in the file.
    @Test(arguments: ["CREATE TABLE t(x)", "PRAGMA application_id = 7; CREATE TABLE meta(epoch)"])
    func `another program's database beside our mark is refused untouched`(
        sql: String
    ) async throws {
        let scratch = try Scratch()
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.seal(3)
        await buffer.close()
        _ = try shell(
            "cd '\(scratch.path)/buffer' && rm millpond.db millpond.lock && sqlite3 millpond.db '\(sql)'"
        )
        try Self.expect(.foreign, scratch)
        Books.tampered(scratch.settings().directory)
    }

    @Test func `what others put into quarantine stays there`() async throws {
        let scratch = try Scratch()
        let directory = BufferDirectory(path: scratch.settings().directory)
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.seal(3)
        await buffer.close()
        let theirs = ["notes", "evidence/theirs", "abcdefgh"]
        _ = try shell(
            """
            cd '\(directory.path)' && mkdir -p quarantine/evidence && cd quarantine \
            && touch \(theirs.joined(separator: " ")) && cd .. \
            && head -c 20000000 /dev/urandom > quarantine/evidence/millpond.db \
            && head -c 2000 /dev/urandom > millpond.db
            """)
        let again = try BatchBuffer(scratch.settings())
        try await again.isSalvaged()
        await again.close()
        for path in theirs {
            let there = try shell("ls '\(directory.quarantine)/\(path)'")
            #expect(there.contains(path), "\(path)")
        }
        #expect(BufferDirectory.size(of: directory.quarantine + "/evidence/millpond.db") == 0)
    }

    @Test func `a newer schema is refused untouched`() async throws {
        let scratch = try Scratch()
        await (try BatchBuffer(scratch.settings())).close()
        _ = try shell(
            """
            cd '\(scratch.path)/buffer' && rm millpond.lock && sqlite3 millpond.db \
            'PRAGMA user_version = 3; PRAGMA journal_mode = DELETE'
            """)
        try Self.expect(.newerSchema(3), scratch)
    }

    /// Refused for `reason`, with every byte and name in the directory as before.
    private static func expect(_ reason: BufferError.Unusable, _ scratch: Scratch) throws {
        let directory = scratch.path + "/buffer"
        let before = try shell("cd '\(directory)' && sha256sum * && stat -c '%n %Y' *")
        let error = BufferError.unusable(path: directory + "/millpond.db", reason: reason)
        #expect(throws: error) { try BatchBuffer(scratch.settings()) }
        #expect(throws: error) { try OfflineBuffer(directory: directory) }
        #expect(try shell("cd '\(directory)' && sha256sum * && stat -c '%n %Y' *") == before)
    }

    @Test func `what cannot be a directory is refused with a fact`() throws {
        let scratch = try Scratch()
        try write([1], to: scratch.path + "/file")
        var settings = scratch.settings()
        settings.directory = scratch.path + "/file"
        #expect(
            throws: BufferError.unusable(path: settings.directory, reason: .notADirectory)
        ) { try BatchBuffer(settings) }
        settings.directory = scratch.path + "/none/buffer"
        #expect(
            throws: BufferError.unusable(path: settings.directory, reason: .errno(ENOENT))
        ) { try BatchBuffer(settings) }
        // Even root may not write there.
        settings.directory = "/proc/self"
        #expect(
            throws: BufferError.unusable(
                path: "/proc/self/millpond.lock", reason: .errno(ENOENT))
        ) { try BatchBuffer(settings) }
    }

    /// A FIFO that nobody writes to would hold its opener for ever.
    @Test(
        arguments: ["mkfifo", "mkdir", "ln -s ../theirs"],
        ["millpond.db", "millpond.mark", "millpond.reserve", "millpond.lock"])
    func `what is no file in a file's place is refused untouched`(
        making: String, name: String
    ) throws {
        guard making != "ln -s ../theirs" || name != "millpond.db" else { return }
        let scratch = try Scratch()
        let directory = BufferDirectory(path: scratch.settings().directory)
        let path = "\(directory.path)/\(name)"
        _ = try shell(
            "cd '\(scratch.path)' && echo theirs > theirs && mkdir buffer && \(making) '\(path)'")
        let error = BufferError.unusable(path: path, reason: .notAFile)
        #expect(throws: error) { try BatchBuffer(scratch.settings()) }
        #expect(throws: error) { try OfflineBuffer(directory: directory.path) }
        _ = Survey(of: directory.path)
        let reserve = Reserve(path: path, limit: 1 << 20, disk: nil)
        #expect(!reserve.take())
        reserve.release()
        #expect(FileSystem.names(in: directory.path) == [name])
        #expect(try shell("cat '\(scratch.path)/theirs'") == "theirs\n")
    }

    @Test func `the directory may be a link`() async throws {
        let scratch = try Scratch()
        _ = try shell("cd '\(scratch.path)' && mkdir real && ln -s real buffer")
        let buffer = try BatchBuffer(scratch.settings())
        try await buffer.seal(1)
        await buffer.close()
        #expect(try OfflineBuffer(directory: scratch.settings().directory).verify().isSound)
    }

    @Test func `the directory is made for the owner and the group`() async throws {
        let scratch = try Scratch()
        await (try BatchBuffer(scratch.settings())).close()
        let mode = try shell("stat -c %a '\(scratch.path)/buffer'")
        #expect(mode == "750\n")
    }

    @Test func `the database is set up as it must be`() async throws {
        let scratch = try Scratch()
        let store = try Store(scratch.settings(limit: 8 << 20), boot: "")
        let database = store.database
        #expect(try database.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
        #expect(try database.pragma("synchronous") == 2)
        #expect(try database.pragma("secure_delete") == 0)
        #expect(try database.pragma("auto_vacuum") == 2)
        #expect(try database.pragma("page_size") == Store.pageSize)
        #expect(try database.pragma("max_page_count") == 8 << 20 / Store.pageSize)
        #expect(try database.pragma("cell_size_check") == 1)
        #expect(try database.pragma("trusted_schema") == 0)
        #expect(try database.pragma("mmap_size") == 0)
    }
}
