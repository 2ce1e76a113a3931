// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Looks at every stored batch again, so that damage is found while it can still be told, and not
/// by the one who comes for the data.
///
/// It reads at 5 MB/s, and takes a tenth of a core at most, as it hashes all lines to prove the seals.
///
/// A pass begins at a random batch and comes round to it. It is not written down how far it came: at
/// that pace 2 GiB take less than an hour on a desk's computer, so that whatever runs longer sees all
/// of it, and what is restarted more often than that sees another part each time, at no wear of the
/// flash.
///
/// It has a connection of its own, beside the readers': nobody's pull waits for it.
final class Scrub {
    private let reader: Reader
    private let epoch: @Sendable () -> Epoch
    private let ledger: ScrubLedger
    private let report: @Sendable (Finding) -> Void
    private var pass: Pass?
    private var hasBegun = false

    /// What has to be done about damage, by the writer.
    enum Finding: Sendable {
        case batch(Cursor)
        case database(Epoch)
    }

    /// Where a pass is.
    private struct Pass {
        let epoch: Epoch
        let start: Int64
        var last: Int64
        var hasComeRound = false
    }

    /// `epoch` is the present one, and `report` is told what is found.
    init(
        _ reader: Reader, epoch: @escaping @Sendable () -> Epoch, ledger: ScrubLedger,
        report: @escaping @Sendable (Finding) -> Void
    ) {
        self.reader = reader
        self.epoch = epoch
        self.ledger = ledger
        self.report = report
    }

    /// A step, and how long to rest after it; the first time a rest alone.
    func upkeep() -> Duration {
        guard hasBegun else {
            hasBegun = true
            return Self.delay
        }
        var generator = SystemRandomNumberGenerator()
        return step(from: &generator)
    }

    /// Looks at some batches; returns how long to rest. One finding is seen to before the next is
    /// looked for.
    func step(from generator: inout some RandomNumberGenerator) -> Duration {
        guard !ledger.isReported else { return Self.pause }
        let epoch = epoch()
        let start = ContinuousClock.now
        do throws(BufferError) {
            var bytes = 0
            repeat {
                let size = try reader.follow(epoch) { (reader) throws(BufferError) in
                    try next(reader.stream, &generator)
                }
                guard let size else { return Self.rest }
                bytes += size
            } while bytes < Self.stepBytes && .now - start < Self.stepTime && !ledger.isReported
            let taken = .now - start
            return max(.milliseconds(1), Self.time(for: bytes) - taken, taken * Self.share)
        } catch {
            if error.isDatabaseDamage { tell(.database(epoch)) }
            return Self.patience
        }
    }

    private func tell(_ finding: Finding) {
        ledger.isReported = true
        report(finding)
    }

    /// Looks at the next batch; its bytes, or `nil` if the pass is over.
    private func next(
        _ stream: Stream, _ generator: inout some RandomNumberGenerator
    ) throws(BufferError) -> Int? {
        var pass: Pass
        if let underWay = self.pass {
            pass = underWay
        } else {
            pass = try begin(in: stream, &generator)
        }
        guard pass.epoch == stream.epoch else {
            self.pass = nil
            return 0
        }
        let found = try stream.database.snapshot {
            () throws(BufferError) -> (Stream.Row, Result<[UInt8], Damage>)? in
            guard let row = try stream.oldest(after: pass.last) else { return nil }
            guard try stream.accounts(after: pass.last, before: row.sequence) else {
                throw .unreadable("rows before \(row.sequence)")
            }
            return (row, try Reader.payload(of: row, in: stream))
        }
        guard let (row, payload) = found, !pass.hasComeRound || row.sequence < pass.start else {
            let isOver = pass.hasComeRound || pass.start <= 1
            pass.hasComeRound = true
            pass.last = 0
            self.pass = isOver ? nil : pass
            if isOver { ledger.finish() }
            return isOver ? nil : 0
        }
        let cursor = stream.cursor(row.sequence)
        let isDamaged = (try? Proof(payload, at: cursor)).map(row.agrees) != true
        if isDamaged { tell(.batch(cursor)) }
        ledger.add(bytes: row.bytes, isDamaged: isDamaged)
        pass.last = row.sequence
        self.pass = pass
        return row.bytes
    }

    private func begin(
        in stream: Stream, _ generator: inout some RandomNumberGenerator
    ) throws(BufferError) -> Pass {
        let newest = try stream.newest()
        let oldest = try stream.oldest()?.sequence ?? newest
        let start = Int64.random(in: min(oldest, newest)...newest, using: &generator)
        ledger.begin()
        return Pass(epoch: stream.epoch, start: start, last: max(0, start - 1))
    }

    /// Between two passes.
    static let rest = Duration.seconds(86_400)
    /// Before the first one: a start has better things to do.
    static let delay = Duration.seconds(10)
    /// After the database could not be read.
    private static let patience = Duration.seconds(60)
    /// While a finding waits for the writer.
    private static let pause = Duration.milliseconds(100)
    /// So many times as long as it has looked it rests.
    private static let share = 9
    private static let stepBytes = 64 << 10
    private static let stepTime = Duration.milliseconds(10)
    private static let bytesPerSecond = 5_000_000

    private static func time(for bytes: Int) -> Duration {
        .microseconds(bytes * 1_000_000 / bytesPerSecond)
    }
}
