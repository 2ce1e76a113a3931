// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Logging
internal import ServiceLifecycle

/// Says in the log how long the buffer holds, when that is too short or somebody runs out of it, and
/// when the limit or the disk begins to take what nobody has read, and hourly while it goes on; the
/// stream itself says which. What is lost otherwise is told when it happens.
struct LossService: Service {
    let buffer: BatchBuffer
    /// How long a reader is to be able to stay away, if somebody said so.
    let survive: Duration?
    let logger: Logger

    private static let interval = Duration.seconds(10)

    func run() async throws {
        // Being cancelled is how this ends: there is nothing to undo.
        try? await cancelWhenGracefulShutdown { try await watch() }
    }

    private func watch() async throws {
        var reminders = Reminders()
        var endurance = EnduranceWatch(survive: survive)
        while true {
            await look(&reminders, &endurance)
            try await Task.sleep(for: Self.interval)
        }
    }

    /// A look that fails ends nothing: the database may be about to be replaced, or the disk have
    /// failed, which whoever writes next will tell.
    private func look(_ reminders: inout Reminders, _ endurance: inout EnduranceWatch) async {
        guard let state = try? await buffer.state(),
            let consumers = try? await buffer.consumers()
        else { return }
        let now = ContinuousClock.now
        if let records = reminders.limit.more(than: state.lostToLimit, in: state.epoch, at: now) {
            tellLost(records, of: state)
        }
        if let records = reminders.disk.more(than: state.lostToDisk, in: state.epoch, at: now) {
            tellLostToDisk(records, of: state)
        }
        if let readings = reminders.thinned.more(than: state.thinned, in: state.epoch, at: now) {
            tellThinned(readings, of: state)
        }
        let seen = Endurance(state, of: consumers)
        for change in endurance.look(at: seen) { EventText(change).log(to: logger) }
    }

    private struct Reminders {
        var limit = Reminder()
        var disk = Reminder()
        var thinned = Reminder()
    }

    private func tellLostToDisk(_ records: Int, of state: BufferState) {
        logger.error(
            """
            the disk has room for \(Wording.bytes(state.quota)) of the buffer's \
            \(Wording.bytes(state.limit)): the oldest \(Wording.count(records, "record")) are lost \
            and more will be; the stream says which: make room on the disk, or let consumers read \
            sooner
            """,
            metadata: ["event": "lost", "reason": "disk-full"])
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

/// A count that is told when it grows, and while it goes on growing, hourly. Each epoch counts
/// from 0.
struct Reminder {
    /// `nil` before the first look: what was lost before it was told then.
    private var known: (epoch: Epoch, count: Int)?
    private var told: ContinuousClock.Instant?
    private static let interval = Duration.seconds(3_600)

    /// By how much it has grown since it was told, if that is to be told now.
    mutating func more(
        than count: Int, in epoch: Epoch, at now: ContinuousClock.Instant
    ) -> Int? {
        guard let known else {
            self.known = (epoch, count)
            return nil
        }
        // It falls within an epoch, too, where what was lost for two reasons is told as one.
        let before = epoch == known.epoch ? min(known.count, count) : 0
        self.known = (epoch, before)
        guard count > before, told.map({ now - $0 >= Self.interval }) ?? true else { return nil }
        (self.known, told) = ((epoch, count), now)
        return count - before
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
                    + "\(Wording.roughly(endurance.holds)): let it read, \(endurance.remedy), or "
                    + "delete the consumer if nobody needs it any more",
                facts: ["consumer": "\(slowest.consumer)"])
        case .enough(let endurance):
            self.init(
                level: .notice, id: "buffer-lasts",
                sentence: "nobody runs out of the buffer any more: it holds \(endurance.sentence)")
        case .short(let endurance, let survive):
            self.init(
                level: .warning, id: "buffer-too-small",
                sentence:
                    "the buffer holds \(Wording.roughly(endurance.holds)) at this rate, and is "
                    + "to survive \(Wording.roughly(survive)): \(endurance.remedy), or read less "
                    + "often (`every`)")
        case .long(let endurance, let survive):
            self.init(
                level: .notice, id: "buffer-large-enough",
                sentence:
                    "the buffer holds \(Wording.roughly(endurance.holds)) at this rate, as it "
                    + "is to survive \(Wording.roughly(survive))")
        }
    }
}
