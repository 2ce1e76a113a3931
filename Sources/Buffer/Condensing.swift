// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What the oldest batches become when the limit takes them: the decision, batch by batch, in the
/// order of the stream.
///
/// - Transitions of health are carried on, word for word, in either way: they are the last to go.
/// - `drop`: all else is lost, `buffer-limit` (or `disk-full`, where that is why).
/// - `thin`: notes, bad and uncertain readings are carried on as well, and so are those good readings
///   that are no numbers and differ from their signal's one before, because what happened when is all
///   that they say. The other good readings become summaries: they are lost, `thinned`, and the
///   summaries' counts are their number.
/// - What was condensed before is not thinned again: of it transitions alone are carried on.
///
/// Produced is what was delivered, is buffered and is lost: what is carried on counts as buffered, in
/// the new batch, and what is lost under the sequence at which it stood. Summaries count as neither.
struct Condensing {
    private let mode: WhenFull
    private let reason: LossReason
    private(set) var parts: [Part] = []
    private var items: [Item] = []
    private var summaries = Summaries()
    /// Readings that became summaries.
    private var thinned = 0
    private var signals: [Signal] = []
    private var numbers: [SignalName: Int] = [:]
    /// Of each signal, its last good value if that was no number.
    private var values: [Int: Value] = [:]
    /// Whether all stamps were believed when the batches were sealed.
    private(set) var clock: ClockState?

    /// A batch that goes.
    struct Part {
        let row: Stream.Row
        let transitions: Int
        /// Records of it that are lost.
        var lost: Int
        var reason: LossReason
    }

    private struct Item {
        let content: Content
        let isTransition: Bool
    }

    private enum Content {
        case entry(Columns.EntryRecord)
        case reading(Reading.Content, signal: Int, time: Timestamp)
    }

    private struct SignalName: Hashable {
        let device: Names.Device
        let quantity: Names.Quantity
    }

    /// `reason` is why room is needed.
    init(_ mode: WhenFull, for reason: LossReason = .bufferLimit) {
        self.mode = mode
        self.reason = reason
    }

    /// How many records there are to be written, summaries included.
    var count: Int { items.count + summaries.count }

    /// Takes a batch of which nothing is carried on, without having opened it.
    mutating func drop(_ row: Stream.Row) {
        parts.append(Part(row: row, transitions: 0, lost: row.records, reason: reason))
    }

    /// Takes a batch that is damaged.
    mutating func giveUp(_ row: Stream.Row) {
        parts.append(Part(row: row, transitions: 0, lost: row.records, reason: .corruption))
    }

    /// Takes a batch.
    mutating func take(_ row: Stream.Row, _ batch: Batch) {
        if clock == nil || clock == .synced { clock = batch.head.clock }
        let transitions = batch.columns.entries.filter { $0.kind == .health }
        var part = Part(
            row: row, transitions: transitions.count, lost: row.records - transitions.count,
            reason: reason)
        if mode == .thin, batch.head.condensed == nil {
            let before = thinned
            thin(batch.columns)
            part.lost = thinned - before
            part.reason = .thinned
        } else {
            items += transitions.map { Item(content: .entry($0), isTransition: true) }
        }
        parts.append(part)
    }
}

// MARK: Thinning

extension Condensing {
    private mutating func thin(_ columns: Columns) {
        let signals = columns.columns.indices.map { number(of: columns.names, at: $0) }
        columns.walk { step in
            let column = columns.columns[step.column]
            let signal = signals[step.column]
            let value = step.state.isBad ? nil : columns.value(at: step.cell, of: column)
            guard step.state == .good, let value else {
                return carry(step, step.state.content(value), of: signal)
            }
            if case .number(let number) = value {
                summaries.add(number, of: signal, at: step.time)
                thinned += 1
            } else if values[signal] == value {
                summaries.add(repeated: value, of: signal, at: step.time)
                thinned += 1
            } else {
                values[signal] = value
                carry(step, .good(value), of: signal)
            }
        } entry: { index in
            let entry = columns.entries[index]
            guard entry.kind != .summary else { return }
            items.append(Item(content: .entry(entry), isTransition: entry.kind == .health))
        }
    }

    private mutating func carry(
        _ step: Columns.Step, _ content: Reading.Content, of signal: Int
    ) {
        let time = Timestamp(milliseconds: step.time)
        items.append(
            Item(content: .reading(content, signal: signal, time: time), isTransition: false))
    }

    /// The number of a column's signal among all that are met here.
    private mutating func number(of names: Names, at column: Int) -> Int {
        let name = SignalName(
            device: names.device(of: column), quantity: names.quantity(of: column))
        if let known = numbers[name] { return known }
        let number = signals.count
        numbers[name] = number
        signals.append(
            Signal(
                equipment: name.device.equipment, device: name.device.device,
                signal: name.quantity.signal, unit: name.quantity.unit, role: nil))
        return number
    }

    /// Whether thinning gives room: the summaries take much less than the readings that they stand for
    /// (a summary some 25 bytes, a reading in a batch one or two; measured, `ForecastBenchmark`), and
    /// of the other records not nearly all are carried on.
    var isWorthwhile: Bool {
        let carried = items.count { !$0.isTransition }
        return thinned >= summaries.count * Self.readingsPerSummary
            && carried <= max(thinned * Self.carriedPerThinned, Self.fewCarried)
    }
    private static let readingsPerSummary = 16
    private static let carriedPerThinned = 4
    /// So many take little room, whatever they are.
    private static let fewCarried = 1_000

    /// Gives up everything but transitions.
    mutating func keepTransitionsAlone() {
        (summaries, thinned) = (Summaries(), 0)
        items.removeAll { !$0.isTransition }
        for index in parts.indices where parts[index].reason == .thinned {
            parts[index].reason = reason
            parts[index].lost = parts[index].row.records - parts[index].transitions
        }
    }
}

// MARK: The outcome

extension Condensing {
    /// What is carried on, in its order, and then the summaries.
    var records: Records {
        var records = Records(of: Roster(signals))
        for item in items {
            switch item.content {
            case .entry(let record) where record.kind == .health:
                records.append(health: record.entry)
            case .entry(let record): records.append(note: record.entry)
            case .reading(let content, let signal, let time):
                records.append(content, of: signal, at: time)
            }
        }
        for entry in summaries.entries(of: signals) { records.append(summary: entry) }
        return records
    }
}
