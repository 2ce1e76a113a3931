// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

@testable import Modbus

/// SplitMix64: the same run for the same seed.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    static func mix(_ state: UInt64) -> UInt64 {
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }
}

/// A line of devices that do everything that devices were seen to do wrong. Every answer tells
/// what was asked, and when: a wrong value is one that was not told since its read began.
struct MisbehavingLine: PaperLine {
    /// How answers come late: each after the one before, however late, or on their own.
    enum Lateness: CaseIterable { case inOrder, outOfOrder }

    /// Out of order, less than twice the timeout.
    static let outOfOrder = Duration.milliseconds(950)
    static let inOrder = Duration.seconds(4)

    struct Told: Hashable {
        let request: Request
        let content: [UInt8]
    }

    let framing: Endpoint.Framing
    let lateness: Lateness
    let devices: [Device]
    var dice: Dice
    var isWell = false
    /// What devices said since it was last emptied: data, or function and code of a refusal.
    var told: Set<Told> = []
    private var coming: [(at: Instant, bytes: [UInt8])] = []
    /// When the last byte of each unit comes, on a line that keeps order.
    private var busy: [UInt8: Instant] = [:]
    private let beginning: Instant

    init(
        _ framing: Endpoint.Framing, _ lateness: Lateness, _ devices: [Device], dice: Dice,
        at now: Instant
    ) {
        self.framing = framing
        self.lateness = lateness
        self.devices = devices
        self.dice = dice
        beginning = now
    }

    /// When all that was asked has come.
    var end: Instant { coming.map(\.at).max() ?? beginning }

    mutating func hangUp() { coming = [] }

    mutating func ask(_ question: [UInt8], at now: Instant) {
        let heard = Heard(question, framing)
        guard let device = devices.first(where: { $0.unit == heard.unit }),
            let table = Table.allCases.first(where: { $0.function == heard.function })
        else { return }
        let request = Request(
            unit: heard.unit, table: table, start: heard.start, count: heard.count)
        guard var reply = device.reply(to: heard) else { return }
        if !isWell && dice.chance(12) { reply = Device.refusal(of: heard) }
        if reply[0] & 0x80 == 0 { reply = Array(reply.prefix(2)) + data(for: request, at: now) }
        told.insert(
            Told(request: request, content: reply[0] & 0x80 == 0 ? Array(reply[2...]) : reply))
        if isWell {
            deliver(heard.answer(reply), of: heard.unit, after: .milliseconds(5), from: now)
        } else {
            misbehave(heard.answer(reply), to: heard, question, at: now)
        }
    }

    mutating func next(until end: Instant) -> (at: Instant, bytes: [UInt8])? {
        guard let first = coming.first, first.at <= end else { return nil }
        return coming.removeFirst()
    }

    /// Different for each register, bit and millisecond.
    private func data(for request: Request, at now: Instant) -> [UInt8] {
        let time = UInt64((now - beginning) / .milliseconds(1))
        return (0..<request.answerSize).map { place in
            let address = UInt64(request.start) << 8 + UInt64(place)
            let source = UInt64(request.unit) << 8 | UInt64(request.table.function)
            return UInt8(truncatingIfNeeded: Dice.mix(address << 40 ^ source << 24 ^ time))
        }
    }

    private mutating func misbehave(
        _ answer: [UInt8], to heard: Heard, _ question: [UInt8], at now: Instant
    ) {
        if framing == .rtu, dice.chance(8) { deliver(question, of: 0, after: .zero, from: now) }
        if framing == .rtu, dice.chance(8) {
            deliver([0, heard.unit, 3], of: 0, after: delay(), from: now)
        }
        if dice.chance(8) {
            deliver(heard.answer([3, 2, 9, 9], unit: 99), of: 99, after: delay(), from: now)
        }
        switch Int.random(in: 0..<16, using: &dice) {
        case 0: break  // Lost.
        case 1: deliver(answer.map { $0 ^ 0x10 }, of: heard.unit, after: delay(), from: now)
        case 2: deliver(Array(answer.dropLast(3)), of: heard.unit, after: delay(), from: now)
        case 3, 4:
            let delay = delay()
            deliver(answer, of: heard.unit, after: delay, from: now)
            // Later than `Repeats.again` it may be taken for the same question asked again.
            let more = Duration.milliseconds(Int.random(in: 0...95, using: &dice))
            let copy = lateness == .inOrder ? delay + more : min(delay + more, Self.outOfOrder)
            deliver(answer, of: heard.unit, after: dice.chance(2) ? delay : copy, from: now)
        default: deliver(answer, of: heard.unit, after: delay(), from: now)
        }
    }

    private mutating func delay() -> Duration {
        if !dice.chance(lateness == .inOrder ? 6 : 3) {
            return .milliseconds(Int.random(in: 1...20, using: &dice))
        }
        let longest = lateness == .inOrder ? Self.inOrder : Self.outOfOrder
        return longest / 1000 * Int.random(in: 1...1000, using: &dice)
    }

    private mutating func deliver(
        _ bytes: [UInt8], of unit: UInt8, after delay: Duration, from now: Instant
    ) {
        var at = now + delay
        if lateness == .inOrder {
            at = max(at, busy[unit] ?? at)
            busy[unit] = at
        }
        let place = coming.firstIndex { $0.at > at } ?? coming.endIndex
        coming.insert((at, bytes), at: place)
    }
}
