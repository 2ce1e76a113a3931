// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Modbus
internal import Plant
internal import Synchronization

/// What is known of every device, and when that is to be written down.
///
/// A value: it writes nothing itself.
struct LearntShelf: Sendable {
    /// A search brings several facts in a row; one writing holds them all.
    static let pause = Duration.seconds(5)

    private(set) var entries: [LearntFile.Entry]
    private var changedAt: Duration?
    private var isFailing = false

    init(_ plan: PollPlan) {
        entries = plan.devices.map { LearntFile.Entry($0) }
    }

    /// What the devices are known by that are the same as when `remembered` was written.
    mutating func recall(_ remembered: [LearntFile.Entry], of plan: PollPlan) -> [Int: Learnt] {
        var known: [Int: Learnt] = [:]
        for old in remembered {
            guard let index = entries.firstIndex(where: { $0.isSame(as: old) }),
                let learnt = plan.devices[index].usable(old.facts)
            else { continue }
            entries[index].facts = learnt.facts
            known[index] = learnt
        }
        return known
    }

    mutating func take(_ change: Report.LearntChange, at now: Duration) {
        guard entries[change.device].facts != change.facts else { return }
        entries[change.device].facts = change.facts
        changedAt = changedAt ?? now
    }

    /// What to write at `now`, if that is due; it counts as written.
    mutating func due(at now: Duration) -> [LearntFile.Entry]? {
        guard let changedAt, now - changedAt >= Self.pause else { return nil }
        return rest
    }

    /// What to write when nothing more will come.
    var rest: [LearntFile.Entry]? {
        mutating get {
            guard changedAt != nil else { return nil }
            changedAt = nil
            return entries
        }
    }

    /// The writing ended with `code`, 0 if well; returns whether that is bad news.
    mutating func written(_ code: Int32) -> Bool {
        defer { isFailing = code != 0 }
        return code != 0 && !isFailing
    }
}

extension LearntFile.Entry {
    init(_ device: DevicePlan) {
        let digest = Array(device.profileText.utf8).withUnsafeBytes(Digest.sha256)
        self.init(
            device: device.name, connection: device.via, unit: device.unit,
            profile: Digest.hex(digest), facts: [])
    }

    fileprivate func isSame(as other: LearntFile.Entry) -> Bool {
        device == other.device && connection == other.connection && unit == other.unit
            && profile == other.profile
    }
}

extension DevicePlan {
    /// What holds of `facts` for this device; `nil` if they leave nothing to be read.
    fileprivate func usable(_ facts: [LearntFact]) -> Learnt? {
        let learnt = Learnt(
            facts.filter { fact in
                guard case .value(let extent) = fact.matter else { return true }
                return points.contains {
                    $0.source.table == fact.table && $0.extent == extent
                }
            })
        return learnt.facts.isEmpty || reads(knowing: learnt).isEmpty ? nil : learnt
    }
}

extension LearntFile {
    /// Does `work`, which may block, on a thread of its own.
    static func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
        let box = Box<Value>()
        let thread = Line(name: "learnt") { _ in box.value.withLock { $0 = work() } }
        await thread.finished()
        return box.value.withLock(\.self)
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
