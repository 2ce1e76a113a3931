// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Columns {
    /// Takes records apart. Signals are told apart by identity; order is kept exactly.
    init(_ records: [Record]) {
        var builder = ColumnsBuilder(capacity: records.count)
        for record in records {
            switch record {
            case .reading(let reading): builder.note(reading)
            case .health(let entry): builder.note(entry, kind: .health)
            case .note(let entry): builder.note(entry, kind: .note)
            }
        }
        self = builder.columns(of: records)
    }
}

/// Two passes over the records: the first learns order, columns and counts; the second lays the
/// values out column by column.
private struct ColumnsBuilder {
    private var result = Columns()
    private var signals: [Signal] = []
    private var columnOfSignal: [Signal: Int32] = [:]
    /// The column that came after this one last time: nearly always right, and saves a look-up.
    private var follower: [Int32] = []
    private var columnOfReading: [Int32] = []
    private var shapeOfColumns: [[Int32]: Int32] = [:]
    private var open: [Int32] = []
    private var openTime: Int64 = 0
    private var last: Int32 = -1

    init(capacity: Int) {
        columnOfReading.reserveCapacity(capacity)
        columnOfSignal.reserveCapacity(capacity)
    }

    mutating func note(_ reading: Reading) {
        let column = column(of: reading.signal)
        let time = reading.time.milliseconds
        if time != openTime { closeRun() }
        openTime = time
        open.append(column)
        columnOfReading.append(column)
        result.columns[Int(column)].readings += 1
        if case .bad = reading.content { return }
        result.columns[Int(column)].cellCount += 1
    }

    mutating func note(_ entry: Entry, kind: Columns.EntryRecord.Kind) {
        precondition(!entry.line.utf8.contains(UInt8(ascii: "\n")), "an entry is one line")
        closeRun()
        result.entries.append(Columns.EntryRecord(kind: kind, entry: entry))
        result.runs.append(Columns.Run(shape: Columns.Run.entry, time: entry.time.milliseconds))
    }

    private mutating func column(of signal: Signal) -> Int32 {
        if last >= 0, follower[Int(last)] >= 0, signals[Int(follower[Int(last)])] == signal {
            last = follower[Int(last)]
            return last
        }
        let column = columnOfSignal[signal] ?? newColumn(signal)
        if last >= 0 { follower[Int(last)] = column }
        last = column
        return column
    }

    private mutating func newColumn(_ signal: Signal) -> Int32 {
        let column = Int32(signals.count)
        signals.append(signal)
        follower.append(-1)
        columnOfSignal[signal] = column
        result.columns.append(Columns.Column())
        result.names.append(
            Columns.SignalName(
                equipment: signal.equipment, name: signal.name, unit: signal.unit))
        return column
    }

    private mutating func closeRun() {
        guard !open.isEmpty else { return }
        let shape: Int32
        if let known = shapeOfColumns[open] {
            shape = known
        } else {
            shape = Int32(result.shapes.count)
            result.shapes.append(open)
            shapeOfColumns[open] = shape
        }
        result.runs.append(Columns.Run(shape: shape, time: openTime))
        open.removeAll(keepingCapacity: true)
    }

    /// The columns, handed over: were they kept here as well, all would be copied.
    private mutating func laidOut() -> Columns {
        defer { result = Columns() }
        return result
    }

    mutating func columns(of records: [Record]) -> Columns {
        closeRun()
        result.readingCount = columnOfReading.count
        var cells = 0
        for index in result.columns.indices {
            result.columns[index].firstCell = cells
            cells += result.columns[index].cellCount
        }
        var layout = CellLayout(laidOut())
        var reading = 0
        for case .reading(let record) in records {
            layout.place(record.content, in: Int(columnOfReading[reading]))
            reading += 1
        }
        return layout.finish()
    }
}
