// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// The order of a batch's records: shapes, runs and times; then kinds and states of the columns.

extension ByteWriter {
    mutating func order(_ columns: Columns, since sealed: Int64) {
        var expected: Int32 = 0
        for shape in 0..<Int32(columns.shapes.count) {
            let sequence = columns.shapes[shape]
            count(sequence.count)
            for column in sequence {
                signed(Int64(column - expected))
                expected = column + 1
            }
        }
        for run in columns.runs { count(Int(run.shape) + 1) }
        var clock = RunClock(shapes: columns.shapes.count, start: sealed)
        for run in columns.runs {
            signed(run.time &- clock.expected(run.shape))
            clock.note(run.time, of: run.shape)
        }
    }

    mutating func kindsAndStates(_ columns: Columns) {
        for column in columns.columns {
            bytes.append(
                column.kind.rawValue | column.decimals << 3
                    | (column.stateCount == 0 ? 0 : 1 << 6))
        }
        for column in columns.columns {
            for run in columns.states[column.stateRange] {
                varint(UInt64(run.state.code))
                count(Int(run.count))
            }
        }
    }
}

extension ByteReader {
    mutating func order(
        _ columns: inout Columns, shapes: Int, runs: Int, since sealed: Int64
    ) throws(Damage) {
        columns.columns = [Columns.Column](
            repeating: Columns.Column(), count: columns.names.columns.count)
        var expected: Int64 = 0
        var shape: [Int32] = []
        for _ in 0..<shapes {
            shape.removeAll(keepingCapacity: true)
            let length = try count()
            // A run of one would add nothing to what is counted below.
            guard length > 0 else { throw .content }
            for _ in 0..<length {
                let column = expected &+ (try signed())
                guard columns.columns.indices.contains(Int(column)) else { throw .content }
                shape.append(Int32(column))
                expected = column + 1
            }
            columns.shapes.append(shape)
        }
        var total = 0
        for _ in 0..<runs {
            let shape = Int32(try count(upTo: shapes)) - 1
            columns.runs.append(Columns.Run(shape: shape, time: 0))
            let sequence = shape < 0 ? [] : columns.shapes[shape]
            total += shape < 0 ? 1 : sequence.count
            guard total <= BatchCodec.maxRecords else { throw .content }
            columns.readingCount += sequence.count
            for column in sequence { columns.columns[Int(column)].readings += 1 }
        }
        var clock = RunClock(shapes: shapes, start: sealed)
        for index in columns.runs.indices {
            let shape = columns.runs[index].shape
            columns.runs[index].time = clock.expected(shape) &+ (try signed())
            clock.note(columns.runs[index].time, of: shape)
        }
    }

    mutating func kindsAndStates(_ columns: inout Columns) throws(Damage) {
        var hasStates: [Bool] = []
        for index in columns.columns.indices {
            let code = try byte()
            guard let kind = Columns.Kind(rawValue: code & 7), code < 128 else { throw .content }
            columns.columns[index].kind = kind
            columns.columns[index].decimals = code >> 3 & 7
            guard columns.columns[index].decimals <= NumberText.maxDecimals else {
                throw .content
            }
            hasStates.append(code >> 6 & 1 == 1)
        }
        var cells: Int32 = 0
        for index in columns.columns.indices {
            columns.columns[index].firstCell = cells
            columns.columns[index].firstState = Int32(columns.states.count)
            let bad = hasStates[index] ? try states(&columns, of: index) : 0
            columns.columns[index].stateCount =
                Int32(columns.states.count) - columns.columns[index].firstState
            let count = columns.columns[index].readings - bad
            columns.columns[index].cellCount = count
            guard count == 0 || columns.columns[index].kind != .none else { throw .content }
            cells += count
        }
    }

    /// How many readings of the column are bad.
    private mutating func states(
        _ columns: inout Columns, of index: Int
    ) throws(Damage) -> Int32 {
        var left = columns.columns[index].readings
        var bad: Int32 = 0
        while left > 0 {
            guard let code = UInt16(exactly: try varint()), let state = State(checking: code) else {
                throw .content
            }
            let count = Int32(try self.count(upTo: Int(left)))
            guard count > 0 else { throw .content }
            columns.states.append(Columns.StateRun(state: state, count: count))
            left -= count
            if state.isBad { bad += count }
        }
        return bad
    }
}

/// Foretells a run's time: answers of one shape come at a steady stride. All arithmetic wraps, so
/// that any time can be written as the difference to any other.
private struct RunClock {
    private var last: Int64
    private var lasts: [Int64?]
    private var strides: [Int64]

    init(shapes: Int, start: Int64) {
        last = start
        lasts = [Int64?](repeating: nil, count: shapes + 1)
        strides = [Int64](repeating: 0, count: shapes + 1)
    }

    func expected(_ shape: Int32) -> Int64 {
        let index = Int(shape + 1)
        guard shape != Columns.Run.entry, let before = lasts[index] else { return last }
        return before &+ strides[index]
    }

    mutating func note(_ time: Int64, of shape: Int32) {
        let index = Int(shape + 1)
        if let before = lasts[index] { strides[index] = time &- before }
        lasts[index] = time
        last = time
    }
}
