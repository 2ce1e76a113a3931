// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct FieldTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("10s", .seconds(10)),
        ("5m", .seconds(300)), ("24h", .seconds(86_400)), ("1d", .seconds(86_400)), ("\"10s\"", .seconds(10)),
    ])
    func `a duration is a whole number with its unit`(text: String, duration: Duration) {
        #expect(field(text)?.duration(in: .zero ... .seconds(90_000)) == duration)
    }

    @Test(arguments: [
        ("10", "10s"), ("1.5s", "1500ms"), ("10 s", "10s"), ("5min", "5m"), ("90 minutes", "90m"),
        ("2 days", "2d"), ("1 day", "24h"), ("14D", "14d"), ("60000ms ", nil), ("s", nil), ("-1s", nil), ("1h30m", nil), ("soon", nil),
        ("0x10s", nil), ("01s", "1s"), ("99999999999999999999s", nil), ("٣s", nil),
    ])
    func `what is no duration is refused, with what was meant`(text: String, meant: String?) {
        let field = field("\"\(text)\"")
        #expect(field?.duration(in: .zero ... .seconds(90_000)) == nil)
        #expect(field?.findings.mistakes.map(\.suggestion) == [meant])
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.milliseconds(1_500), "1500ms"),
        (.seconds(60), "1m"), (.seconds(5_400), "90m"), (.seconds(86_400), "24h"),
        (.seconds(14 * 86_400), "14d"), (.seconds(172_801), "172801s"),
        (.seconds(Int64.max), "9223372036854775807s"),
    ])
    func `a duration is written as settings write it`(duration: Duration, text: String) {
        #expect(duration.setting == text)
    }

    @Test(arguments: [
        ("512 MiB", 512 << 20), ("2GiB", 2 << 30), ("1 KiB", 1_024), ("3 TiB", 3 << 40),
    ])
    func `a size is a whole number with a binary unit`(text: String, bytes: Int) {
        #expect(field(text)?.size(in: 0...Int.max) == bytes)
    }

    @Test(arguments: [
        ("2GB", "2 GiB"), ("512M", "512 MiB"), ("2 gib", "2 GiB"), ("1024", nil), ("GiB", nil),
        ("-1 GiB", nil), ("1.5 GiB", nil), ("9999999999 TiB", nil), ("0x1 GiB", nil),
    ])
    func `what is no size is refused, with what was meant`(text: String, meant: String?) {
        let field = field("\"\(text)\"")
        #expect(field?.size(in: 0...Int.max) == nil)
        #expect(field?.findings.mistakes.map(\.suggestion) == [meant])
    }

    @Test(arguments: [("0", 0), ("10", 10), ("-3", -3), ("0x10", 16), ("0XfF", 255)])
    func `a whole number is decimal or hexadecimal`(text: String, value: Int) {
        #expect(field(text)?.whole(in: -100...1_000) == value)
    }

    @Test(arguments: [
        "1.0", "010", "0x", "0x-1", "0x+1", "1e3", "1_000", "--1", "+1", "1001", "true",
        "9223372036854775808", "0xFFFFFFFFFFFFFFFFF", "\"1\"", "[1]", "{}", "~",
    ])
    func `what is no whole number within bounds is refused`(text: String) {
        let field = field(text)
        #expect(field?.whole(in: -100...1_000) == nil)
        #expect(field?.findings.mistakes.count == 1)
    }

    @Test(arguments: [
        ("0.1", 0.1), ("-3600", -3_600), ("1e3", 1_000), ("1.5E-3", 0.0015), ("0x10", 16),
        (".5", 0.5), ("+2", 2),
    ])
    func `a number has decimals and an exponent if it likes`(text: String, value: Double) {
        #expect(field(text)?.number() == value)
    }

    @Test(arguments: [
        ".nan", ".inf", "nan", "inf", "infinity", "0x1p3", "1e999", "1,5", "e", "-1-",
    ])
    func `what is no finite number is refused`(text: String) {
        let field = field(text)
        #expect(field?.number() == nil)
        #expect(field?.findings.mistakes.count == 1)
    }

    @Test(
        arguments: [
            ("0x8000", 16, 0x8000), ("65535", 16, 65_535), ("0xFFFFFFFFFFFFFFFF", 64, UInt64.max),
            ("18446744073709551615", 64, UInt64.max),
        ] as [(String, Int, UInt64)])
    func `a pattern fills its width`(text: String, bits: Int, value: UInt64) {
        #expect(field(text)?.pattern(bits: bits) == value)
    }

    @Test(
        arguments: [
            ("0x10000", 16, nil), ("-1", 16, "0xFFFF"), ("-32768", 16, "0x8000"),
            ("-1", 64, "0xFFFFFFFFFFFFFFFF"), ("1.5", 16, nil),
        ] as [(String, Int, String?)])
    func `a pattern too wide or negative is refused`(text: String, bits: Int, meant: String?) {
        let field = field(text)
        #expect(field?.pattern(bits: bits) == nil)
        #expect(field?.findings.mistakes.map(\.suggestion) == [meant])
    }

    @Test func `a text in a message is cut and harmless`() {
        #expect(Field.quote("a\u{1B}[31m\nb") == "\"a?[31m?b\"")
        #expect(Field.quote(String(repeating: "x", count: 60)).count == 51)
    }

    /// The value as the only one of a document.
    private func field(_ text: String) -> Field? {
        let findings = Findings(file: "x")
        guard let root = Document.parse("key: \(text)\n", into: findings) else { return nil }
        return Section(root: root, keys: ["key"], findings: findings)?["key"]
    }
}
