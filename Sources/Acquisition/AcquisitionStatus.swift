// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// What acquisition has done since it began.
package struct AcquisitionStatus: Sendable {
    /// In the order of the configuration.
    package var connections: [ConnectionSnapshot]
    /// Since when all of it has been counted: a reload begins anew.
    package var since: Timestamp
    /// How often the collector has taken what the lines reported: it stands still if that hangs.
    package var collections: Int
    /// Good readings written.
    package var good: Int
    /// Uncertain readings written.
    package var uncertain: Int
    /// Bad readings written: beginnings and beats, not polls.
    package var bad: Int
    /// Records made; equals `sealed` + `waiting` + `lost`.
    package var produced: Int
    /// Records that are on disk.
    package var sealed: Int
    /// Records in memory, for the next batch.
    package var waiting: Int
    /// Records that had to be given up; the stream says so as `lost`.
    package var lost: Int
    /// For how long sealing has failed; `nil` while it works.
    package var sealingFailing: Duration?
    /// What devices were found not to give, by device, in the order of the configuration.
    package var learnt: [LearntStatus]
}

/// Something that a device was found not to give.
package struct LearntStatus: Hashable, Sendable {
    /// Which device.
    package let device: DeviceName
    /// What, and since when.
    package let fact: LearntFact
    /// The signals that it is about: those that are refused, or those on either side of a line.
    package let signals: [String]
}

extension Ledger {
    /// Counts as they stand at `now`.
    func status(at now: Moment) -> AcquisitionStatus {
        AcquisitionStatus(
            connections: connections(at: now), since: began, collections: collections,
            good: counts.good,
            uncertain: counts.uncertain, bad: counts.bad, produced: gathering.counts.produced,
            sealed: gathering.counts.sealed, waiting: gathering.waiting,
            lost: gathering.counts.lost, sealingFailing: gathering.outage(at: now.monotonic),
            learnt: shelf.statuses(of: plan))
    }
}

extension Ledger {
    private func connections(at now: Moment) -> [ConnectionSnapshot] {
        zip(plan.lines, lines).map { plan, line in
            line.snapshot(of: plan.devices.map { devices[$0.index] }, at: now)
        }
    }
}
