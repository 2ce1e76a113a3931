// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Columns {
    /// Finds the narrowest kind for a column of which all cells are the bits of Doubles.
    mutating func settleNumbers(of column: Int) {
        let range = columns[column].cellRange
        if let decimals = Decimal.decimals(of: cells[range]) {
            columns[column].kind = .scaled
            columns[column].decimals = UInt8(decimals)
            let power = NumberText.powersOfTen[decimals]
            for cell in range {
                let scaled = Int64((Double(bitPattern: cells[cell]) * power).rounded())
                cells[cell] = UInt64(bitPattern: scaled)
            }
        } else {
            let isFloat = cells[range].allSatisfy { bits in
                Double(Float(Double(bitPattern: bits))).bitPattern == bits
            }
            columns[column].kind = isFloat ? .float : .double
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
        guard decimals > 0, cells.count > 1 else { return decimals }
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
