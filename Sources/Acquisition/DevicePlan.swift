// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus
internal import Plant

/// One device and the requests that fetch its signals. It never changes, and many refer to it.
final class DevicePlan: Sendable {
    let name: DeviceName
    /// Among all devices of the plan.
    let index: Int
    let via: String
    let unit: UInt8
    /// Quiet time that it needs between two requests.
    let requestGap: Duration
    let points: [Point]
    /// How each point is read, where that is all there is to it. They are numbers only and lie apart
    /// from the points, which are objects: hundreds of lines share those of one model, and their
    /// threads would wait for each other to count the references, at every value.
    let measures: [Measure?]
    /// Of each point.
    let periods: [Duration]
    /// Of each point's signal, among those of the device; those of its bits follow it.
    private let offsets: [Int]
    /// All signals of the device, bits included, the derived ones last.
    let signals: Range<Int>
    /// Of each of them.
    let descriptions: [Signal.Description]
    let derived: [DerivedPlan]
    /// As the profile has it, before anything is learnt.
    let reads: [ReadPlan.Read]
    /// Of its profile; every change of it is a new version of the model.
    let profileText: String
    private let maxRegisters: Int
    private let maxGap: Int

    /// It shares with `other`, of a profile of the same name, all that is the same for both.
    init(
        _ device: Configuration.Device, of equipment: String, index: Int, firstSignal: Int,
        like other: DevicePlan? = nil
    ) {
        let profile = device.profile
        name = DeviceName(equipment: equipment, device: device.name)
        self.index = index
        via = device.via
        unit = device.unit
        requestGap = profile.requestGap
        let other = other.flatMap { other in
            other.points.lazy.map(\.source).elementsEqual(profile.signals) ? other : nil
        }
        points = other?.points ?? profile.signals.map(Point.init)
        measures = other?.measures ?? points.map(\.plain)
        let periods = profile.signals.map(device.period)
        let twin = other.flatMap { $0.periods == periods ? $0 : nil }
        self.periods = twin?.periods ?? periods
        let offsets = other?.offsets ?? Self.offsets(of: points)
        self.offsets = offsets
        let count = points.reduce(0) { $0 + 1 + $1.bits.count }
        derived = DerivedPlan.all(
            of: profile, offsets.map { firstSignal + $0 }, periods, next: firstSignal + count)
        signals = firstSignal..<firstSignal + count + derived.count
        let sibling = other.flatMap { other in
            other.derived.lazy.map(\.source).elementsEqual(profile.derived) ? other : nil
        }
        descriptions = sibling?.descriptions ?? Self.descriptions(of: profile)
        profileText = profile.text
        maxRegisters = profile.maxRegisters
        maxGap = profile.maxGap
        if let twin, (twin.maxRegisters, twin.maxGap) == (maxRegisters, maxGap) {
            reads = twin.reads.map { [unit] in $0.asked(of: unit) }
        } else {
            reads =
                ReadPlan(
                    points, periods: periods, unit: unit, maxRegisters: maxRegisters,
                    maxGap: maxGap
                ).reads
        }
    }

    private static func descriptions(of profile: Profile) -> [Signal.Description] {
        let read = profile.signals.flatMap { source in
            source.names.enumerated().map { position, name in
                Signal.Description(
                    quantity: name, unit: position == 0 ? source.unit : nil,
                    role: position == 0 ? source.role : nil)
            }
        }
        let derived = profile.derived.map { source in
            Signal.Description(quantity: source.name, unit: source.unit, role: source.role)
        }
        return read + derived
    }

    private static func offsets(of points: [Point]) -> [Int] {
        var next = 0
        return points.map { point in
            defer { next += 1 + point.bits.count }
            return next
        }
    }

    /// Index of a point's signal; those of its bits follow it.
    func firstSignal(of point: Int) -> Int { signals.lowerBound + offsets[point] }

    /// Its reads, given what was learnt of it.
    func reads(knowing learnt: Learnt) -> [ReadPlan.Read] {
        guard !learnt.facts.isEmpty else { return reads }
        return ReadPlan(
            points, periods: periods, unit: unit, maxRegisters: maxRegisters, maxGap: maxGap,
            knowing: learnt
        ).reads
    }

    /// One request for these points of one table, in the order of their addresses.
    func read(_ some: some Collection<Int>) -> ReadPlan.Read {
        ReadPlan.read(some, of: points, periods: periods, unit: unit)
    }

    /// Its signals that an answer can tell of, bits included.
    var read: Range<Int> { signals.dropLast(derived.count) }

    /// How often it is asked at most: the period of its fastest request.
    var fastest: Duration {
        reads.map(\.period).min() ?? Configuration.Default.every
    }
}
