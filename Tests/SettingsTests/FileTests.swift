// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Settings
import Testing

/// What can lie under the path of a settings file; nothing of it may crash, block or be swallowed.
@Suite struct FileTests {
    @Test func `a file that is not there`() {
        #expect(told("/nonexistent/m.yaml") == ["1:1: cannot be read: there is no such file"])
    }

    @Test func `a directory`() {
        #expect(told("/tmp") == ["1:1: is a directory, not a file"])
    }

    @Test func `a device without an end`() {
        #expect(told("/dev/zero") == ["1:1: is not a regular file"])
    }

    @Test func `a hundred megabytes are refused unread`() throws {
        let path = try Scratch.file(bytes: [])
        defer { unlink(path) }
        #expect(truncate(path, 100 << 20) == 0)
        #expect(
            told(path) == [
                "1:1: the file has 104857600 bytes; a settings file has at most 1048576"
            ])
    }

    @Test func `the largest file allowed is read`() throws {
        let text = "a: 1\n#" + String(repeating: "x", count: Document.byteLimit - 6)
        let path = try Scratch.file(bytes: Array(text.utf8))
        defer { unlink(path) }
        #expect(text.utf8.count == Document.byteLimit)
        #expect(told(path).isEmpty)
    }

    @Test func `a pipe that nobody writes to`() throws {
        let path = try Scratch.file(bytes: [])
        unlink(path)
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(told(path) == ["1:1: the file is empty"])
    }

    @Test func `bytes that are no text`() throws {
        let path = try Scratch.file(bytes: [0x61, 0x3A, 0x20, 0x31, 0x0A, 0xC3, 0x28])
        defer { unlink(path) }
        #expect(told(path) == ["2:1: the byte 0xC3 is not UTF-8"])
    }

    @Test func `a program instead of a text`() {
        #expect(told("/proc/self/exe").count == 1)
    }

    @Test(arguments: [[0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61]] as [[UInt8]])
    func `UTF-16 is named`(bytes: [UInt8]) throws {
        let path = try Scratch.file(bytes: bytes)
        defer { unlink(path) }
        #expect(told(path) == ["1:1: this is UTF-16; save the file as UTF-8"])
    }

    private func told(_ path: String) -> [String] {
        let findings = Findings(file: path)
        _ = Document.read(into: findings)
        return findings.mistakes.map { String($0.description.dropFirst(path.count + 1)) }
    }
}

private enum Scratch {
    struct Failure: Error {}

    /// A new file in /tmp; whoever asks for it removes it.
    static func file(bytes: [UInt8]) throws -> String {
        var template = Array("/tmp/millpond-settings-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Failure() }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure() }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
