// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension Columns {
    /// Takes records apart; their order is kept exactly.
    init(_ records: Records) {
        var builder = ColumnsBuilder(records)
        builder.learnOrder()
        builder.layOut()
        self = builder.result
    }
}

/// Two passes over the records: the first learns their order and which columns there are, the
/// second lays the values out, one column after another.
private struct ColumnsBuilder {
    private let records: Records
    private(set) var result = Columns()
    /// Of each signal; 0 if it has none yet, else one more than its column.
    private var columnOfSignal: [Int32]
    /// Of each device and quantity of the roster, likewise.
    private var devices: [Int32]
    private var quantities: [Int32]
    /// Of each reading, in order, its column and its place among the records.
    private var readings: [(column: Int32, place: Int32)] = []
    private var shapeOfHash: [UInt64: Int32] = [:]
    /// The columns of the readings of one time, so far.
    private var open: [Int32] = []
    private var openTime: Int64 = 0
    private var openHash = Self.hashBasis

    init(_ records: Records) {
        self.records = records
        let names = records.roster.names
        columnOfSignal = [Int32](repeating: 0, count: names.columns.count)
        devices = [Int32](repeating: 0, count: names.devices.count)
        quantities = [Int32](repeating: 0, count: names.quantities.count)
        readings.reserveCapacity(records.count)
        // A large plant reads each signal once in a batch: to grow with them costs as much as they do.
        let mostColumns = min(records.count, names.columns.count)
        result.columns.reserveCapacity(mostColumns)
        result.names.columns.reserveCapacity(mostColumns)
    }
}

// MARK: Order

extension ColumnsBuilder {
    mutating func learnOrder() {
        for (place, item) in records.items.enumerated() {
            if item.form == .entry {
                closeRun()
                result.entries.append(records.entry(of: item))
                result.runs.append(Columns.Run(shape: Columns.Run.entry, time: item.time))
                continue
            }
            if item.time != openTime { closeRun() }
            openTime = item.time
            let column = column(of: Int(item.signal))
            result.columns[Int(column)].readings += 1
            readings.append((column, Int32(truncatingIfNeeded: place)))
            open.append(column)
            openHash = (openHash ^ UInt64(truncatingIfNeeded: column)) &* Self.hashFactor
        }
        closeRun()
        result.readingCount = readings.count
    }

    /// FNV-1a's basis and prime for 64 bits (Fowler, Noll, Vo), for columns instead of bytes.
    private static let hashBasis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let hashFactor: UInt64 = 0x100_0000_01b3

    private mutating func column(of signal: Int) -> Int32 {
        let known = columnOfSignal[signal]
        guard known == 0 else { return known - 1 }
        result.columns.append(Columns.Column())
        name(records.roster.names.columns[signal])
        let column = Int32(truncatingIfNeeded: result.columns.count)
        columnOfSignal[signal] = column
        return column - 1
    }

    private mutating func name(_ name: Names.Column) {
        let (device, quantity) = (Int(name.device), Int(name.quantity))
        if devices[device] == 0 {
            result.names.devices.append(records.roster.names.devices[device])
            devices[device] = Int32(truncatingIfNeeded: result.names.devices.count)
        }
        if quantities[quantity] == 0 {
            result.names.quantities.append(records.roster.names.quantities[quantity])
            quantities[quantity] = Int32(truncatingIfNeeded: result.names.quantities.count)
        }
        result.names.columns.append(
            Names.Column(device: devices[device] - 1, quantity: quantities[quantity] - 1))
    }

    private mutating func closeRun() {
        guard !open.isEmpty else { return }
        let shape: Int32
        if let known = shapeOfHash[openHash], result.shapes[known].elementsEqual(open) {
            shape = known
        } else {
            // Of two with one hash the later is kept as often as it comes: larger, never wrong.
            shape = result.shapes.append(open)
            shapeOfHash[openHash] = shape
        }
        result.runs.append(Columns.Run(shape: shape, time: openTime))
        open.removeAll(keepingCapacity: true)
        openHash = Self.hashBasis
    }
}

// MARK: Values

extension ColumnsBuilder {
    mutating func layOut() {
        var next: [Int32] = []
        next.reserveCapacity(result.columns.count)
        var sum: Int32 = 0
        for column in result.columns {
            next.append(sum)
            sum += column.readings
        }
        // The readings' places, by column, in each in their order.
        var places = [Int32](repeating: 0, count: readings.count)
        for (column, place) in readings {
            places[Int(next[Int(column)])] = place
            next[Int(column)] += 1
        }
        result.cells.reserveCapacity(readings.count)
        for column in result.columns.indices {
            let end = Int(next[column])
            layOut(column, places[end - Int(result.columns[column].readings)..<end])
        }
    }

    private mutating func layOut(_ column: Int, _ places: ArraySlice<Int32>) {
        result.columns[column].firstCell = Int32(result.cells.count)
        result.columns[column].firstState = Int32(result.states.count)
        var isAllGood = true
        var forms = Forms()
        for place in places {
            let item = records.items[Int(place)]
            if item.state != .good { isAllGood = false }
            guard item.form != .nothing else { continue }
            forms.insert(item.form)
            result.cells.append(item.cell)
        }
        if !isAllGood { layOutStates(places) }
        result.columns[column].stateCount =
            Int32(result.states.count) - result.columns[column].firstState
        result.columns[column].cellCount =
            Int32(result.cells.count) - result.columns[column].firstCell
        switch forms {
        case []: break
        case .numbers: result.settleNumbers(of: column)
        case .booleans: result.columns[column].kind = .boolean
        default: layOutLiterals(column, places)
        }
    }

    private mutating func layOutStates(_ places: ArraySlice<Int32>) {
        let first = result.states.count
        for place in places {
            let state = records.items[Int(place)].state
            let last = result.states.count - 1
            if last >= first, result.states[last].state == state {
                result.states[last].count += 1
            } else {
                result.states.append(Columns.StateRun(state: state, count: 1))
            }
        }
    }

    /// The column has more than numbers alone or Booleans alone.
    private mutating func layOutLiterals(_ column: Int, _ places: ArraySlice<Int32>) {
        result.columns[column].kind = .literal
        result.cells.removeLast(Int(result.columns[column].cellCount))
        for place in places {
            guard let value = records.value(of: records.items[Int(place)]) else { continue }
            result.cells.append(UInt64(result.literals.count))
            result.literals.append(value)
        }
    }
}

/// The forms of a column's values.
private struct Forms: OptionSet {
    var rawValue: UInt8 = 0

    static let numbers = Forms(.number)
    static let booleans = Forms(.boolean)

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ form: Records.Form) { rawValue = 1 << form.rawValue }

    mutating func insert(_ form: Records.Form) { formUnion(Forms(form)) }
}
