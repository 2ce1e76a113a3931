// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Who each column's readings belong to, and in which unit they are.
struct Names: Equatable, Sendable {
    var equipment = Texts()
    /// `<device>/<signal>`.
    var signals = Texts()
    /// The different units, in the order in which they first come.
    var units: [String] = []
    /// Of each column: 0 if it has none, else one more than its place in `units`.
    var unitNumbers: [Int32] = []

    var count: Int { unitNumbers.count }

    func unit(of column: Int) -> String? {
        let number = Int(unitNumbers[column])
        return number == 0 ? nil : units[number - 1]
    }
}

/// Texts, one after another in one run of bytes: a batch can name thousands of signals, and a
/// String of each would cost more than all else that is done with it.
struct Texts: Equatable, Sendable {
    /// UTF-8 of all that differ from the one before.
    private(set) var bytes: [UInt8] = []
    private var places: [Place] = []

    private struct Place: Equatable {
        let start: Int32
        let end: Int32
        var range: Range<Int> { Int(start)..<Int(end) }
    }

    var count: Int { places.count }

    /// Where the text with this index lies in `bytes`.
    func range(_ index: Int) -> Range<Int> { places[index].range }

    subscript(index: Int) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }

    /// Whether it is the same as the one before.
    func repeats(_ index: Int) -> Bool { index > 0 && places[index] == places[index - 1] }

    mutating func reserve(_ count: Int) { places.reserveCapacity(count) }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            if let last = places.last, last.range.count == utf8.count,
                shared(with: utf8) == utf8.count
            {
                return places.append(last)
            }
            let start = bytes.count
            bytes.append(contentsOf: utf8)
            end(from: start)
        }
    }

    /// Adds a text that begins as the last one does, for `shared` bytes, and goes on with `rest`.
    mutating func append(sharing shared: Int, rest: ArraySlice<UInt8>) {
        let last = places.last
        if let last, rest.isEmpty, shared == last.range.count { return places.append(last) }
        let start = bytes.count
        for offset in 0..<shared { bytes.append(bytes[Int(last?.start ?? 0) + offset]) }
        bytes.append(contentsOf: rest)
        end(from: start)
    }

    private mutating func end(from start: Int) {
        places.append(Place(start: Int32(start), end: Int32(bytes.count)))
    }

    /// How many bytes the last text and `utf8` begin with alike.
    private func shared(with utf8: UnsafeBufferPointer<UInt8>) -> Int {
        guard let last = places.last else { return 0 }
        let most = min(last.range.count, utf8.count)
        var shared = 0
        while shared < most, bytes[Int(last.start) + shared] == utf8[shared] { shared += 1 }
        return shared
    }

    /// How many bytes the text with this index and the one before it begin with alike.
    func shared(at index: Int) -> Int {
        guard index > 0 else { return 0 }
        let (last, this) = (range(index - 1), range(index))
        let most = min(last.count, this.count)
        var shared = 0
        while shared < most, bytes[last.lowerBound + shared] == bytes[this.lowerBound + shared] {
            shared += 1
        }
        return shared
    }
}
