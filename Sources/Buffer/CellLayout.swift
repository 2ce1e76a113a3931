// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Puts values and qualities in their columns' places, then finds each column's kind.
struct CellLayout {
    private var result: Columns
    private var next: [Int]
    private var types: [ValueType]
    private var states: [[Columns.StateRun]]
    private var others: [Int: Value] = [:]

    /// What a column's values have been so far.
    private enum ValueType { case unknown, numbers, booleans, literals }

    init(_ columns: Columns) {
        result = columns
        next = columns.columns.map(\.firstCell)
        types = [ValueType](repeating: .unknown, count: columns.columns.count)
        states = [[Columns.StateRun]](repeating: [], count: columns.columns.count)
        let last = columns.columns.last
        result.cells = [UInt64](
            repeating: 0, count: last.map { $0.firstCell + $0.cellCount } ?? 0)
    }

    mutating func place(_ content: Reading.Content, in column: Int) {
        let value: Value
        switch content {
        case .good(let good):
            if !states[column].isEmpty { extend(.good, in: column) }
            value = good
        case .uncertain(let uncertain, _):
            begin(State(content), in: column)
            value = uncertain
        case .bad:
            return begin(State(content), in: column)
        }
        let cell = next[column]
        next[column] = cell + 1
        switch (value, types[column]) {
        case (.number(let number), .numbers), (.number(let number), .unknown):
            precondition(number.isFinite, "a Value is always finite")
            result.cells[cell] = number.bitPattern
            types[column] = .numbers
        case (.boolean(let boolean), .booleans), (.boolean(let boolean), .unknown):
            result.cells[cell] = boolean ? 1 : 0
            types[column] = .booleans
        default:
            makeLiteral(column, before: cell)
            others[cell] = value
        }
    }

    /// The column holds more than numbers alone or Booleans alone: what it has becomes literal.
    private mutating func makeLiteral(_ column: Int, before end: Int) {
        for cell in result.columns[column].firstCell..<end {
            let bits = result.cells[cell]
            switch types[column] {
            case .numbers: others[cell] = .number(Double(bitPattern: bits))
            case .booleans: others[cell] = .boolean(bits != 0)
            case .unknown, .literals: break
            }
        }
        types[column] = .literals
    }

    /// The first reading that is not good: all before it were.
    private mutating func begin(_ state: State, in column: Int) {
        if states[column].isEmpty {
            let good = next[column] - result.columns[column].firstCell
            if good > 0 { states[column].append(Columns.StateRun(state: .good, count: good)) }
        }
        extend(state, in: column)
    }

    private mutating func extend(_ state: State, in column: Int) {
        if let last = states[column].indices.last, states[column][last].state == state {
            states[column][last].count += 1
        } else {
            states[column].append(Columns.StateRun(state: state, count: 1))
        }
    }

    mutating func finish() -> Columns {
        for index in result.columns.indices {
            result.columns[index].firstState = result.states.count
            result.columns[index].stateCount = states[index].count
            if !states[index].isEmpty { result.states += states[index] }
            switch types[index] {
            case .unknown: break
            case .numbers: settleNumbers(index)
            case .booleans: result.columns[index].kind = .boolean
            case .literals: settleLiterals(index)
            }
        }
        return result
    }

    private mutating func settleNumbers(_ index: Int) {
        let column = result.columns[index]
        let range = column.firstCell..<column.firstCell + column.cellCount
        if let decimals = Decimal.decimals(of: result.cells[range]) {
            result.columns[index].kind = .scaled
            result.columns[index].decimals = decimals
            for cell in range {
                let number = Double(bitPattern: result.cells[cell])
                result.cells[cell] = UInt64(
                    bitPattern: Int64((number * NumberText.powersOfTen[decimals]).rounded()))
            }
        } else {
            let isFloat = result.cells[range].allSatisfy { bits in
                let number = Double(bitPattern: bits)
                return Double(Float(number)).bitPattern == bits
            }
            result.columns[index].kind = isFloat ? .float : .double
        }
    }

    private mutating func settleLiterals(_ index: Int) {
        let column = result.columns[index]
        result.columns[index].kind = .literal
        for cell in column.firstCell..<column.firstCell + column.cellCount {
            guard let value = others[cell] else { preconditionFailure("all were made literal") }
            result.cells[cell] = UInt64(result.literals.count)
            result.literals.append(value)
        }
    }
}

/// Whether numbers are short decimals.
private enum Decimal {
    /// How many decimals all the Doubles with these bits have at most, if each is exactly the
    /// Double nearest to some k · 10^-decimals; `nil` if one is not (-0 is not).
    static func decimals(of cells: ArraySlice<UInt64>) -> Int? {
        var decimals = 0
        for bits in cells {
            while !isDecimal(Double(bitPattern: bits), decimals) {
                decimals += 1
                guard decimals <= NumberText.maxDecimals else { return nil }
            }
        }
        // More decimals make larger integers: the first ones must still be small enough.
        return cells.allSatisfy { isDecimal(Double(bitPattern: $0), decimals) } ? decimals : nil
    }

    private static func isDecimal(_ number: Double, _ decimals: Int) -> Bool {
        let power = NumberText.powersOfTen[decimals]
        let scaled = (number * power).rounded()
        guard abs(scaled) <= Double(NumberText.maxScaled) else { return false }
        return scaled / power == number && !(number == 0 && number.sign == .minus)
    }
}
