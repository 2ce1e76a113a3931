// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// The exact bytes of what leaves the gateway. Seals are computed over them: they may never change.
@Suite(.conserving) struct LinesTests {
    private static let temperature = Signal(
        equipment: "press-1", device: "drive", signal: "motor-temperature", unit: "Cel",
        role: .windingTemperature)
    private static let voltage = Signal(
        equipment: "press-1", device: "meter", signal: "voltage-l1", unit: "V", role: nil)
    private static let text = Signal(
        equipment: "=cmd()", device: "plc", signal: "recipe,\"x\"", unit: nil, role: nil)

    private static let records: [Record] = [
        .reading(
            Reading(signal: temperature, time: .start, content: .good(.number(61.25)))),
        .reading(Reading(signal: voltage, time: .start, content: .bad(.noAnswer))),
        .reading(
            Reading(signal: voltage, time: .start + 1, content: .bad(.refused(exception: 2)))),
        .reading(
            Reading(
                signal: temperature, time: .start + 1,
                content: .uncertain(.number(5), .calibrationOverdue))),
        .health(
            Entry(time: .start + 1, equipment: "press-1", line: #"{"type":"health","index":85}"#)),
        .reading(
            Reading(signal: text, time: .start + 2, content: .good(.text("-a\u{1}\"\\\n,é/")))),
    ]

    private static func batch() throws -> Batch {
        let epoch = try #require(Epoch("q7m2k9xd"))
        let head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 9_001), gateway: "edge-07", site: "suzhou-2",
            sealed: .start + 10, records: records.count, clock: .synced, boot: "5f0c", sha256: "")
        let sealing = try Sealing(Records(records), head: head)
        let (read, columns) = try BatchCodec.decode(sealing.payload)
        return Batch(head: read, columns: columns)
    }

    @Test func `NDJSON is as the contract gives it`() throws {
        let batch = try Self.batch()
        var bytes: [UInt8] = []
        batch.appendNDJSON(to: &bytes)
        let seal = batch.head.sha256
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"type":"batch","cursor":"q7m2k9xd.9001","gateway":"edge-07","site":"suzhou-2",\
                "sealed":"2026-11-20T01:04:03.004Z","records":6,"clock":"synced","boot":"5f0c",\
                "sha256":"\(seal)"}
                {"type":"reading","time":"2026-11-20T01:03:53.004Z","equipment":"press-1",\
                "signal":"drive/motor-temperature","value":61.25,"unit":"Cel","quality":"good"}
                {"type":"reading","time":"2026-11-20T01:03:53.004Z","equipment":"press-1",\
                "signal":"meter/voltage-l1","value":null,"unit":"V","quality":"bad",\
                "reason":"no-answer"}
                {"type":"reading","time":"2026-11-20T01:03:54.004Z","equipment":"press-1",\
                "signal":"meter/voltage-l1","value":null,"unit":"V","quality":"bad",\
                "reason":"refused","exception":2}
                {"type":"reading","time":"2026-11-20T01:03:54.004Z","equipment":"press-1",\
                "signal":"drive/motor-temperature","value":5,"unit":"Cel","quality":"uncertain",\
                "reason":"calibration-overdue"}
                {"type":"health","index":85}
                {"type":"reading","time":"2026-11-20T01:03:55.004Z","equipment":"=cmd()",\
                "signal":"plc/recipe,\\"x\\"","value":"-a\\u0001\\"\\\\\\n,é/","quality":"good"}

                """)
    }

    @Test func `the batch line says what it was made of, where it was made of something`() throws {
        let epoch = try #require(Epoch("q7m2k9xd"))
        let before = try #require(Epoch("n1c40zzb"))
        let head = BatchHead(
            cursor: Cursor(epoch: epoch, sequence: 9_001), gateway: "edge-07", site: nil,
            sealed: .start, records: 6, clock: .stepped, boot: "5f0c",
            monotonic: Uptime(milliseconds: 7_012_000)...Uptime(milliseconds: 7_022_001),
            condensed: 17...216, salvaged: Cursor(epoch: before, sequence: 41), sha256: "9b1d")
        #expect(
            String(decoding: BatchLine.bytes(of: head), as: UTF8.self) == """
                {"type":"batch","cursor":"q7m2k9xd.9001","gateway":"edge-07",\
                "sealed":"2026-11-20T01:03:53.004Z","records":6,"clock":"stepped","boot":"5f0c",\
                "monotonic":{"first":7012000,"sealed":7022001},\
                "condensed":{"from":"q7m2k9xd.17","to":"q7m2k9xd.216"},\
                "salvaged":"n1c40zzb.41","sha256":"9b1d"}

                """)
    }

    @Test func `the seal is what sha256sum says of the record lines`() throws {
        let batch = try Self.batch()
        var bytes: [UInt8] = []
        batch.appendNDJSON(to: &bytes)
        let scratch = try Scratch()
        try write(bytes, to: scratch.path + "/batch.ndjson")
        let sum = try shell("tail -n +2 '\(scratch.path)/batch.ndjson' | sha256sum")
        #expect(sum.prefix(64) == batch.head.sha256)
    }

    @Test(arguments: [
        (Value.number(5), "5"), (.number(0.1), "0.1"), (.number(-0.5), "-0.5"),
        (.number(1e15), "1000000000000000"), (.number(1e300), "1e+300"),
        (.integer(.min), "-9223372036854775808"), (.unsigned(.max), "18446744073709551615"),
        (.boolean(true), "true"), (.text("a \"b\""), "a \"b\""),
    ])
    func `a value alone reads as in its record, a text without quotes`(value: Value, text: String) {
        #expect(value.text == text)
    }

    @Test func `JSON wraps the same objects`() throws {
        let batch = try Self.batch()
        let epoch = batch.head.cursor.epoch
        let page = Page(
            items: [
                .lost(
                    LostRange(
                        from: Cursor(epoch: epoch, sequence: 8_990),
                        to: Cursor(epoch: epoch, sequence: 9_000), records: 5_500, first: .start,
                        last: .start + 1, reason: .bufferLimit)), .batch(batch), .batch(batch),
            ], next: batch.head.cursor, more: true)
        var json: [UInt8] = []
        page.appendJSON(to: &json)
        var lines: [UInt8] = []
        page.appendNDJSON(to: &lines)
        let scratch = try Scratch()
        try write(json, to: scratch.path + "/page.json")
        try write(lines, to: scratch.path + "/page.ndjson")
        // What a stock tool makes of both must be the same.
        let fromJSON = try shell(
            """
            jq -c '.discontinuities[], (.batches[] | (del(.records) + {n: (.records | length)}), \
            .records[]), {type: "end", next: .next, more: .more}' '\(scratch.path)/page.json'
            """)
        let fromLines = try shell(
            """
            jq -c 'if .type == "batch" then del(.records) + {n: .records} else . end' \
            '\(scratch.path)/page.ndjson'
            """)
        #expect(fromJSON == fromLines)
        #expect(fromJSON.split(separator: "\n").count == 16)
        #expect(
            String(decoding: json, as: UTF8.self).hasPrefix(
                """
                {"epoch":"q7m2k9xd","discontinuities":[{"type":"lost","from":"q7m2k9xd.8990",\
                "to":"q7m2k9xd.9000","records":5500,"first":"2026-11-20T01:03:53.004Z",\
                "last":"2026-11-20T01:03:54.004Z","reason":"buffer-limit"}],"batches":[\
                {"type":"batch","cursor":"q7m2k9xd.9001",
                """))
    }

    @Test func `CSV has the readings, and no formula`() throws {
        var csv: [UInt8] = []
        try Self.batch().appendCSV(to: &csv)
        let prefix = "2026-11-20T01:03:5"
        let cursor = "q7m2k9xd.9001\r\n"
        #expect(
            String(decoding: csv, as: UTF8.self)
                == [
                    "3.004Z,press-1,drive/motor-temperature,61.25,Cel,good,,",
                    "3.004Z,press-1,meter/voltage-l1,,V,bad,no-answer,",
                    "4.004Z,press-1,meter/voltage-l1,,V,bad,refused,",
                    "4.004Z,press-1,drive/motor-temperature,5,Cel,uncertain,calibration-overdue,",
                    "5.004Z,'=cmd(),\"plc/recipe,\"\"x\"\"\",\"'-a\u{1}\"\"\\\n,é/\",,good,,",
                ].map { prefix + $0 + cursor }.joined())
        #expect(Batch.csvHeader == "time,equipment,signal,value,unit,quality,reason,cursor\r\n")
    }

    @Test func `epoch and end lines`() throws {
        let from = try #require(Epoch("q7m2k9xd"))
        let to = try #require(Epoch("n1c40zzb"))
        let page = Page(
            items: [.epoch(from: from, to: to, reason: "corruption")],
            next: Cursor(epoch: to, sequence: 0), more: false)
        var bytes: [UInt8] = []
        page.appendNDJSON(to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"type":"epoch","from":"q7m2k9xd","to":"n1c40zzb","reason":"corruption"}
                {"type":"end","next":"n1c40zzb.0","more":false}

                """)
    }

    @Test(arguments: [
        (Value.number(5), "5"), (.number(-0.0), "-0"), (.number(0.1), "0.1"),
        (.number(-61.25), "-61.25"), (.number(0.0001), "0.0001"), (.number(0.00001), "1e-05"),
        (.number(1e15), "1000000000000000"), (.number(0x1p53), "9007199254740992"),
        (.number(1e22), "1e+22"), (.number(61.29999923706055), "61.29999923706055"),
        (.integer(.min), "-9223372036854775808"), (.unsigned(.max), "18446744073709551615"),
        (.boolean(true), "true"), (.text("a\tb"), #""a\tb""#),
    ])
    func `numbers are short and exact`(value: Value, text: String) {
        var json = JSONText()
        value.write(to: &json)
        #expect(json.text == text)
    }

    @Test func `scaled integers print as the Doubles they stand for`() {
        var random = Seeded(1)
        for _ in 0..<20_000 {
            let digits = Int.random(in: 1...15, using: &random)
            let bound = Int64((0..<digits).reduce(1.0) { power, _ in power * 10 }) - 1
            let scaled = Int64.random(in: -bound...bound, using: &random)
            let decimals = Int.random(in: 0...NumberText.maxDecimals, using: &random)
            var short: [UInt8] = []
            NumberText.append(to: &short) {
                NumberText.write(scaled: scaled, decimals: decimals, to: $0)
            }
            var plain: [UInt8] = []
            let number = Double(scaled) / NumberText.powersOfTen[decimals]
            NumberText.append(to: &plain) { NumberText.write(number, to: $0) }
            if short != plain {
                Issue.record("\(scaled) with \(decimals) decimals")
                return
            }
        }
    }
}
