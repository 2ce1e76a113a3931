// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct DocumentTests {
    /// Texts that are no settings file, and all that is told of each.
    private static let wrong: [Row] = [
        Row("nothing", "", "1:1: the file is empty"),
        Row("blanks", "  \n\n", "1:1: the file is empty"),
        Row("a comment", "# nothing\n", "1:1: the file is empty"),
        Row("null", "~\n", "1:1: the file is empty"),
        Row("a document mark", "---\n", "1:1: the file is empty"),
        Row("a NUL", "a: 1\nb: \0\n", "2:4: the byte 0x00 is not a character of a text"),
        Row("a bell", "a: \u{7}\n", "1:4: the byte 0x07 is not a character of a text"),
        Row("a C1 control", "é: \u{81}\n", "1:4: the byte 0xC2 is not a character of a text"),
        Row("a tab", "a:\n\tb: 1\n", "2:1: a tab cannot indent here; use spaces"),
        Row(
            "a tab after blanks", "a:\n  b: 1\n  \tc: 2\n",
            "3:3: a tab cannot indent here; use spaces"),
        Row(
            "an open quote", "a: \"b\n",
            "2:1: not valid YAML: found unexpected end of stream while scanning a quoted scalar "
                + "begun in line 1"),
        Row(
            "an open brace", "a: {\n  b: 1\nc: 2\n",
            "3:2: not valid YAML: did not find expected ',' or '}' while parsing a flow mapping "
                + "begun in line 1"),
        Row(
            "an address without quotes", "a: [::1]:502\n",
            "1:5: not valid YAML: an IPv6 address in brackets must be quoted"),
        Row(
            "a percent sign", "a: %\n",
            "1:4: a value that begins with % must be quoted (did you mean \"'%'\"?)"),
        Row(
            "an at sign", "a: @home\n",
            "1:4: a value that begins with @ must be quoted (did you mean \"'@home'\"?)"),
        Row(
            "two documents", "a: 1\n---\nb: 2\n",
            "2:1: a second document begins here; a settings file is one"),
        Row(
            "a key twice, and again", "a: 1\nb: 2\na: 3\na: 4\n",
            "3:1: \"a\" stands here twice, first in line 1",
            "4:1: \"a\" stands here twice, first in line 1"),
        Row(
            "a key twice in braces", "x: {a: 1, a: 2}\n",
            "1:11: \"a\" stands here twice, first in line 1"),
        Row(
            "an anchor and its alias", "a: &x 1\nb: *x\n",
            "1:4: anchors (&…) are not read; write the value out",
            "2:4: aliases (*…) are not read; write the value out"),
        Row("a tag", "a: !!int 1\n", "1:4: tags (!…) are not read; leave it out"),
        Row("a tag of one's own", "!mine\na: 1\n", "1:1: tags (!…) are not read; leave it out"),
        Row(
            "a key that is a mapping", "{a: 1}: 2\n",
            "1:1: a key must be a single word, not a mapping"),
        Row(
            "many laughs",
            "a: &a [x, x]\nb: &b [*a, *a]\n",
            "1:4: anchors (&…) are not read; write the value out",
            "2:4: anchors (&…) are not read; write the value out",
            "2:8: aliases (*…) are not read; write the value out",
            "2:12: aliases (*…) are not read; write the value out"),
        Row(
            "33 brackets", "a: " + String(repeating: "[", count: 33),
            "1:35: nested deeper than 32 levels"),
    ]

    @Test(arguments: wrong)
    fileprivate func `a text that is no settings file is told as such`(row: Row) {
        let findings = Findings(file: "x")
        _ = Document.parse(row.text, into: findings)
        #expect(findings.mistakes.map { String($0.description.dropFirst(2)) } == row.mistakes)
    }

    @Test(arguments: [
        Row("Unix", "a: 1\nb:\n  - x\n"), Row("Windows", "a: 1\r\nb:\r\n  - x\r\n"),
        Row("a byte order mark", "\u{FEFF}a: 1\nb:\n  - x\n"),
        Row("no newline at the end", "a: 1\nb:\n  - x"),
        Row("marks around it", "---\na: 1\nb:\n  - x\n...\n"),
    ])
    fileprivate func `places do not depend on how lines end`(row: Row) throws {
        let findings = Findings(file: "x")
        let root = try #require(Document.parse(row.text, into: findings))
        #expect(findings.mistakes.isEmpty)
        guard case .mapping(let entries) = root.content, entries.count == 2,
            case .sequence(let items) = entries[1].value.content
        else {
            Issue.record("not the tree that was written")
            return
        }
        let shift = row.name == "marks around it" ? 1 : 0
        #expect(entries[0].place == Place(line: 1 + shift, column: 1))
        #expect(entries[0].value.place == Place(line: 1 + shift, column: 4))
        #expect(items.map(\.place) == [Place(line: 3 + shift, column: 5)])
    }

    @Test func `quotes are remembered and escapes are read`() throws {
        let findings = Findings(file: "x")
        let root = try #require(
            Document.parse("[plain, 'single', \"dou\\u0062le\", '~', ~]", into: findings))
        guard case .sequence(let items) = root.content else {
            Issue.record("not a list")
            return
        }
        let seen = items.map { item in
            if case .scalar(let text, let quoted) = item.content { return "\(text) \(quoted)" }
            return "?"
        }
        #expect(seen == ["plain false", "single true", "double true", "~ true", "~ false"])
        #expect(items.map(\.isNull) == [false, false, false, false, true])
    }

    @Test func `a file of nothing but mistakes is cut`() {
        let findings = Findings(file: "x")
        let text = (0..<5_000).map { "a\($0): &a 1\n" }.joined()
        _ = Document.parse(text, into: findings)
        #expect(findings.mistakes.count == Findings.limit + 1)
        #expect(findings.mistakes.last?.message == "there are more mistakes than these 200")
    }

    @Test func `a file of too many values is refused`() {
        let findings = Findings(file: "x")
        let text = "[" + String(repeating: "1,", count: Document.nodeLimit) + "]"
        let root = Document.parse(text, into: findings)
        #expect(root?.place == nil)
        #expect(
            findings.mistakes.map(\.message)
                == ["the file has more than 100000 keys and values"])
    }
}

private struct Row: CustomTestStringConvertible {
    var name: String
    var text: String
    var mistakes: [String]

    init(_ name: String, _ text: String, _ mistakes: String...) {
        self.name = name
        self.text = text
        self.mistakes = mistakes
    }

    var testDescription: String { name }
}
