// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Buffer

/// A directory looked at from outside.
@Suite(.conserving) struct SurveyTests {
    private let scratch: Scratch
    private let directory: BufferDirectory

    init() throws {
        scratch = try Scratch()
        directory = BufferDirectory(path: scratch.settings().directory)
    }

    private var survey: Survey { Survey(of: directory.path) }

    @Test func `a buffer in use is seen as it is, and left as it is`() async throws {
        let buffer = try BatchBuffer(scratch.settings())
        #expect(survey.content == .ours && survey.mark == .sound && survey.isHeld)
        #expect(survey.quarantine == 0 && survey.taken > 0 && survey.hasNames)
        await buffer.close()
        let before = FileSystem.names(in: directory.path).sorted()
        #expect(!survey.isHeld)
        #expect(FileSystem.names(in: directory.path).sorted() == before)
    }

    @Test func `what is wrong with it is told apart`() async throws {
        await (try BatchBuffer(scratch.settings())).close()
        let mark = try #require(File.bytes(of: directory.mark, most: 4_096))
        try write([UInt8](repeating: 7, count: mark.count), to: directory.mark)
        #expect(survey.mark == .damaged)
        unlink(directory.mark)
        #expect(survey.mark == .absent)
        try write(Array("something else".utf8), to: directory.database)
        #expect(survey.content == .foreign)
    }

    @Test func `how long a write takes is measured, and nothing is left of it`() throws {
        let times = try #require(FileSystem.syncs(in: scratch.path, count: 3))
        #expect(times.count == 3 && times.allSatisfy { $0 > .zero })
        #expect(FileSystem.names(in: scratch.path) == [])
        #expect(FileSystem.syncs(in: "/nowhere", count: 1) == nil)
    }
}
