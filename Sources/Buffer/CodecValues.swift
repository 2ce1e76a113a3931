// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// The values of a batch: one stream for each kind of column, so that like stands with like.

extension ByteWriter {
    mutating func values(_ columns: Columns) {
        for column in columns.columns where column.kind == .scaled {
            scaled(columns.cells[column.cellRange])
        }
        planes(of: .float, 4, columns)
        planes(of: .double, 8, columns)
        booleans(columns)
        for value in columns.literals { literal(value) }
    }

    private mutating func scaled(_ cells: ArraySlice<UInt64>) {
        var last: Int64 = 0
        var zeros = 0
        for bits in cells {
            let scaled = Int64(bitPattern: bits)
            if scaled == last {
                zeros += 1
                continue
            }
            endZeros(&zeros)
            signed(scaled - last)
            last = scaled
        }
        endZeros(&zeros)
    }

    private mutating func endZeros(_ zeros: inout Int) {
        guard zeros > 0 else { return }
        bytes.append(0)
        count(zeros - 1)
        zeros = 0
    }

    private mutating func planes(of kind: Columns.Kind, _ width: Int, _ columns: Columns) {
        var words: [UInt64] = []
        for column in columns.columns where column.kind == kind {
            var last: UInt64 = 0
            for bits in columns.cells[column.cellRange] {
                let word = kind == .float ? Columns.floatBits(bits) : bits
                words.append(word ^ last)
                last = word
            }
        }
        for plane in (0..<width).reversed() {
            for word in words { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(plane * 8))) }
        }
    }

    private mutating func booleans(_ columns: Columns) {
        var packed: UInt8 = 0
        var filled = 0
        for column in columns.columns where column.kind == .boolean {
            var last: UInt64 = 0
            for bit in columns.cells[column.cellRange] {
                packed |= UInt8(bit ^ last) << UInt8(filled)
                last = bit
                filled += 1
                if filled == 8 {
                    bytes.append(packed)
                    (packed, filled) = (0, 0)
                }
            }
        }
        if filled > 0 { bytes.append(packed) }
    }

    private mutating func literal(_ value: Value) {
        switch value {
        case .number(let number):
            bytes.append(0)
            withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        case .integer(let integer):
            bytes.append(1)
            signed(integer)
        case .unsigned(let unsigned):
            bytes.append(2)
            varint(unsigned)
        case .boolean(let boolean): bytes.append(boolean ? 4 : 3)
        case .text(let text):
            bytes.append(5)
            self.text(text)
        }
    }
}

extension ByteReader {
    mutating func values(_ columns: inout Columns) throws(Damage) {
        let count = columns.columns.reduce(0) { $0 + Int($1.cellCount) }
        columns.cells = [UInt64](repeating: 0, count: count)
        for column in columns.columns where column.kind == .scaled {
            try scaled(column.cellRange, &columns)
        }
        try planes(of: .float, 4, &columns)
        try planes(of: .double, 8, &columns)
        try booleans(&columns)
        for column in columns.columns where column.kind == .literal {
            for cell in column.cellRange {
                columns.cells[cell] = UInt64(columns.literals.count)
                columns.literals.append(try literal())
            }
        }
    }

    private mutating func scaled(
        _ range: Range<Int>, _ columns: inout Columns
    ) throws(Damage) {
        var last: Int64 = 0
        var cell = range.lowerBound
        while cell < range.upperBound {
            let difference = try signed()
            let repeats = difference == 0 ? try count(upTo: range.upperBound - cell - 1) : 0
            last &+= difference
            guard (-NumberText.maxScaled...NumberText.maxScaled).contains(last) else {
                throw .content
            }
            for same in cell...cell + repeats { columns.cells[same] = UInt64(bitPattern: last) }
            cell += repeats + 1
        }
    }

    private mutating func planes(
        of kind: Columns.Kind, _ width: Int, _ columns: inout Columns
    ) throws(Damage) {
        let ranges = columns.columns.filter { $0.kind == kind }.map(\.cellRange)
        for _ in 0..<width {
            for range in ranges {
                for (cell, byte) in zip(range, try take(range.count)) {
                    columns.cells[cell] = columns.cells[cell] << 8 | UInt64(byte)
                }
            }
        }
        for range in ranges {
            var last: UInt64 = 0
            for cell in range {
                last ^= columns.cells[cell]
                let number =
                    kind == .float
                    ? Double(Float(bitPattern: UInt32(last))) : Double(bitPattern: last)
                guard number.isFinite else { throw .content }
                columns.cells[cell] = number.bitPattern
            }
        }
    }

    private mutating func booleans(_ columns: inout Columns) throws(Damage) {
        var packed: UInt8 = 0
        var left = 0
        for column in columns.columns where column.kind == .boolean {
            var last: UInt64 = 0
            for cell in column.cellRange {
                if left == 0 { (packed, left) = (try byte(), 8) }
                last ^= UInt64(packed & 1)
                packed >>= 1
                left -= 1
                columns.cells[cell] = last
            }
        }
        guard packed == 0 else { throw .content }
    }

    private mutating func literal() throws(Damage) -> Value {
        switch try byte() {
        case 0:
            let bits = try take(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let number = Double(bitPattern: bits)
            guard number.isFinite else { throw .content }
            return .number(number)
        case 1: return .integer(try signed())
        case 2: return .unsigned(try varint())
        case 3: return .boolean(false)
        case 4: return .boolean(true)
        case 5: return .text(try text())
        default: throw .content
        }
    }
}

extension Columns {
    /// The bits of the Float that a `.float` cell's Double is exactly.
    fileprivate static func floatBits(_ cell: UInt64) -> UInt64 {
        UInt64(Float(Double(bitPattern: cell)).bitPattern)
    }
}
