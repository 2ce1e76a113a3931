// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// Does what its rounds decide, on a line's own thread, which may block: one transaction at a time.
struct LinePoller<Source: PointSource & ~Copyable>: ~Copyable {
    private var rounds: Rounds
    private var source: Source
    private let timeout: Duration
    private let frames: LineFrames?
    private let now: @Sendable () -> Moment

    /// `now` is read when a step begins and when an answer has arrived; `frames` are kept after a
    /// fault.
    init(
        _ rounds: Rounds, source: consuming Source, timeout: Duration, frames: LineFrames? = nil,
        now: @escaping @Sendable () -> Moment
    ) {
        self.rounds = rounds
        self.source = source
        self.timeout = timeout
        self.frames = frames
        self.now = now
    }

    /// Works until there is something to hand over; `nil` when a pause ended in a stop.
    ///
    /// `pause` waits until a monotonic time, in the terms of `now`.
    mutating func advance(pause: (Duration) -> Line.Wake) -> Report? {
        guard var report = step(pause) else { return nil }
        rounds.complete(&report)
        frames?.keep(&report)
        return report
    }

    @inline(never)
    private mutating func step(_ pause: (Duration) -> Line.Wake) -> Report? {
        while true {
            switch rounds.next(at: now()) {
            case .pause(let until):
                if pause(until) == .stop { return nil }
            case .tell(let report):
                return report
            case .connect:
                if let report = connect() { return report }
            case .ask(let ask):
                if !source.isConnected, let report = connect() { return report }
                let began = now().monotonic
                return report(of: ask, began: began, exchange(ask))
            }
        }
    }

    /// A report if there is no link afterwards. Not inlined (`Line.stackSize`), as below: what one of
    /// them needs of the stack is given back before the next one.
    @inline(never)
    private mutating func connect() -> Report? {
        do throws(ModbusError) {
            try source.connect(within: timeout)
            rounds.connected(at: now())
            return nil
        } catch {
            return rounds.notConnected(because: error, at: now())
        }
    }

    @inline(never)
    private mutating func exchange(_ ask: Rounds.Ask) -> Result<[UInt16], ModbusError> {
        Result { () throws(ModbusError) in try source.read(ask.request, within: ask.timeout) }
    }

    @inline(never)
    private mutating func report(
        of ask: Rounds.Ask, began: Duration, _ result: Result<[UInt16], ModbusError>
    ) -> Report {
        var report: Report
        let outcome: Traffic.Outcome
        switch result {
        case .success(let words):
            report = rounds.answered(ask, with: words, at: now())
            outcome = .answer
        case .failure(let error):
            report = rounds.failed(ask, with: error, at: now())
            outcome = Traffic.Outcome(error)
        }
        report.poll = Report.Poll(
            device: ask.device, request: ask.request, outcome: outcome, began: began,
            due: ask.due, overruns: ask.overruns)
        report.link = source.counts
        return report
    }
}

extension LinePoller where Source == Link {
    /// What came too late for the line's timeout; listens on for it if nothing has yet.
    mutating func lateAnswer() -> LateAnswer? {
        if source.counts.lateAnswers == 0 {
            source.listen(for: LateAnswer.patience(after: timeout))
        }
        return source.counts.latestLate.flatMap { $0.exceeds(timeout) ? $0 : nil }
    }
}

extension Traffic.Outcome {
    /// What an error means for the request.
    init(_ error: ModbusError) {
        switch error {
        case .refused(let exception): self = .exception(exception)
        case .silent: self = .timeout
        case .garbled: self = .garbled
        case .broken, .tooManyDescriptors: self = .broken
        }
    }
}
