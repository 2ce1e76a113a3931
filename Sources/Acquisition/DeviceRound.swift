// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// A device on its line's rounds: what an answer or a silence means for it and for its signals.
///
/// Reads go by their index in the line.
struct DeviceRound: Sendable {
    private let plan: DevicePlan
    private let firstRead: Int
    private var rounds: [ReadRound]
    private(set) var watch: DeviceWatch
    /// When it will have had its quiet time.
    private(set) var readyAt = Duration.zero
    /// The state last reported.
    private var told = DeviceState.unknown

    /// The reads of `plan` are those of the line from `firstRead` on.
    init(_ plan: DevicePlan, firstRead: Int, watch: DeviceWatch) {
        self.plan = plan
        self.firstRead = firstRead
        self.watch = watch
        rounds = plan.reads.map { ReadRound($0, of: plan.points) }
    }

    /// Its reads, as indices of the line.
    var reads: Range<Int> { firstRead..<firstRead + rounds.count }

    func request(of read: Int) -> Request { rounds[read - firstRead].read.request }

    /// The read to probe it with.
    var smallestRead: Int? {
        reads.min { request(of: $0).count < request(of: $1).count }
    }
}

extension DeviceRound {
    /// An exchange with it has ended, however it went: its quiet time begins.
    mutating func exchanged(at now: Moment) {
        readyAt = now.monotonic + plan.requestGap
    }

    /// Its connection is back.
    mutating func connected() {
        watch.connected()
    }

    /// A read whose turn it is, and which is not asked, is as bad as the last that was.
    mutating func rest(_ read: Int, slot: Int, into report: inout Report) {
        rounds[read - firstRead].fail(watch.reason, slot: slot, of: plan, into: &report)
    }

    /// The words came; returns whether it had been away, and whether what they say is in doubt.
    mutating func answered(
        _ ask: Rounds.Ask, with words: [UInt16], into report: inout Report
    ) -> (wasAway: Bool, isInDoubt: Bool) {
        let index = ask.read - firstRead
        let isInDoubt = rounds[index].answer(words, slot: ask.slot, of: plan, into: &report)
        if rounds[index].refusal != nil {
            rounds[index].refusal = nil
            report.events.append(.requestAccepted(plan.name, ask.request))
        }
        return (heard(into: &report), isInDoubt)
    }

    /// It said no to this request, which is an answer; returns whether it had been away.
    mutating func refused(
        _ ask: Rounds.Ask, _ exception: UInt8, into report: inout Report
    ) -> Bool {
        let index = ask.read - firstRead
        rounds[index].fail(
            .refused(exception: exception), slot: ask.slot, of: plan, into: &report)
        if rounds[index].refusal == nil {
            report.events.append(.requestRefused(plan.name, ask.request, exception: exception))
        }
        rounds[index].refusal = exception
        return heard(into: &report)
    }

    /// Nothing usable came. When that makes it offline, all its signals turn bad, else only those
    /// that were asked for.
    mutating func missed(
        _ ask: Rounds.Ask, because reason: Reason, using dice: inout Dice,
        into report: inout Report
    ) {
        let change = watch.failed(because: reason, at: report.at, using: &dice)
        if case .vanished(let reason, let since) = change {
            report.events.append(
                .deviceVanished(plan.name, because: reason, since: since.time))
            failAll(reason, into: &report)
        } else {
            rounds[ask.read - firstRead].fail(reason, slot: ask.slot, of: plan, into: &report)
        }
        note(into: &report)
    }

    /// Its connection is gone.
    mutating func disconnected(into report: inout Report) {
        watch.disconnected(at: report.at)
        failAll(.notConnected, into: &report)
        note(into: &report)
    }

    private mutating func heard(into report: inout Report) -> Bool {
        let wasAway = watch.probeDue != nil
        if case .answered(let absence) = watch.answered(at: report.at) {
            report.events.append(.deviceAnswers(plan.name, absence: absence))
        }
        note(into: &report)
        return wasAway
    }

    private mutating func failAll(_ reason: Reason, into report: inout Report) {
        for index in rounds.indices {
            rounds[index].fail(reason, slot: nil, of: plan, into: &report)
        }
    }

    /// Reports its state if that has changed.
    private mutating func note(into report: inout Report) {
        var state = watch.state
        if state == .answering, rounds.allSatisfy({ $0.refusal != nil }) { state = .refused }
        guard state != told else { return }
        told = state
        report.devices.append(Report.DeviceChange(device: plan.index, state: state))
    }
}
