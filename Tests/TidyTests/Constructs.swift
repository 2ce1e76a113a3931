// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Something that Swift allows and this project does not, with the reason.
struct BannedConstruct: Sendable {
    var name: String
    /// What its line holds, whatever else; then the pattern decides.
    var word: String
    var pattern: (@Sendable (String) -> Bool)?
    /// Whether tests must do without it too.
    var holdsForTests = true

    func isIn(_ line: String) -> Bool {
        line.contains(word) && pattern?(line) != false
    }

    static let all = [
        // Errors are handled or returned; a trap on a device's nonsense would stop the plant's data.
        BannedConstruct(name: "try!", word: "try!"),
        BannedConstruct(name: "as!", word: " as!"),
        BannedConstruct(name: "fatalError", word: "fatalError("),
        // The compiler proves what is shared, or somebody else does in the list of exceptions.
        BannedConstruct(name: "@unchecked Sendable", word: "@unchecked"),
        BannedConstruct(name: "nonisolated(unsafe)", word: "nonisolated(unsafe)"),
        BannedConstruct(name: "DispatchQueue", word: "DispatchQueue"),
        // Only Services.swift knows what runs, and ends it.
        BannedConstruct(
            name: "unstructured Task", word: "Task",
            pattern: { $0.contains(/\bTask(\.detached)?(\([^)]*\))?\s*\{/) }, holdsForTests: false),
        // Time comes in as `now`, or from a clock that a test can hold.
        BannedConstruct(
            name: "the wall clock by Date", word: "Date",
            pattern: { $0.contains(/\bDate\(\)|\bDate\.now\b/) }, holdsForTests: false),
        // Foundation brings ICU, 44 MB of it; FoundationEssentials has what is needed.
        BannedConstruct(
            name: "import Foundation", word: "import",
            pattern: { $0.contains(/\bimport\s+(\w+\s+)?Foundation\s*$/) }, holdsForTests: false),
        // There is no API beyond this package.
        BannedConstruct(
            name: "public", word: "public",
            pattern: { $0.contains(/^\s*(@\w+\s+)*(public|open)\s/) }),
    ]

    /// Notes to oneself, looked for in comments too.
    static let unfinished = ["TO" + "DO", "FIX" + "ME"]
}

/// A place that needs a banned construct, and why it is right there.
struct ProvenException: Sendable {
    var path: String
    var construct: String
    var proof: String
}

/// `construct` of each place that has one and no proof, as `path:line: construct`.
func findConstructs(_ file: TextFile, exceptions: [ProvenException]) -> [String] {
    let isTest = file.path.hasPrefix("Tests/")
    let banned = BannedConstruct.all.filter { !isTest || $0.holdsForTests }
        .filter { construct in
            !exceptions.contains { $0.path == file.path && $0.construct == construct.name }
        }
    let inCode = file.code.enumerated().flatMap { number, line in
        banned.filter { $0.isIn(line) }.map { "\(file.path):\(number + 1): \($0.name)" }
    }
    let notes = file.lines.enumerated()
        .filter { line in BannedConstruct.unfinished.contains { line.element.contains($0) } }
        .map { "\(file.path):\($0.offset + 1): unfinished" }
    return inCode + notes
}

/// Exceptions that nothing needs any more: they would hide the next one.
func findStale(_ exceptions: [ProvenException], in files: [TextFile]) -> [String] {
    exceptions.filter { exception in
        guard let file = files.first(where: { $0.path == exception.path }) else { return true }
        return !findConstructs(file, exceptions: []).contains {
            $0.hasSuffix(": \(exception.construct)")
        }
    }.map { "\($0.path): needs no exception for \($0.construct)" }
}
