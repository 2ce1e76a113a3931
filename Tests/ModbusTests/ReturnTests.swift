// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// A device that was away for some reads, one a second, and is back.
@Suite struct ReturnTests {
    struct Return: Sendable, CustomTestStringConvertible {
        let ways: Set<Device.Way>
        let count: Int
        let start: UInt16
        let readsAway: Int
        /// What it was asked meanwhile is answered late, or never.
        let isLate: Bool

        /// How many reads may pass. If its refusal is in doubt, and it is deaf to the only
        /// clarification that is left, it is asked plainly in the end, and once more.
        var patience: Int {
            let deafness = Int(Debts.deafness / .seconds(1))
            if ways.contains(.ignoresOtherTables), Device.refuses(start) {
                return 1 + 2 * (deafness + 4)
            }
            // Once it was asked plainly, in vain, much else is owed that was asked every second.
            return readsAway > deafness ? 1 + deafness : 2
        }

        var testDescription: String {
            let ways = ways.map { "\($0)" }.sorted().joined(separator: " and ")
            return "\(ways.isEmpty ? "knows all" : ways), \(count) at \(start), "
                + "away for \(readsAway), \(isLate ? "late" : "lost")"
        }
    }

    /// Late answers come just before the first in time.
    private struct Line: PaperLine {
        let device: Device
        var isAway: Bool
        let isLate: Bool
        private var pieces: [[UInt8]] = []
        /// When it was asked since it is back.
        private var asked: Instant?

        init(device: Device, isAway: Bool, isLate: Bool) {
            self.device = device
            self.isAway = isAway
            self.isLate = isLate
        }

        mutating func ask(_ question: [UInt8], at now: Instant) {
            let heard = Heard(question, .rtu)
            asked = isAway ? nil : now
            guard !isAway || isLate, let reply = device.reply(to: heard) else { return }
            pieces.append(heard.answer(reply))
        }

        mutating func next(until end: Instant) -> (at: Instant, bytes: [UInt8])? {
            guard let asked, !pieces.isEmpty, asked <= end else { return nil }
            return (asked, pieces.removeFirst())
        }
    }

    private static let ways: [Set<Device.Way>] = [
        [], [.refusesOtherCounts], [.refusesOtherTables], [.ignoresOtherTables],
        [.refusesOtherCounts, .refusesOtherTables], [.refusesOtherCounts, .ignoresOtherTables],
    ]

    static let returns: [Return] = ways.flatMap { ways in
        [(1, 1), (3, 1), (1, 5), (3, 5)].flatMap { count, start in
            (1...12).flatMap { away in
                [false, true].map { isLate in
                    Return(
                        ways: ways, count: count, start: start, readsAway: away, isLate: isLate)
                }
            }
        }
    }

    @Test(arguments: returns)
    func `a device that is back answers at its first or second read`(back: Return) {
        let device = Device(unit: 1, ways: back.ways, counts: [.holding: [back.count]])
        let request = Request(unit: 1, table: .holding, start: back.start, count: back.count)
        var reader = Reader(RTUAnswers())
        var line = Line(device: device, isAway: true, isLate: back.isLate)
        for _ in 0..<back.readsAway {
            #expect(reader.read(request, over: &line) == .nothing)
            reader.now += .milliseconds(500)
        }
        line.isAway = false
        for _ in 0..<back.patience {
            let outcome = reader.read(request, over: &line)
            #expect(reader.questions.count <= Reader.questionLimit)
            reader.now += .seconds(1)
            guard outcome != .nothing else { continue }
            let code = Device.code(3, back.start, back.count)
            let data = (0..<back.count).flatMap { Frame.bytes(back.start + UInt16($0)) }
            #expect(outcome == (Device.refuses(back.start) ? .refused(code) : .values(data)))
            return
        }
        Issue.record("no answer in \(back.patience) reads")
    }

    /// From one probe to the next, in seconds: three failed cycles, then the steps of a back-off.
    private static let steps = [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]

    @Test(arguments: ways, [1, 3])
    func `a device that is probed ever more rarely is heard by the first probe`(
        ways: Set<Device.Way>, count: Int
    ) {
        let device = Device(unit: 1, ways: ways, counts: [.holding: [count]])
        let request = Request(unit: 1, table: .holding, start: 1, count: count)
        for probesAway in 1...Self.steps.count {
            var reader = Reader(RTUAnswers(), timeout: .milliseconds(150))
            var line = Line(device: device, isAway: true, isLate: false)
            for step in Self.steps.prefix(probesAway) {
                #expect(reader.read(request, over: &line) == .nothing)
                reader.now += .seconds(step)
            }
            line.isAway = false
            let data = (0..<count).flatMap { Frame.bytes(1 + UInt16($0)) }
            let outcome = reader.read(request, over: &line)
            #expect(outcome == .values(data), "away for \(probesAway) probes")
        }
    }

    static let brief: [Return] = ways.filter { !$0.contains(.ignoresOtherTables) }.flatMap { ways in
        [(1, 1), (3, 1), (1, 5), (3, 5)].map { count, start in
            Return(ways: ways, count: count, start: start, readsAway: 1, isLate: false)
        }
    }

    @Test(arguments: brief)
    func `a link hears a device that is back`(back: Return) throws {
        let device = Device(unit: 1, ways: back.ways, counts: [.holding: [back.count]])
        let peer = try RawPeer { conversation in
            conversation.converse(.rtu) { heard, number in
                let reply = number < back.readsAway ? nil : device.reply(to: heard)
                return reply.map { heard.answer($0) } ?? []
            }
        }
        var link = try connected(rtu(peer))
        let timeout = Duration.milliseconds(200)
        #expect(throws: ModbusError.silent) {
            try link.holding(back.start, back.count, within: timeout)
        }
        // A refusal in doubt is held against its own shape: it may be a late one. A machine that is
        // busy may cost two reads more.
        var patience = Device.refuses(back.start) ? 10 : 6
        while patience > 0 {
            patience -= 1
            do {
                let values = (0..<back.count).map { back.start + UInt16($0) }
                #expect(try link.holding(back.start, back.count, within: timeout) == values)
                return
            } catch {
                if error == .silent { continue }
                #expect(error == .refused(exception: Device.code(3, back.start, back.count)))
                return
            }
        }
        Issue.record("no answer in so many reads")
    }

    @Test func `babble after a clarification does not hold the line for ever`() throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.rtu) { heard, number in
                guard number > 0 else { return [] }
                conversation.say(heard.answer)
                let noise = [UInt8](repeating: 0x55, count: 4096)
                while (try? conversation.wire.send(noise, by: .now + .seconds(1))) != nil {}
                return []
            }
        }
        var link = try connected(rtu(peer))
        #expect(throws: ModbusError.silent) { try link.holding(1, 3, within: .milliseconds(60)) }
        #expect(throws: ModbusError.garbled) { try link.holding(1, 3, within: .milliseconds(300)) }
    }
}
