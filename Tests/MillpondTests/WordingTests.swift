// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Millpond

@Suite struct `Quantities in words` {
    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10_240, "10 KiB"),
        (812 * 1_048_576, "812 MiB"), (2 << 30, "2.0 GiB"),
    ])
    func `bytes read in three digits`(count: Int, text: String) {
        #expect(Wording.bytes(count) == text)
    }

    @Test(arguments: [
        (Duration.milliseconds(140), "140ms"), (.seconds(1), "1s"), (.seconds(252), "4m12s"),
        (.seconds(3_600), "1h"), (.seconds(61 * 3_600), "2d13h"), (.seconds(86_405), "1d"),
    ])
    func `durations read in their two largest units`(duration: Duration, text: String) {
        #expect(Wording.duration(duration) == text)
    }

    @Test(arguments: [
        (1.25, 1, "1.3"), (0.04, 1, "0.0"), (-0.04, 1, "0.0"), (-1.26, 1, "-1.3"),
        (99.95, 1, "100.0"), (1.005, 0, "1"), (12.0, 3, "12.000"),
    ])
    func `decimals are rounded, never in exponents`(value: Double, places: Int, text: String) {
        #expect(Wording.decimal(value, places: places) == text)
    }

    @Test func `words are wrapped at 80 columns, and none is broken`() {
        let words = (1...60).map { String(repeating: "w", count: $0 % 11 + 1) }
        let long = String(repeating: "x", count: 90)
        let lines = Wording.wrapped((words + [long]).joined(separator: " "), indent: 6)
        #expect(lines.dropLast().allSatisfy { $0.count <= 80 && $0.hasPrefix("      w") })
        #expect(lines.last == "      " + long)
        #expect(lines.flatMap { $0.split(separator: " ").map(String.init) } == words + [long])
        #expect(Wording.wrapped("", indent: 2) == [])
    }

    @Test(arguments: [
        (1, "batch", "1 batch"), (2, "batch", "2 batches"), (0, "device", "0 devices"),
    ])
    func `nouns follow their number`(count: Int, noun: String, text: String) {
        #expect(Wording.count(count, noun) == text)
    }

    @Test func `a table is as wide as its widest cells and ends no line in blanks`() {
        var table = TextTable([("NAME", .left), ("N", .right), ("END", .left)])
        table.add(["a", "100", ""])
        table.add(["longer", "1", "x"])
        #expect(
            table.lines == [
                "NAME      N  END",
                "a       100",
                "longer    1  x",
            ])
    }
}

@Suite struct `Addresses` {
    @Test(arguments: [
        ("127.0.0.1:8470", "127.0.0.1", 8470), ("[::1]:0", "::1", 0),
        ("edge-07:65535", "edge-07", 65535),
    ])
    func `host and port are read`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host && address.port == port)
        #expect(address.host.authority(port: address.port) == text)
    }

    @Test(arguments: [
        "", "8470", ":8470", "host", "host:", "host:65536", "host:-1", "[]:1", "host:x",
    ])
    func `what is no address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
