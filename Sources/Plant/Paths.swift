// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Settings

extension Field {
    /// A path; a relative one is taken from the folder of the file it stands in.
    func path() -> String? {
        guard let text = text() else { return nil }
        guard text.utf8.count < PATH_MAX else {
            mistake("\(Field.quote(key)) is longer than a path can be")
            return nil
        }
        if text.hasPrefix("/") { return text }
        guard let slash = findings.file.lastIndex(of: "/") else { return text }
        return findings.file[...slash] + text
    }

    /// The path of a device: never relative, because what is meant lies in /dev.
    func devicePath() -> String? {
        guard let path = path(), let text = text() else { return nil }
        guard text == path else {
            mistake("\(Field.quote(key)) must be a path from /", suggestion: "/dev/\(text)")
            return nil
        }
        return path
    }

    /// Notes what is missing on this box: the text is judged elsewhere.
    func noteUnlessFile(_ path: String) {
        if access(path, F_OK) != 0 { note("\(path) is not on this box") }
    }

    func noteUnlessDirectory(_ path: String) {
        findings.noteUnlessDirectory(path, at: place)
    }

    func noteUnlessCharacterDevice(_ path: String) {
        switch FileKind.of(path) {
        case nil: note("\(path) is not on this box")
        case .characterDevice: break
        default: note("\(path) is no character device on this box")
        }
    }

    private func note(_ message: String) {
        findings.note(at: place, message)
    }
}

extension Findings {
    func noteUnlessDirectory(_ path: String, at place: Place) {
        switch FileKind.of(path) {
        case nil: note(at: place, "\(path) is not on this box")
        case .directory: break
        default: note(at: place, "\(path) is no directory on this box")
        }
    }
}

/// What lies under a path, links followed.
enum FileKind {
    case directory, characterDevice, other

    /// `nil` if there is nothing, or nothing that we may see.
    static func of(_ path: String) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFCHR: return .characterDevice
        default: return .other
        }
    }
}
