// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

// The names of a batch's columns: neighbours begin alike, and units are few.

extension ByteWriter {
    mutating func names(_ names: Names) {
        texts(names.equipment)
        texts(names.signals)
        var known = 0
        for number in names.unitNumbers {
            count(Int(number))
            guard number > known else { continue }
            known += 1
            text(names.units[known - 1])
        }
    }

    private mutating func texts(_ texts: Texts) {
        for index in 0..<texts.count {
            let range = texts.range(index)
            let shared = texts.repeats(index) ? range.count : texts.shared(at: index)
            count(shared)
            count(range.count - shared)
            bytes.append(contentsOf: texts.bytes[range.dropFirst(shared)])
        }
    }
}

extension ByteReader {
    mutating func names(_ count: Int) throws(Damage) -> Names {
        var names = Names()
        names.equipment = try texts(count)
        names.signals = try texts(count)
        names.unitNumbers.reserveCapacity(count)
        for _ in 0..<count {
            let number = try self.count(upTo: names.units.count + 1)
            if number > names.units.count { names.units.append(try text()) }
            names.unitNumbers.append(Int32(number))
        }
        return names
    }

    private mutating func texts(_ count: Int) throws(Damage) -> Texts {
        var texts = Texts()
        texts.reserve(count)
        var last = 0
        // Two bytes can repeat a long text: the sum is bounded, not each.
        var total = 0
        for index in 0..<count {
            let shared = try self.count(upTo: last)
            let rest = try self.count()
            last = shared + rest
            total += last
            guard total <= BatchCodec.maxContent else { throw .content }
            texts.append(sharing: shared, rest: try take(rest))
            guard texts.repeats(index) || texts.isValid(index) else { throw .content }
        }
        return texts
    }
}

extension Texts {
    /// Whether it is UTF-8.
    fileprivate func isValid(_ index: Int) -> Bool {
        let text = bytes[range(index)]
        return text.allSatisfy { $0 < 0x80 } || String(validating: text, as: UTF8.self) != nil
    }
}
