// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A text file of the repository, by its path from the root.
struct TextFile: Sendable {
    let path: String
    let lines: [String]
    /// Of a Swift file: its lines without comments and the insides of strings.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = path.hasSuffix(".swift") ? codeLines(of: text) : []
    }

    var text: String { lines.joined(separator: "\n") }
    var name: Substring { path.split(separator: "/").last ?? "" }

    func hasSuffix(_ suffixes: String...) -> Bool { suffixes.contains { path.hasSuffix($0) } }
}

/// The working copy that these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What builds and tools leave behind; everything else that is text is ours.
    private static let leftBehind: Set<String> = [
        ".git", ".build", ".venv", ".swiftpm", "__pycache__", ".pytest_cache", "Package.resolved",
    ]

    /// Every text file, in a stable order.
    static let files: [TextFile] = paths(below: "").compactMap { path in
        // A file that is no text (or went away meanwhile) has nothing to be tidy about.
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8)
        else { return nil }
        return TextFile(path: path, text: text)
    }

    static let swift = files.filter { $0.hasSuffix(".swift") }
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") }

    static func text(_ path: String) -> String {
        files.first { $0.path == path }?.text ?? ""
    }

    /// The names in a folder; empty where there is none.
    static func folder(_ path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: path).path(percentEncoded: false))
        return (names ?? []).sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        (try? root.appending(path: path).resourceValues(forKeys: [.isDirectoryKey]))?
            .isDirectory == true
    }

    private static func paths(below path: String) -> [String] {
        folder(path).filter { !isLeftBehind($0) }.flatMap { name in
            let child = path.isEmpty ? name : "\(path)/\(name)"
            return isFolder(child) ? paths(below: child) : [child]
        }
    }

    private static func isLeftBehind(_ name: String) -> Bool {
        leftBehind.contains(name) || name.hasPrefix(".build-")
    }
}
