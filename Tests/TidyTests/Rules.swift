// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// Each rule is a function from text to findings, `path:line: what is wrong`; none touches a disk.

/// Half of what a reader takes in at a sitting; a good file has a quarter.
let longestFile = 400

func findTooLong(_ file: TextFile) -> [String] {
    let count = file.lines.count - 1
    return count > longestFile ? ["\(file.path): \(count) lines; split it by concern"] : []
}

/// The two lines that open every file which can hold a comment, after what must come first.
func findMissingHeader(_ file: TextFile) -> [String] {
    let opening = file.lines.prefix(3).joined(separator: "\n")
    let isComplete =
        opening.contains("SPDX-FileCopyrightText: 2026 The Millpond authors")
        && opening.contains("SPDX-License-Identifier: Apache-2.0")
    return isComplete ? [] : ["\(file.path): no SPDX header"]
}

/// Words that name nothing in the plant.
private let emptyWords: Set<String> = [
    "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Manager", "Common", "Base",
    "Impl", "Info",
]

func findEmptyNames(_ file: TextFile) -> [String] {
    let stem = file.name.split(separator: ".").first.map(String.init) ?? ""
    var findings = words(of: stem).filter(emptyWords.contains)
        .map { "\(file.path): \($0) names nothing in the plant" }
    let declaration = /\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/
    for (number, line) in file.code.enumerated() {
        guard emptyWords.contains(where: line.contains) else { continue }
        guard let match = line.firstMatch(of: declaration) else { continue }
        findings += words(of: String(match.1)).filter(emptyWords.contains)
            .map { "\(file.path):\(number + 1): \($0) names nothing in the plant" }
    }
    return findings
}

/// `HTTPServerBase` → HTTP, Server, Base.
private func words(of name: String) -> [String] {
    name.matches(of: /[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/).map { String($0.0) }
}

/// A unit test that opens a buffer has its books audited: it does so in a place that `Books` knows.
func findUnaudited(_ file: TextFile) -> [String] {
    let folder = file.path.split(separator: "/").dropLast().last ?? ""
    guard folder.hasSuffix("Tests"), !file.code.contains(where: mentionsBooks) else { return [] }
    return file.code.enumerated().filter { $0.element.contains("BatchBuffer(") }
        .map { "\(file.path):\($0.offset + 1): a buffer whose books nobody audits" }
}

private func mentionsBooks(_ line: String) -> Bool {
    line.contains("Scratch(") || line.contains("Books.")
}

/// Paths of the machine that something was built on: they mean nothing anywhere else.
func findMachinePaths(_ file: TextFile) -> [String] {
    let roots = ["work", "home", "root"].map { "/\($0)/" }
    return file.lines.enumerated().flatMap { number, line in
        roots.filter { line.contains($0) }.map { "\(file.path):\(number + 1): \($0)" }
    }
}

/// A `package` type, function or initialiser says what it is in a comment of its own.
///
/// Stored properties, cases and memberwise initialisers are told by their type, operators by what
/// they are, and what fulfils a protocol in an extension for it by the protocol.
func findUndocumented(_ file: TextFile) -> [String] {
    let declaration =
        /^\s*(?:@\w+(?:\([^)]*\))?\s+)*package\s+(?:(?:static|final|mutating|nonmutating|nonisolated|consuming|borrowing|indirect|convenience|required|override)\s+)*(struct|class|enum|actor|protocol|typealias|func|subscript|init)\b\s*(\S*)/
    return file.code.indices.compactMap { index in
        guard file.code[index].contains("package ") else { return nil }
        guard let match = file.code[index].firstMatch(of: declaration) else { return nil }
        let isOperator = match.1 == "func" && match.2.first?.isLetter == false
        if isOperator && match.2.first != "`" || isDocumented(file.lines, index) { return nil }
        if (match.1 == "func" || match.1 == "init") && fulfilsProtocol(file.code, index) {
            return nil
        }
        if match.1 == "init", isMemberwise(file.code[index...]) { return nil }
        return "\(file.path):\(index + 1): a `package` \(match.1) without a comment"
    }
}

/// Whether what stands around the line is `extension Some: Conformance {`.
private func fulfilsProtocol(_ code: [String], _ declaration: Int) -> Bool {
    let margin = code[declaration].prefix(while: \.isWhitespace).count
    let around = code[..<declaration].last {
        !$0.isEmpty && $0.prefix(while: \.isWhitespace).count < margin && !$0.hasPrefix(")")
    }
    return around?.contains(/^\s*(package\s+)?extension [\w.]+\s*:/) == true
}

private func isDocumented(_ lines: [String], _ declaration: Int) -> Bool {
    let above = lines[..<declaration].reversed()
        .first { !$0.drop(while: \.isWhitespace).hasPrefix("@") }
    return above?.drop(while: \.isWhitespace).hasPrefix("///") == true
}

/// Whether an initialiser, whose text begins `lines`, only keeps what it is given.
private func isMemberwise(_ lines: ArraySlice<String>) -> Bool {
    var depth = 0
    var statements: [Substring] = []
    for line in lines {
        let trimmed = line.drop(while: \.isWhitespace)
        if depth > 0, trimmed != "}" { statements.append(trimmed) }
        depth += line.count { $0 == "{" } - line.count { $0 == "}" }
        if depth == 0, line.contains("}") { break }
    }
    let keeping = /(self\.)?\w+ = .*|precondition\(.*/
    return statements.allSatisfy { $0.isEmpty || $0.wholeMatch(of: keeping) != nil }
}
