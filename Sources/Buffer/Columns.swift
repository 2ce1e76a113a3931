// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A batch taken apart: the order of its records, and each signal's readings together.
///
/// Valid by construction: it comes from records, or from a decoder that has checked every count
/// and index. So whoever walks it need not check again.
struct Columns: Equatable, Sendable {
    var names = Names()
    /// The order of readings, as the distinct sequences of columns that answers bring.
    var shapes = Shapes()
    /// The order of everything: consecutive readings of one time, or one entry.
    var runs: [Run] = []
    /// Health, note and summary lines, in order.
    var entries: [EntryRecord] = []
    var columns: [Column] = []
    /// The values of all columns, one column after another; a column's kind says how to read one.
    var cells: [UInt64] = []
    /// What the cells of `.literal` columns point to.
    var literals: [Value] = []
    /// Qualities of the columns that are not all good, one column after another.
    var states: [StateRun] = []
    var readingCount = 0

    var recordCount: Int { readingCount + entries.count }

    /// How many of them the plant produced: all but summaries.
    var producedCount: Int { recordCount - entries.count { $0.kind == .summary } }

    /// Consecutive readings of one time, with the columns of `shapes[shape]`; or one entry.
    struct Run: Equatable, Sendable {
        /// `Run.entry` stands for the next entry.
        var shape: Int32
        /// Milliseconds since 1970.
        var time: Int64

        static let entry: Int32 = -1
    }

    struct EntryRecord: Equatable, Sendable {
        enum Kind: UInt8 { case health, note, summary }
        var kind: Kind
        var entry: Entry
    }

    /// One signal's readings. A batch can have thousands of columns: numbers take four bytes.
    struct Column: Equatable, Sendable {
        var kind = Kind.none
        /// Decimals of a `.scaled` column.
        var decimals: UInt8 = 0
        var readings: Int32 = 0
        /// Where its values begin in `cells`; bad readings have none.
        var firstCell: Int32 = 0
        var cellCount: Int32 = 0
        /// Where its qualities begin in `states`.
        var firstState: Int32 = 0
        /// 0 if all its readings are good.
        var stateCount: Int32 = 0

        var cellRange: Range<Int> { Int(firstCell)..<Int(firstCell + cellCount) }
        var stateRange: Range<Int> { Int(firstState)..<Int(firstState + stateCount) }
    }

    /// How the cells of a column are to be read, and are stored.
    enum Kind: UInt8, CaseIterable {
        /// It has no values.
        case none
        /// An Int64, to be divided by 10 to the power of the column's decimals.
        case scaled
        /// The bits of a Double, each of which is exactly a Float.
        case float
        /// The bits of a Double.
        case double
        /// 0 or 1.
        case boolean
        /// An index into `literals`.
        case literal
    }

    /// `count` consecutive readings of a column with the same quality and reason.
    struct StateRun: Equatable, Sendable {
        var state: State
        var count: Int32
    }
}

extension Columns {
    /// One reading on a walk through the batch.
    struct Step {
        var column: Int
        var time: Int64
        var state: State
        /// Its place in `cells`; meaningless if the reading is bad.
        var cell: Int
    }

    /// Visits every record in the order of the stream.
    @inline(__always)
    func walk(reading: (Step) -> Void, entry: (Int) -> Void) {
        var places = columns.map { Place(column: $0, states: states) }
        var nextEntry = 0
        for run in runs {
            guard run.shape != Run.entry else {
                entry(nextEntry)
                nextEntry += 1
                continue
            }
            for column in shapes[run.shape] {
                let index = Int(column)
                let state = places[index].next(in: states)
                reading(
                    Step(
                        column: index, time: run.time, state: state,
                        cell: Int(places[index].cell)))
                if !state.isBad { places[index].cell += 1 }
            }
        }
    }

    /// How far a walk has come in one column.
    private struct Place {
        var cell: Int32
        var stateIndex: Int32
        var remaining: Int32
        var state: State

        init(column: Column, states: [StateRun]) {
            cell = column.firstCell
            stateIndex = column.firstState
            remaining = column.stateCount == 0 ? .max : states[Int(stateIndex)].count
            state = column.stateCount == 0 ? .good : states[Int(stateIndex)].state
        }

        @inline(__always)
        mutating func next(in states: [StateRun]) -> State {
            if remaining == 0 {
                stateIndex += 1
                remaining = states[Int(stateIndex)].count
                state = states[Int(stateIndex)].state
            }
            remaining -= 1
            return state
        }
    }
}

extension Columns {
    /// The value in a cell of a column.
    func value(at cell: Int, of column: Column) -> Value? {
        let bits = cells[cell]
        return switch column.kind {
        case .none: nil
        case .scaled:
            .number(Double(Int64(bitPattern: bits)) / NumberText.powersOfTen[Int(column.decimals)])
        case .float, .double: .number(Double(bitPattern: bits))
        case .boolean: .boolean(bits != 0)
        case .literal: literals[Int(bits)]
        }
    }

    /// The records, with signals made anew: one object per column, without a role.
    func records() -> [Record] {
        let signals = names.columns.indices.map { column in
            let (device, quantity) = (names.device(of: column), names.quantity(of: column))
            return Signal(
                equipment: device.equipment, device: device.device, signal: quantity.signal,
                unit: quantity.unit, role: nil)
        }
        var records: [Record] = []
        records.reserveCapacity(recordCount)
        walk { step in
            let value = step.state.isBad ? nil : value(at: step.cell, of: columns[step.column])
            records.append(
                .reading(
                    Reading(
                        signal: signals[step.column], time: Timestamp(milliseconds: step.time),
                        content: step.state.content(value))))
        } entry: { index in
            switch entries[index].kind {
            case .health: records.append(.health(entries[index].entry))
            case .note: records.append(.note(entries[index].entry))
            case .summary: records.append(.summary(entries[index].entry))
            }
        }
        return records
    }
}
