// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
package import Modbus
import Plant

/// One Modbus unit of the plant: its profile's registers, filled from its machine.
struct SimulatedDevice: Sendable {
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

    private var sources: [Source]
    private let names: [String: Int]
    private var random: SeededGenerator

    init(_ profile: Profile, random: SeededGenerator) {
        self.random = random
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
        let range = signal.range ?? 0...100
        // The middle half of the range, lest a plausible number look like a broken one.
        let middle = (range.lowerBound + range.upperBound) / 2
        let reach = min((range.upperBound - range.lowerBound) / 4, 50)
        return .walk(RandomWalk(around: middle, reach: reach, memory: 60))
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

    /// All that the device would answer now.
    func registers(of machine: Machine) -> RegisterImage {
        var image = RegisterImage()
        for source in sources {
            let signal = source.signal
            let words =
                if case .text(let text) = source.content {
                    RegisterEncoder.words(for: text, in: signal.layout)
                } else {
                    RegisterEncoder.words(
                        for: number(of: source, in: machine) ?? 0, of: signal)
                }
            image.put(words, at: signal.address, of: signal.table)
        }
        return image
    }
}

extension Machine {
    /// What a bit of this name says of the machine.
    fileprivate func isTrue(_ bit: String) -> Bool {
        let words = Set(bit.split(separator: "-").map(String.init))
        func has(_ some: String...) -> Bool { !words.isDisjoint(with: some) }
        if has("inactive", "off2", "off3") { return true }
        if has("fault", "tripped", "trip") { return hasTripped }
        if has("warning", "alarm") { return wear > 0.9 }
        if has("running", "run", "started", "operating", "rotating") { return speed > 0 }
        if has("setpoint", "reference") { return isRunning && speed >= 1 }
        if has("ready", "remote", "enabled", "auto") { return !hasTripped }
        return false
    }
}

/// The registers, coils and inputs that a device has, and what stands in them.
package struct RegisterImage: Hashable, Sendable {
    private var tables: [Table: [UInt16: UInt16]] = [:]
    private var bounds: [Table: ClosedRange<UInt16>] = [:]

    mutating func put(_ words: [UInt16], at address: UInt16, of table: Table) {
        guard !words.isEmpty else { return }
        let last = address + UInt16(words.count - 1)
        for (offset, word) in words.enumerated() {
            tables[table, default: [:]][address + UInt16(offset)] = word
        }
        let old = bounds[table] ?? address...last
        bounds[table] = min(old.lowerBound, address)...max(old.upperBound, last)
    }

    /// The words asked for, 0 in a gap between signals; `nil` beyond the first and last signal of
    /// the table, where a device answers with exception 2.
    package func words(_ request: Request) -> [UInt16]? {
        guard let bounds = bounds[request.table], request.start >= bounds.lowerBound,
            Int(request.start) + request.count - 1 <= Int(bounds.upperBound)
        else { return nil }
        let table = tables[request.table] ?? [:]
        return (0..<request.count).map { table[request.start + UInt16($0)] ?? 0 }
    }
}
