// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import Modbus

/// The last frames of a line, and that they tell again what happened.
@Suite struct FlightRecorderTests {
    /// Where no answer is to come in time, and where it comes, on a machine that may be busy.
    private static let (short, fair) = (Duration.milliseconds(60), Duration.seconds(2))

    @Test func `it keeps what came last, whole, and never more than its ring`() {
        let recorder = FlightRecorder(for: .tcp)
        #expect(recorder.isEmpty)
        let pieces = (0..<5000).map { number in
            (0..<number % 97).map { UInt8(truncatingIfNeeded: number &+ $0) }
        }
        for (number, piece) in pieces.enumerated() {
            recorder.record(number.isMultiple(of: 2) ? .sent : .received, piece)
        }
        let entries = recorder.entries
        #expect(entries.map(\.bytes) == pieces.suffix(entries.count))
        #expect(entries.reduce(0) { $0 + $1.bytes.count + 11 } > 2048 - 110)
        #expect(entries.reduce(0) { $0 + $1.bytes.count + 11 } <= 2048)
        #expect(entries.map(\.at) == entries.map(\.at).sorted())
    }

    @Test func `a flood leaves its beginning and its size`() {
        let recorder = FlightRecorder(for: .rtu)
        recorder.record(.received, Array(repeating: 0x41, count: 4000))
        let lines = recorder.text(at: .now) { _ in "now" }.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0] == "now < " + Array(repeating: "41", count: 512).joined(separator: " "))
        #expect(lines[1] == "now ~ 3488")
    }

    /// Every fault of a served unit on every framing; then it behaves again.
    @Test(arguments: Way.allCases)
    func `a replay of real faults ends as they did live`(way: Way) throws {
        let server = try addressServer(way)
        let recorder = FlightRecorder(for: server.endpoint.framing)
        var link = Link(to: server.endpoint, recording: recorder)
        let faults: [Fault?] = [
            nil, .exception(2), .garbage, nil, .wrongUnit, .silent, nil, .late(.milliseconds(90)),
            nil, .exception(131), .drip(.milliseconds(1)), .reset, nil,
        ]
        var live: [[UInt16]?] = []
        for (number, fault) in faults.enumerated() {
            server.commit(fault, unit: 1)
            if !link.isConnected { try link.connect(within: .seconds(1)) }
            let isAnswered: Bool =
                switch fault {
                case .silent, .late, .garbage, .wrong(.unit): false
                default: true
                }
            // Each of a shape of its own, so that none is held up by the one before.
            live.append(
                try? link.holding(
                    UInt16(10 * number), 3 + number, within: isAnswered ? Self.fair : Self.short))
        }
        let dump = recorder.dump
        let replay = try Replay(dump, framing: server.endpoint.framing)
        #expect(replay.endings.count == faults.count)
        for (number, ending) in replay.endings.enumerated() {
            #expect(ending.isSame, "read \(number): \(ending)")
            let data = live[number].map { $0.flatMap(Frame.bytes) } ?? []
            #expect(ending.data == data, "read \(number)")
        }
        #expect(Set(replay.endings.map(\.live)).isSuperset(of: ["answer", "exception 2"]))
        #expect(replay.endings.contains { $0.live == "no-answer" || $0.live == "garbled" })
        guard ProcessInfo.processInfo.environment["RECORD"] == "1" else { return }
        let head = "framing \(server.endpoint.framing)\nbecause faults of a served unit\n"
        try Data((head + dump).utf8).write(to: URL(filePath: "\(Self.dumps)/faults-\(way).txt"))
        Issue.record("recorded anew")
    }

    private static let dumps =
        "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Dumps"

    /// Dumps that were kept, here or in a plant; `RECORD=1` makes those of the test above anew.
    @Test func `recorded dumps end as they did when they were recorded`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.dumps)
        #expect(!files.isEmpty)
        for file in files.sorted() {
            let bytes = try Data(contentsOf: URL(filePath: "\(Self.dumps)/\(file)"))
            let text = String(decoding: bytes, as: UTF8.self)
            let isTCP = text.contains("framing tcp\n")
            let replay = try Replay(text, framing: isTCP ? .tcp : .rtu)
            #expect(replay.endings.contains { $0.live != "answer" }, "\(file): no fault in it")
            #expect(replay.endings.contains { $0.live == "answer" }, "\(file): no answer in it")
            for (number, ending) in replay.endings.enumerated() {
                #expect(ending.isSame, "\(file), read \(number): \(ending)")
            }
        }
    }
}

/// What recording costs each exchange; run with MILLPOND_BENCHMARKS=1, in a release build.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MILLPOND_BENCHMARKS"] == "1"))
struct FlightRecorderBenchmark {
    @Test func `the recorder's share of an exchange`() {
        let recorder = FlightRecorder(for: .tcp)
        let question = Question.read(Request(unit: 1, table: .holding, start: 0, count: 100))
        let (sent, received) = ([UInt8](repeating: 1, count: 12), [UInt8](repeating: 2, count: 209))
        let began = ContinuousClock.now
        let count = 200_000
        for _ in 0..<count {
            recorder.record(asking: question, within: .seconds(1))
            recorder.record(.sent, sent)
            recorder.record(.received, received)
            recorder.record(.success(()))
        }
        let each = (ContinuousClock.now - began) / count
        print("flight recorder: \(each / .microseconds(1)) µs for an exchange of 100 registers")
        // Four entries for an exchange, and seven exchanges fit.
        #expect(recorder.entries.count >= 4 * 7)
    }
}
