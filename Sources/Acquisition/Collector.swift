// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Synchronization

/// Takes the lines' reports, keeps the ledger, and has batches sealed when they are due.
final class Collector: Sendable {
    /// How often the mailbox is emptied. A look costs as much CPU as two polls (2026-11-22): its code
    /// and data have left the caches by then. What the largest plant reads meanwhile fits into one
    /// batch (`Gathering.batchLimit`).
    private static let longestTick = Duration.milliseconds(200)
    private static let shortestTick = Duration.milliseconds(50)

    private let tick: Duration
    let mailbox = Mailbox()
    private let ledger: Mutex<Ledger>
    private let buffer: BatchBuffer
    /// Where what was learnt is kept; `nil`: nowhere.
    private let file: LearntFile?
    private let boot: Boot
    private let now: @Sendable () -> Moment
    private let clockState: @Sendable () -> ClockState
    private let tell: @Sendable (PlantEvent) -> Void

    init(
        _ ledger: Ledger, sealEvery: Duration, buffer: BatchBuffer, file: LearntFile? = nil,
        now: @escaping @Sendable () -> Moment,
        clockState: @escaping @Sendable () -> ClockState,
        tell: @escaping @Sendable (PlantEvent) -> Void
    ) {
        self.ledger = Mutex(ledger)
        tick = Self.tick(for: sealEvery)
        self.buffer = buffer
        self.file = file
        boot = ledger.boot
        self.now = now
        self.clockState = clockState
        self.tell = tell
    }

    /// How often to look, where nothing may be older than that: a batch is sealed a look before it
    /// would be, which makes it smaller by a tenth at most, if that can be.
    static func tick(for sealEvery: Duration) -> Duration {
        min(longestTick, max(shortestTick, sealEvery / 10))
    }

    /// Collects every tick of `clock` until `isStopping` says so or the task is cancelled.
    func run<Time: Clock>(
        on clock: Time, until isStopping: () -> Bool
    ) async where Time.Duration == Duration {
        while !isStopping() {
            // What sealing takes is no reason to look later.
            let next = clock.now.advanced(by: tick)
            await collect()
            // A cancelled sleep is the other way to be asked to stop.
            guard (try? await clock.sleep(until: next, tolerance: .zero)) != nil else { return }
        }
    }

    /// Takes what is there, and seals what is due.
    func collect() async {
        let contents = mailbox.empty()
        let state = clockState()
        let events = ledger.withLock { $0.take(contents) + $0.tick(at: now(), clock: state) }
        events.forEach(tell)
        await keep(ledger.withLock { $0.shelf.due(at: now().monotonic) })
        while let batch = due {
            guard await seal(batch) else { return }
        }
    }

    /// What must not wait for the next look.
    private var due: Gathering.Batch? {
        let now = now().monotonic
        return ledger.withLock { $0.gathering.due(at: now, before: now + tick) }
    }

    /// Takes and seals all there is, with a last word; what cannot be sealed now is lost, and told.
    func finish() async {
        await collect()
        await keep(ledger.withLock { $0.shelf.rest })
        ledger.withLock { $0.note(.stopped, at: now()) }
        while let batch = ledger.withLock({ $0.gathering.rest }) {
            guard await seal(batch) else {
                if let loss = ledger.withLock({ $0.gathering.abandon() }) {
                    tell(.recordsAbandoned(loss))
                }
                return
            }
        }
    }

    /// Returns whether to go on sealing.
    private func seal(_ batch: Gathering.Batch) async -> Bool {
        do throws(BufferError) {
            let now = now()
            let first = boot.uptime(at: batch.oldest ?? now.monotonic)
            try await buffer.seal(
                batch.records, sealed: now.time,
                monotonic: first...boot.uptime(at: now.monotonic), clock: batch.clock,
                losses: batch.losses)
            let outage = ledger.withLock { $0.gathering.sealed(batch, at: self.now().monotonic) }
            if let outage { tell(.sealRecovered(outage: outage)) }
            return true
        } catch BufferError.tooBig {
            if let loss = ledger.withLock({ $0.gathering.tooBig(batch) }) {
                tell(.recordsLost(loss))
            }
            return true
        } catch {
            let (isNews, waiting) = ledger.withLock { ledger in
                (ledger.gathering.failed(at: now().monotonic), ledger.gathering.waiting)
            }
            if isNews { tell(.sealFailed(error, waiting: waiting)) }
            return false
        }
    }
}

extension Collector {
    /// Goes on after what the buffer has.
    func resume() async {
        let newest = Cursor(epoch: buffer.epoch, sequence: buffer.newest)
        // A batch that cannot be read tells nothing of its clock; whoever pulls it is told.
        guard let batch = try? await buffer.batch(at: newest) else { return }
        ledger.withLock { $0.resume(after: batch.head) }
    }

    /// What is known of the devices from before, by their index in the plan; a file that cannot be
    /// used is told of and left alone until there is something to write.
    func recall() async -> [Int: Learnt] {
        guard let file else { return [:] }
        let result = await LearntFile.aside {
            Result { () throws(LearntFile.Unreadable) in try file.read() }
        }
        switch result {
        case .success(let entries): return ledger.withLock { $0.recall(entries) }
        case .failure(let error):
            tell(.learntUnreadable(path: file.path, mistake: error.mistake))
            return [:]
        case nil: return [:]
        }
    }

    private func keep(_ entries: [LearntFile.Entry]?) async {
        guard let file, let entries,
            let code = await LearntFile.aside({ file.write(entries) })
        else { return }
        if ledger.withLock({ $0.shelf.written(code) }) {
            tell(.learntNotKept(path: file.path, errno: code))
        }
    }
}

extension Collector {
    /// Every machine as it stands now.
    var snapshot: [EquipmentSnapshot] {
        ledger.withLock { $0.snapshot(at: now()) }
    }

    /// What has been done so far.
    var status: AcquisitionStatus {
        ledger.withLock { $0.status(at: now()) }
    }
}
