// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How fast the buffer fills, by what was sealed in the last minutes and by what that takes in the
/// file; so a plant that was reloaded is followed in five minutes, and a buffer with two batches
/// is no worse off than an old one.
package struct Pace: Hashable, Sendable {
    /// Readings a second.
    package let readings: Double
    /// Bytes a second, as they are kept.
    package let bytes: Double
    /// Over how long it was measured.
    package let span: Duration
    /// Whether it was measured over all that it ever is: more time would not make it surer.
    package let isWhole: Bool

    /// What is measured, or assumed, elsewhere.
    package init(readings: Double, bytes: Double, span: Duration, isWhole: Bool = true) {
        self.readings = readings
        self.bytes = bytes
        self.span = span
        self.isWhole = isWhole
    }

    /// Ten minutes of batches that are sealed every 10 s: sealed more often, fewer tell enough.
    static let batches = 64
    /// Long enough to even out slow signals, short enough to follow a change of the plant.
    static let window = Duration.seconds(300)

    /// By the newest batches, the newest first; `nil` of fewer than two, or of no time.
    init?(_ newest: [Stream.Row], pageSize: Int) {
        var (readings, payload, count) = (0, 0, 0)
        var span = Duration.zero
        for (row, before) in zip(newest, newest.dropFirst()) {
            let gathered = row.gathered ?? .zero
            let interval = row.elapsed(since: before)
            // While the gateway stood still nothing came: it says nothing of how fast things come.
            if interval > Self.window, interval > gathered * 4 { continue }
            payload += row.bytes
            count += 1
            span += interval
            // What was condensed is sealed together with the batch that needs its room.
            if interval > .zero || gathered > .zero { readings += row.readings }
            if span >= Self.window { break }
        }
        let seconds = span / .seconds(1)
        guard seconds > 0 else { return nil }
        self.init(
            readings: Double(readings) / seconds,
            bytes: Self.kept(payload, batches: count, pageSize: pageSize) / seconds, span: span,
            isWhole: span >= Self.window || newest.count > Self.batches)
    }

    /// What batches take in the file, on average.
    ///
    /// An overflow page begins with a pointer of four bytes, and of each page five say on pages of
    /// their own where its pointer stands (sqlite.org/fileformat2.html, §1.6 and §1.8). The row, and
    /// the page that its batch does not fill, take a quarter of a page (measured, `PaceTests`).
    static func kept(_ payload: Int, batches: Int, pageSize: Int) -> Double {
        let pages = Double(payload) / Double(pageSize - 4) + Double(batches) * 0.25
        return pages * (1 + 5 / Double(pageSize)) * Double(pageSize)
    }
}

extension BufferState {
    /// How long until the limit takes what a consumer has not read, at the present pace, if it reads
    /// nothing; `nil` while the pace is unknown.
    package func left(to consumer: Consumer) -> Duration? {
        guard let pace, pace.bytes > 0 else { return nil }
        let unread = Pace.kept(
            consumer.holdsBackBytes, batches: consumer.lagBatches, pageSize: pageSize)
        return .seconds(max(0, Double(capacity) - unread) / pace.bytes)
    }

    /// Bytes of the quota that batches can take: all but what is kept free, and what remembers the
    /// batches that have gone.
    var capacity: Int {
        let remembered = Retention.tombstones(limit: quota) * Self.tombstoneBytes
        return max(0, quota - Retention.reserve * pageSize - remembered)
    }

    /// A row of `lost`, with its share of a page.
    private static let tombstoneBytes = 40

    /// The consumer to which the least time is left, and how much.
    package func slowest(of consumers: [Consumer]) -> (consumer: Consumer, left: Duration)? {
        consumers.compactMap { consumer in left(to: consumer).map { (consumer, $0) } }
            .min { $0.1 < $1.1 }
    }
}
