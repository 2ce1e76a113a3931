// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

/// A document that is wrong, and every mistake that must be told of it; from Tests/Mistakes.
struct MistakeCase: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    /// `line:column: message`, in order.
    var mistakes: [String]

    var testDescription: String { name }

    /// The cases of a file.
    static func load(_ file: String) -> [MistakeCase] { read(file).cases }

    /// The document without mistakes that the cases of a file change.
    static func base(of file: String) -> String { read(file).base }

    /// The head of each file says how it is written.
    private static func read(_ file: String) -> (base: String, cases: [MistakeCase]) {
        let lines = Repository.text(of: "Tests/Mistakes/\(file)")
            .split(separator: "\n", omittingEmptySubsequences: false)
        var base: [String] = []
        var cases: [MistakeCase] = []
        var document: [String] = []
        func finish() {
            guard !cases.isEmpty else { return base = document }
            cases[cases.count - 1].text = document.map { $0 + "\n" }.joined()
        }
        for line in lines {
            if line.hasPrefix("## ") {
                finish()
                document = base
                cases.append(MistakeCase(name: String(line.dropFirst(3)), text: "", mistakes: []))
            } else if line.hasPrefix("@"), let number = Int(line.dropFirst().prefix { $0 != " " }) {
                while document.count < number { document.append("") }
                document[number - 1] = String(line.drop { $0 != " " }.dropFirst())
            } else if line.hasPrefix("> ") {
                let mistake = Repository.withPaths(String(line.dropFirst(2)))
                cases[cases.count - 1].mistakes.append(mistake)
            }
        }
        finish()
        return (base.map { $0 + "\n" }.joined(), cases)
    }
}
