// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Acquisition

/// Whatever a device refuses, a line ends with exactly that refused and all else read, within a
/// bounded number of requests; and what it has learnt holds after a restart.
struct LearningPropertyTests {
    /// A profile and a device that does not keep what it promises, both from a seed.
    struct Case {
        let profile: Profile
        let device: PickyDevice

        init(seed: UInt64) {
            var dice = Dice(seed: seed)
            let maxRegisters = Int.random(in: 4...125, using: &dice)
            let tables: [Table] = seed % 3 == 0 ? [.input, .holding] : [.holding]
            var signals: [ProfileSignal] = []
            for table in tables {
                var address = 0
                for number in 0..<Int.random(in: 2...90, using: &dice) {
                    let width = Int.random(in: 1...4, using: &dice)
                    signals.append(
                        .sample(
                            .uint64, width: width, name: "\(table)\(number)", table: table,
                            at: UInt16(address),
                            every: .seconds([20, 20, 20, 100].randomElement(using: &dice) ?? 20)))
                    address += width
                    if Int.random(in: 0..<4, using: &dice) == 0 {
                        address += Int.random(in: 1...12, using: &dice)
                    }
                }
            }
            profile = .sample(
                signals, maxRegisters: maxRegisters, maxGap: Int.random(in: 0...10, using: &dice),
                every: .seconds(20))
            device = Self.device(for: signals, upTo: maxRegisters, using: &dice)
        }

        private static func device(
            for signals: [ProfileSignal], upTo maxRegisters: Int, using dice: inout Dice
        ) -> PickyDevice {
            var device = PickyDevice()
            for table in Set(signals.map(\.table)).sorted(by: { $0.rawValue < $1.rawValue }) {
                let end =
                    signals.filter { $0.table == table }.map(\.addresses.upperBound).max() ?? 1
                func addresses(_ count: Int) -> Set<Int> {
                    Set((0..<count).map { _ in Int.random(in: 0..<end, using: &dice) })
                }
                device.missing[table] = addresses(
                    [0, 0, 1, 3, 12].randomElement(using: &dice) ?? 0)
                device.borders[table] = addresses([0, 0, 0, 2].randomElement(using: &dice) ?? 0)
                device.longest[table] = Int.random(in: 4...maxRegisters, using: &dice)
            }
            if device.missing.count == 2, Int.random(in: 0..<3, using: &dice) == 0 {
                device.unserved = [.input]
            }
            return device
        }

        /// Signals that cannot be had in any way, and the most that may be learnt.
        var refused: Int {
            profile.signals.count { device.content(of: $0).quality == .bad }
        }
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `exactly what cannot be had is refused, after a bounded number of requests`(
        seed: UInt64
    ) {
        let (profile, device) = { ($0.profile, $0.device) }(Case(seed: seed))
        let refused = Case(seed: seed).refused
        let line = ManualLine(profile, device, for: .seconds(300))
        let all = refused == profile.signals.count
        let expected = profile.signals.map(device.content)
        #expect(line.latest == Dictionary(uniqueKeysWithValues: zip(0..., expected)))
        #expect(!line.states(of: 0).contains(.offline))
        guard !all else { return #expect(line.facts(of: 0).isEmpty) }
        let facts = line.facts(of: 0)
        // Each fact costs two bisections, and what is refused next to it a request or two.
        let failures = line.failures(of: device)
        #expect(failures <= 16 * facts.count + 2 * refused + 2, "\(facts.count) facts")
        #expect(line.failures(of: device, from: .seconds(120)) == 0, "nothing is left to learn")
        #expect(line.asks.allSatisfy { $0.request.count <= profile.maxRegisters })
        #expect(line.mostGoodReadings(within: .seconds(20)) == 1, "of one turn, in the search, too")

        let again = ManualLine(profile, device, for: .seconds(700), knowing: facts)
        #expect(again.failures(of: device) <= 1, "the one rare retry in ten minutes")
        #expect(again.latest == line.latest)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `also where long requests are ignored`(seed: UInt64) {
        let profile = Case(seed: seed).profile
        var device = PickyDevice()
        for table in Set(profile.signals.map(\.table)) {
            device.longest[table] = max(8, profile.maxRegisters / 2)
        }
        device.ignoresLong = true
        let line = ManualLine(profile, device, for: .seconds(1500))
        #expect(line.latest.values.allSatisfy { $0.quality == .good })
        #expect(!line.states(of: 0).contains(.offline), "short requests are answered all the time")
        #expect(line.failures(of: device) <= 26 * max(1, line.facts(of: 0).count) + 20)
        #expect(line.failures(of: device, from: .seconds(700)) <= 2, "rare retries")
    }
}
