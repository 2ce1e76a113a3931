// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant

/// One Modbus unit of the plant: its profile's registers, filled from its machine.
struct SimulatedDevice: Sendable {
    /// A version that no device has: nobody is to take it for the real one.
    private static let revision = "simulated"

    /// One signal and where its content comes from.
    private struct Source: Sendable {
        enum Content: Sendable {
            case machine(SignalMeaning)
            case bits([Int: String])
            case walk(RandomWalk)
            case text(String)
            case clock
            /// How many answers have held it: the wire counts.
            case answers
            /// What the values of other signals make of it.
            case scaleFactor
        }

        let signal: ProfileSignal
        var content: Content
    }

    /// What its clock shows at the start.
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)  // 2026-01-01.

    /// What it says of itself, as its profile names it.
    let identification: DeviceIdentification
    private var sources: [Source]
    /// What a scan knows it by, where no signal lies.
    private let marks: [RegisterImage.Stretch]
    private var clock = Self.start
    private let names: [String: Int]
    /// Registers between its signals that a gateway may read across.
    let maxGap: Int
    private var random: SeededGenerator

    init(_ profile: Profile, random: SeededGenerator) {
        self.random = random
        identification = DeviceIdentification(
            objects: [
                0: Array(profile.vendor.utf8), 1: Array(profile.model.utf8),
                2: Array(Self.revision.utf8), 5: Array(profile.model.utf8),
            ])
        maxGap = profile.maxGap
        sources = profile.signals.map { signal in
            let isFactor = profile.signals.contains {
                $0.table == signal.table && $0.scaleFactor?.address == signal.address
            }
            return Source(
                signal: signal,
                content: isFactor ? .scaleFactor : Self.content(of: signal, in: profile))
        }
        marks = (profile.identity?.registers ?? []).filter { mark in
            let places = Int(mark.address)..<Int(mark.address) + mark.layout.width
            return !profile.signals.contains {
                $0.table == mark.table && $0.extent.overlaps(places)
            }
        }
        .map(RegisterEncoder.stretch)
        names = Dictionary(
            uniqueKeysWithValues: profile.signals.enumerated().map { ($1.name, $0) })
    }

    private static func content(of signal: ProfileSignal, in profile: Profile) -> Source.Content {
        switch signal.layout.encoding {
        case .string, .chars: return .text("SIM \(profile.model)")
        case .unixtime, .datetime, .bcdtime, .days2000: return .clock
        default: break
        }
        if signal.role == .heartbeat { return .answers }
        if !signal.bits.isEmpty { return .bits(signal.bits) }
        if let meaning = SignalMeaning(signal, in: profile) { return .machine(meaning) }
        return .walk(walk(of: signal))
    }

    /// Around the middle of the range, lest a plausible number look like a broken one; of an open
    /// range, near zero or its end.
    private static func walk(of signal: ProfileSignal) -> RandomWalk {
        let widest = 1e6
        var range = signal.range ?? (signal.unit == "1" ? 0...6 : 0...100)
        if range.upperBound > range.lowerBound + widest {
            let lower = max(range.lowerBound, min(0, range.upperBound - 100))
            range = lower...(lower + 100)
        }
        let width = range.upperBound - range.lowerBound
        return RandomWalk(
            around: range.lowerBound + width / 2, reach: min(width / 10, 50), memory: 60)
    }

    mutating func step(by duration: Duration) {
        let seconds = duration / .seconds(1)
        clock = Timestamp(milliseconds: clock.milliseconds + Int64(seconds * 1000))
        for index in sources.indices {
            guard case .walk(var walk) = sources[index].content else { continue }
            walk.step(seconds, random: &random)
            sources[index].content = .walk(walk)
        }
    }

    /// The number that signal `name` shows now, before it is encoded; `nil` for a text, and for a
    /// name that the profile does not have.
    func number(of name: String, in machine: Machine) -> Double? {
        names[name].flatMap { number(of: sources[$0], in: machine) }
    }

    private func number(of source: Source, in machine: Machine) -> Double? {
        switch source.content {
        case .machine(let meaning): machine.number(meaning) ?? 0
        case .bits(let bits):
            bits.reduce(0) { word, bit in
                machine.isTrue(bit.value) ? word + Double(UInt64(1) << bit.key) : word
            }
        case .walk(let walk): walk.value
        case .text, .clock, .answers, .scaleFactor: nil
        }
    }

    /// Its signs of life: each numbers the answers that hold it, so that of the readings that come of
    /// them none can go missing, come twice or change places unseen.
    var heartbeats: [ProfileSignal] {
        sources.compactMap { source in
            if case .answers = source.content { source.signal } else { nil }
        }
    }

    /// All that the device would answer now, by signal.
    func words(of machine: Machine) -> [RegisterImage.Stretch] {
        let exponents = exponents(for: machine)
        let values = sources.map { source -> RegisterImage.Stretch in
            let signal = source.signal
            let words =
                switch source.content {
                case .answers: [UInt16](repeating: 0, count: signal.layout.width)
                case .text(let text): RegisterEncoder.words(for: text, in: signal.layout)
                case .clock: RegisterEncoder.words(at: clock, in: signal.layout)
                case .machine, .bits, .walk, .scaleFactor:
                    RegisterEncoder.words(
                        for: number(of: source, in: machine) ?? 0, of: signal,
                        exponent: signal.scaleFactor.flatMap { exponents[$0] } ?? 0)
                }
            return (signal.table, signal.address, words, RegisterEncoder.mask(of: signal))
        }
        let factors = sources.compactMap { source -> RegisterImage.Stretch? in
            source.signal.scaleFactor.map { factor in
                let words = RegisterEncoder.words(
                    raw: Double(exponents[factor] ?? 0), in: factor.layout)
                return (source.signal.table, factor.address, words, [0xFFFF])
            }
        }
        return values + factors + marks
    }

    /// The least power of ten with which all values of a scale factor fit their registers.
    private func exponents(for machine: Machine) -> [ScaleFactor: Int] {
        var exponents: [ScaleFactor: Int] = [:]
        for source in sources {
            guard let factor = source.signal.scaleFactor else { continue }
            let signal = source.signal
            var scaled = abs(
                ((number(of: source, in: machine) ?? 0) - signal.offset) / signal.scale)
            // Half of what an int16 holds; wider types have all the more room.
            var exponent = factor.layout.encoding == .int16 ? -2 : 0
            scaled *= exponent < 0 ? 100 : 1
            while scaled > 16_000, exponent < ScaleFactor.exponents.upperBound {
                (scaled, exponent) = (scaled / 10, exponent + 1)
            }
            exponents[factor] = max(exponents[factor] ?? exponent, exponent)
        }
        return exponents
    }
}

extension Machine {
    /// What a bit of this name says of the machine.
    fileprivate func isTrue(_ bit: String) -> Bool {
        let words = Set(bit.split(separator: "-").map(String.init))
        func has(_ some: String...) -> Bool { !words.isDisjoint(with: some) }
        if has("inactive", "off2", "off3") { return true }
        if has("fault", "tripped", "trip") { return hasTripped }
        if has("warning", "alarm") { return isHot }
        if has("running", "run", "started", "operating", "rotating") { return isRunning }
        if has("setpoint", "reference") { return isRunning && speed >= 1 }
        if has("ready", "remote", "enabled", "auto") { return !hasTripped }
        return false
    }
}

/// The registers, coils and inputs that a device has, and what stands in them.
struct RegisterImage: Hashable, Sendable {
    /// The words of one signal, and which of their bits are its own.
    typealias Stretch = (table: Table, address: UInt16, words: [UInt16], mask: [UInt16])

    /// Consecutive words of one table.
    struct Run: Hashable, Sendable {
        let table: Table
        let start: UInt16
        var words: [UInt16]

        fileprivate var end: Int { Int(start) + words.count }
    }

    /// In the order of tables and addresses, none touching another.
    private(set) var runs: [Run] = []

    /// Puts `signals` together; gaps of up to `maxGap` between them hold 0, as a device must have
    /// something there for a gateway to read across.
    init(_ signals: [Stretch], maxGap: Int) {
        // Of signals that share registers those with fewer bits come later, and keep them.
        func order(_ signal: Stretch) -> (UInt8, UInt16, Int) {
            let bits = signal.mask.reduce(0) { $0 + $1.nonzeroBitCount }
            return (signal.table.function, signal.address, -bits)
        }
        let sorted = signals.sorted { order($0) < order($1) }
        for signal in sorted where !signal.words.isEmpty {
            let address = Int(signal.address)
            guard var run = runs.last, run.table == signal.table, address <= run.end + maxGap
            else {
                runs.append(Run(table: signal.table, start: signal.address, words: signal.words))
                continue
            }
            run.words += Array(repeating: 0, count: max(0, address - run.end))
            let offset = address - Int(run.start)
            let missing = max(0, offset + signal.words.count - run.words.count)
            run.words += Array(repeating: 0, count: missing)
            for (position, (word, mask)) in zip(signal.words, signal.mask).enumerated() {
                let index = offset + position
                run.words[index] = run.words[index] & ~mask | word & mask
            }
            runs[runs.count - 1] = run
        }
    }
}
