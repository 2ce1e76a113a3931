// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Logging
internal import ServiceLifecycle

/// Says in the log how long the buffer holds, when that is too short or somebody runs out of it, and
/// when the limit begins to take what nobody has read, and hourly while it goes on; the stream
/// itself says which. What is lost otherwise is told when it happens.
struct LossService: Service {
    let buffer: BatchBuffer
    /// How long a reader is to be able to stay away, if somebody said so.
    let survive: Duration?
    let logger: Logger

    private static let interval = Duration.seconds(10)
    private static let reminder = Duration.seconds(3_600)

    func run() async throws {
        // Being cancelled is how this ends: there is nothing to undo.
        try? await cancelWhenGracefulShutdown { try await watch() }
    }

    private func watch() async throws {
        let first = try await buffer.state()
        var lost = Reminder(known: first.lostToLimit, every: Self.reminder)
        var thinned = Reminder(known: first.thinned, every: Self.reminder)
        var endurance = EnduranceWatch(survive: survive)
        while true {
            try await Task.sleep(for: Self.interval)
            let state = try await buffer.state()
            let now = ContinuousClock.now
            if let records = lost.more(than: state.lostToLimit, at: now) {
                tellLost(records, of: state)
            }
            if let readings = thinned.more(than: state.thinned, at: now) {
                tellThinned(readings, of: state)
            }
            let seen = Endurance(state, of: try await buffer.consumers())
            for change in endurance.look(at: seen) { EventText(change).log(to: logger) }
        }
    }

    private func tellLost(_ records: Int, of state: BufferState) {
        logger.error(
            """
            the buffer is at its limit of \(Wording.bytes(state.limit)): the oldest \
            \(Wording.count(records, "record")) are lost and more will \
            be; the stream says which: raise `buffer: limit`, or let consumers read sooner
            """,
            metadata: ["event": "lost", "reason": "buffer-limit"])
    }

    private func tellThinned(_ readings: Int, of state: BufferState) {
        logger.warning(
            """
            the buffer is at its limit of \(Wording.bytes(state.limit)): summaries are left of the \
            oldest \(Wording.count(readings, "reading")), and more are thinned; the stream says \
            which: raise `buffer: limit`, or let consumers read sooner
            """,
            metadata: ["event": "thinned", "reason": "thinned"])
    }
}

/// A count that is told when it grows, and while it goes on growing, from time to time.
struct Reminder {
    private var known: Int
    private let interval: Duration
    private var told: ContinuousClock.Instant?

    init(known: Int, every interval: Duration) {
        self.known = known
        self.interval = interval
    }

    /// By how much it has grown since it was told, if that is to be told now.
    mutating func more(than count: Int, at now: ContinuousClock.Instant) -> Int? {
        guard count > known, told.map({ now - $0 >= interval }) ?? true else { return nil }
        defer { (known, told) = (count, now) }
        return count - known
    }
}

extension EventText {
    init(_ change: EnduranceWatch.Change) {
        switch change {
        case .known(let endurance):
            self.init(
                level: .info, id: "endurance",
                sentence: "the buffer holds \(endurance.sentence)")
        case .runsOut(let slowest, let endurance):
            self.init(
                level: .warning, id: "buffer-runs-out",
                sentence: "the limit takes what consumer \(slowest.consumer) has not read in "
                    + "\(Wording.roughly(slowest.left)), at this rate; the buffer holds "
                    + "\(Wording.roughly(endurance.holds)): let it read, raise `buffer: limit`, or "
                    + "delete the consumer if nobody needs it any more",
                facts: ["consumer": "\(slowest.consumer)"])
        case .enough(let endurance):
            self.init(
                level: .notice, id: "buffer-lasts",
                sentence: "nobody runs out of the buffer any more: it holds \(endurance.sentence)")
        case .short(let endurance, let survive):
            self.init(
                level: .warning, id: "buffer-too-small",
                sentence: "the buffer holds \(Wording.roughly(endurance.holds)) at this rate, and is "
                    + "to survive \(Wording.roughly(survive)): raise `buffer: limit`, or read less "
                    + "often (`every`)")
        case .long(let endurance, let survive):
            self.init(
                level: .notice, id: "buffer-large-enough",
                sentence: "the buffer holds \(Wording.roughly(endurance.holds)) at this rate, as it "
                    + "is to survive \(Wording.roughly(survive))")
        }
    }
}
