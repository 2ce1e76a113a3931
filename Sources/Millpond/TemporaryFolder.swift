// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A folder of its own under `$TMPDIR`, for what need not outlive a restart of the box.
enum TemporaryFolder {
    /// Makes it (mkdtemp(3)); exits 73 with a sentence if it cannot.
    static func make(named name: String) throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            Terminal.say(
                "cannot make a folder in \(parent): \(ErrorText.text(ofErrno: errno))")
            throw Sysexits.cannotCreate
        }
        return String(decoding: template.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
}
