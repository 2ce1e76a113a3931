// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Acquisition

@Suite struct SignalGuessTests {
    typealias Order = RegisterLayout.Order

    /// Registers of `value` as a device with this order sends them.
    private static func words(_ bits: UInt64, _ width: Int, _ order: Order) -> [UInt16] {
        let registers = (0..<width).map {
            UInt16(truncatingIfNeeded: bits >> (16 * UInt64(width - 1 - $0)))
        }
        let ordered = order == .cdab || order == .dcba ? registers.reversed() : registers
        return order == .badc || order == .dcba ? ordered.map(\.byteSwapped) : ordered
    }

    private static func float(_ value: Float, _ order: Order) -> [UInt16] {
        words(UInt64(value.bitPattern), 2, order)
    }

    private static func guess(_ samples: [[UInt16]], at start: Int = 0) -> SignalGuesses {
        SignalGuesses([SampledRun(table: .input, start: start, samples: samples)])
    }

    @Test(arguments: Order.allCases)
    func `the floats of a meter are found in every order`(order: Order) {
        let base: [Float] = [
            229.8, 230.1, 231.4, 14.02, 0, 13.9, 3067.8, -12.5, 0.963, 50.01, 8712.4,
        ]
        let samples = (0..<5).map { round in
            base.flatMap { Self.float($0 * (1 + Float(round) * 0.0013), order) }
        }
        let guesses = Self.guess(samples, at: 100)
        #expect(guesses.order == order)
        #expect(guesses.signals.map(\.address) == stride(from: 100, to: 122, by: 2).map { $0 })
        #expect(
            guesses.signals.allSatisfy {
                $0.layout == RegisterLayout(encoding: .float32, order: order, width: 2)
            })
    }

    @Test(arguments: [Order.abcd, .cdab])
    func `32-bit integers are found by growth, carry and sign`(order: Order) {
        let samples = (0..<5).map { round -> [UInt16] in
            let counter = UInt64(0x0012_FFFE + round)
            let power = UInt64(UInt32(bitPattern: Int32(-2_300 + 7 * round)))
            let voltages = [2301, 2312, 2295].map { UInt64($0 + round) }
            return ([counter, power] + voltages).flatMap { Self.words($0, 2, order) }
        }
        let guesses = Self.guess(samples)
        #expect(guesses.order == order)
        #expect(guesses.signals.map(\.address) == [0, 2, 4, 6, 8])
        #expect(guesses.signals.first?.reason == .counter(carries: true))
        #expect(guesses.signals.dropFirst().first?.reason == .signedPair)
        #expect(guesses.signals.dropFirst().first?.layout.encoding == .int32)
        #expect(guesses.signals.allSatisfy { $0.layout.width == 2 && $0.layout.order == order })
    }

    @Test(arguments: [[0x0032, 0, 2401, 7, 43, 11], [80, 0, 68, 1]] as [[UInt16]])
    func `a number and a zero after it are no pair`(words: [UInt16]) {
        let guesses = Self.guess(Array(repeating: words, count: 5), at: 5200)
        #expect(guesses.signals.map(\.layout.width) == words.map { _ in 1 })
    }

    @Test func `single registers stay single, with their sign`() {
        let samples = (0..<5).map { round -> [UInt16] in
            [1480 + UInt16(round), 0, 0xFFF0 &+ UInt16(8 * round), 0x8000, 1, 325]
        }
        let guesses = Self.guess(samples)
        #expect(
            guesses.signals.map(\.reason) == [
                .word(moves: true), .zero, .negative, .sentinel, .word(moves: false),
                .word(moves: false),
            ])
        #expect(
            guesses.signals.map(\.layout.encoding)
                == [.uint16, .uint16, .int16, .uint16, .uint16, .uint16])
    }

    @Test func `a text is one signal`() {
        let text = Array("SDM630-V2 ".utf8)
        let words = stride(from: 0, to: text.count, by: 2).map {
            UInt16(text[$0]) << 8 | UInt16(text[$0 + 1])
        }
        let guesses = Self.guess([[3] + words + [0, 12], [3] + words + [0, 12]])
        let found = guesses.signals.first { $0.reason == .text }
        #expect(found?.address == 1)
        #expect(found?.layout.width == 5)
        #expect(found?.values == [.text("SDM630-V2"), .text("SDM630-V2")])
    }

    @Test(arguments: UInt64(1)...50)
    func `every register lies in exactly one guess, whatever the words`(seed: UInt64) {
        var random = Dice(seed: seed)
        let count = Int.random(in: 1...40, using: &random)
        let samples = (0..<3).map { _ in
            (0..<count).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
        }
        let covered = Self.guess(samples).signals.flatMap {
            $0.address..<$0.address + $0.layout.width
        }
        #expect(covered == Array(0..<count))
    }
}

@Suite struct DraftTests {
    private func draft(_ runs: [SampledRun], objects: [UInt8: [UInt8]] = [:]) -> Draft {
        var description = SelfDescription()
        if !objects.isEmpty {
            description.identification = DeviceIdentification(objects: objects)
        }
        let surveys = Table.allCases.map { table in
            var survey = RegisterSurvey(unit: 7, table: table, addresses: [0..<8])
            while survey.next() != nil { survey.take(.words) }
            return survey
        }
        return Draft(
            place: "unit 7 at tcp://10.0.4.21:502", time: Timestamp(milliseconds: 0),
            description: description, surveys: surveys, runs: runs, span: .seconds(8))
    }

    private static let runs = [
        SampledRun(
            table: .holding, start: 3,
            samples: [[7, 0x4366, 0x8000, 0, 0, 0, 0xFFF0], [8, 0x4366, 0x9000, 0, 0, 0, 0x0003]]),
        SampledRun(
            table: .input, start: 40,
            samples: Array(repeating: [0x5344, 0x4D36, 0x3330, 0x7FFF, 0], count: 2)),
        SampledRun(table: .coil, start: 0, samples: [[0, 1, 1], [0, 1, 0]]),
    ]

    @Test func `a draft is a profile that the reader accepts, guess by guess`() throws {
        let draft = draft(
            Self.runs,
            objects: [0: Array("Ex\"ample: {\n".utf8), 4: Array("Drive # 1".utf8), 2: [0xFF]])
        let profile = try Profile.read(text: draft.text, file: "draft.yaml", id: "draft/unit-7")
        let worth = draft.guesses.signals.filter(\.isWorthReading)
        #expect(profile.signals.map { Int($0.address) } == worth.map(\.address))
        #expect(profile.signals.map(\.table) == worth.map(\.table))
        #expect(profile.signals.map(\.layout) == worth.map(\.layout))
        #expect(profile.identity?.product == "Drive # 1")
        #expect(profile.vendor == "Ex\"ample: {")
        #expect(profile.maxRegisters == 8)
    }

    @Test func `a draft's capture holds what was read, and proves the draft signal by signal`()
        throws
    {
        let draft = draft(Self.runs)
        let profile = try Profile.read(text: draft.text, file: "draft.yaml", id: "draft/unit-7")
        let capture = try Capture.read(text: draft.capture, file: "capture.yaml", of: profile)
        let held = try #require(capture.cases.first).words
        for run in Self.runs {
            for (index, word) in (run.samples.last ?? []).enumerated() {
                #expect(held[run.table]?[UInt16(run.start + index)] == word)
            }
        }
        #expect(capture.unproven(of: profile) == [])
        let outcomes = CaptureTest(capture, of: profile).outcomes
        #expect(outcomes.map(\.signal) == profile.names)
        #expect(outcomes.filter { !$0.isRight }.map(\.signal) == [])
        // Somebody corrects a value; then the guess that made it is wrong.
        let mended = draft.capture.replacing("holding-3: 8", with: "holding-3: 0.8")
        let other = try Capture.read(text: mended, file: "capture.yaml", of: profile)
        let wrong = CaptureTest(other, of: profile).outcomes.filter { !$0.isRight }
        #expect(wrong.map(\.signal) == ["holding-3"])
    }

    @Test(arguments: RegisterLayout.Order.allCases)
    func `single registers keep their order beside others`(order: RegisterLayout.Order) throws {
        let swapped = order == .badc || order == .dcba
        let reversed = order == .cdab || order == .dcba
        let pair = { (value: Float) -> [UInt16] in
            let bits = value.bitPattern
            let words = [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            let ordered = reversed ? words.reversed() : words
            return swapped ? ordered.map(\.byteSwapped) : ordered
        }
        let single: UInt16 = swapped ? UInt16(325).byteSwapped : 325
        let samples = [Float(230.4), 230.9].map { pair($0) + pair($0 * 3.7) + [single] }
        let draft = draft([SampledRun(table: .input, start: 0, samples: samples)])
        let profile = try Profile.read(text: draft.text, file: "draft.yaml", id: "draft/unit-7")
        let single325 = try #require(profile.signals.last)
        #expect(Point(single325).content(of: [single]) == .good(.number(325)))
        #expect(profile.signals.first?.layout.order == order)
    }

    @Test func `every line says why, and nothing to read is nothing to write`() {
        let text = draft(Self.runs).text
        #expect(text.contains("# A DRAFT"))
        #expect(text.contains("a float that moves as measurements do; 230.5 … 230.5625"))
        #expect(text.contains("printable throughout; always SDM630"))
        #expect(text.contains("often means"))
        #expect(text.contains("a bit that changes"))
        let zero = SampledRun(table: .input, start: 0, samples: [[0, 0, 0]])
        #expect(!draft([zero]).isWorthWriting)
        #expect(draft([zero]).text.contains("# 0–2 read 0 throughout"))
    }
}
