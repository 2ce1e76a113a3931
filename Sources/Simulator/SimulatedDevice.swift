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
        }

        let signal: ProfileSignal
        var content: Content
    }

    /// What it says of itself, as its profile names it.
    let identification: DeviceIdentification
    private var sources: [Source]
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
            Source(signal: signal, content: Self.content(of: signal, in: profile))
        }
        names = Dictionary(
            uniqueKeysWithValues: profile.signals.enumerated().map { ($1.name, $0) })
    }

    private static func content(of signal: ProfileSignal, in profile: Profile) -> Source.Content {
        if signal.layout.encoding == .string { return .text("SIM \(profile.model)") }
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
        case .text: nil
        }
    }

    /// All that the device would answer now, by signal.
    func words(of machine: Machine) -> [RegisterImage.Stretch] {
        sources.map { source in
            let words =
                if case .text(let text) = source.content {
                    RegisterEncoder.words(for: text, in: source.signal.layout)
                } else {
                    RegisterEncoder.words(
                        for: number(of: source, in: machine) ?? 0, of: source.signal)
                }
            return (source.signal.table, source.signal.address, words)
        }
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
    /// The words of one signal.
    typealias Stretch = (table: Table, address: UInt16, words: [UInt16])

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
        let sorted = signals.sorted {
            ($0.table.function, $0.address) < ($1.table.function, $1.address)
        }
        for signal in sorted where !signal.words.isEmpty {
            let address = Int(signal.address)
            guard var run = runs.last, run.table == signal.table, address <= run.end + maxGap
            else {
                runs.append(Run(table: signal.table, start: signal.address, words: signal.words))
                continue
            }
            run.words += Array(repeating: 0, count: max(0, address - run.end))
            let offset = address - Int(run.start)
            let covered = min(run.words.count, offset + signal.words.count)
            run.words.replaceSubrange(offset..<covered, with: signal.words)
            runs[runs.count - 1] = run
        }
    }
}
