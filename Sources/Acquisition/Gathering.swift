// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// Records that wait to be sealed, and when that is due.
///
/// What it promises: produced = sealed + waiting + lost, exactly. A record leaves in one of two
/// ways: `sealed` says that it is on disk, or the oldest are dropped when too many wait, and then
/// they are counted in a loss, which waits in their stead. A value: it seals nothing itself.
struct Gathering: Sendable {
    /// Records of one batch: beyond this a larger one compresses no better.
    static let batchLimit = 20_000
    /// So many are sealed at once: mostly they are then sealed all, and none of them is moved.
    static let plenty = batchLimit / 2
    /// Records that wait while sealing fails, 2.4 MB; then the oldest batch's worth is lost.
    static let waitingLimit = 100_000
    /// How long to wait after a failure.
    static let retryInterval = Duration.seconds(1)
    /// Early seals are at least this far apart, so that a chattering plant cannot wear the disk.
    static let shortestInterval = Duration.seconds(1)

    /// What the next batch is to be made of.
    struct Batch: Sendable {
        let records: Records
        let losses: [Loss]
        /// When the oldest that waited came: before that, none of the records. `nil` if none waited.
        let oldest: Duration?
        /// Whether the stamps of all of them can be believed.
        let clock: ClockState
    }

    private let every: Duration
    /// Less than `batchLimit` after a batch that was too big for the buffer.
    private var size = Self.batchLimit
    private(set) var records: Records
    private(set) var loss: Loss?
    private(set) var counts = Counts()
    /// When the oldest waiting record came.
    private var oldest: Duration?
    private var isUrgent = false
    private var isAcrossStep = false
    /// The clock was not synchronised at some look while they were gathered, or is not now.
    private var wasUnsynced = false
    private var isUnsynced = false
    private var lastEarly: Duration?
    private var failingSince: Duration?
    private var retry = Duration.zero

    struct Counts: Hashable, Sendable {
        var produced = 0
        var sealed = 0
        var lost = 0
    }

    /// Readings will be of the signals of `roster`.
    init(of roster: Roster, every: Duration) {
        self.every = every
        records = Records(of: roster)
    }

    mutating func add(_ content: Reading.Content, of signal: Int, at now: Moment) {
        records.append(content, of: signal, at: now.time)
        added(at: now.monotonic)
    }

    mutating func add(health entry: Entry, at now: Duration) {
        records.append(health: entry)
        added(at: now)
    }

    mutating func add(note entry: Entry, at now: Duration) {
        records.append(note: entry)
        added(at: now)
    }

    /// Records that wait.
    var waiting: Int { records.count }

    private mutating func added(at now: Duration) {
        counts.produced += 1
        if oldest == nil { oldest = now }
    }

    /// The batch is due at once, because of what it tells.
    mutating func hurry() { isUrgent = true }

    /// The wall clock jumped; stamps before and after do not compare.
    mutating func step() {
        isAcrossStep = true
        isUrgent = true
    }

    /// Takes note of whether the clock is synchronised now.
    mutating func look(at clock: ClockState) {
        isUnsynced = clock != .synced
        if isUnsynced { wasUnsynced = true }
    }

    /// Takes note of records that were lost before they came here.
    mutating func lose(_ lost: Loss) {
        counts.produced += lost.records
        counts.lost += lost.records
        loss.add(records: lost.records, first: lost.first, last: lost.last)
    }

    /// What to seal at `now`, if that is due: the next look is at `next`, when none of it may be
    /// older than it is ever to be.
    func due(at now: Duration, before next: Duration) -> Batch? {
        guard let oldest, now >= retry else { return nil }
        let mayHurry = lastEarly.map { now - $0 >= Self.shortestInterval } ?? true
        let isDue =
            records.count >= min(size, Self.plenty) || next - oldest > every || isUrgent && mayHurry
        return isDue ? batch : nil
    }

    /// What to seal when nothing more will come; `nil` if nothing waits.
    var rest: Batch? { records.isEmpty && loss == nil ? nil : batch }

    private var batch: Batch {
        Batch(
            records: records.prefix(size), losses: loss.map { [$0] } ?? [],
            oldest: oldest,
            clock: isAcrossStep ? .stepped : wasUnsynced ? .unsynced : .synced)
    }

    /// `batch` is on disk; returns how long sealing had failed before, if it had.
    mutating func sealed(_ batch: Batch, at now: Duration) -> Duration? {
        size = Self.batchLimit
        counts.sealed += batch.records.count
        records.removeFirst(batch.records.count)
        // As many will come again.
        if batch.records.count >= Self.plenty { records.reserve(Self.batchLimit) }
        if let oldest, now - oldest < every, isUrgent { lastEarly = now }
        if records.isEmpty { oldest = nil }
        loss = nil
        isUrgent = false
        isAcrossStep = false
        wasUnsynced = isUnsynced
        defer { failingSince = nil }
        return failingSince.map { now - $0 }
    }

    /// Sealing failed at `now`; returns whether that is news.
    mutating func failed(at now: Duration) -> Bool {
        defer { failingSince = failingSince ?? now }
        retry = now + Self.retryInterval
        return failingSince == nil
    }

    /// `batch` is too big for the buffer, however often it is tried: the next one is half of it. A
    /// single record that does not fit is lost; returns what is lost so far in that case.
    mutating func tooBig(_ batch: Batch) -> Loss? {
        size = max(1, batch.records.count / 2)
        return batch.records.count == 1 ? drop(1) : nil
    }

    /// For how long sealing has failed; `nil` while it works.
    func outage(at now: Duration) -> Duration? { failingSince.map { now - $0 } }

    /// Drops the oldest if too many wait; returns what is lost so far, if something was dropped.
    mutating func trim() -> Loss? {
        guard records.count > Self.waitingLimit else { return nil }
        return drop(records.count - Self.waitingLimit + Self.batchLimit)
    }

    /// Gives up all that waits: the process ends and the disk does not take it.
    mutating func abandon() -> Loss? { drop(records.count) }

    private mutating func drop(_ count: Int) -> Loss? {
        if let times = records.times(ofFirst: count) {
            counts.lost += count
            loss.add(records: count, first: times.lowerBound, last: times.upperBound)
        }
        records.removeFirst(count)
        return loss
    }
}
