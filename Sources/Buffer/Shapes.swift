// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Sequences of columns, one after another.
struct Shapes: Equatable, Sendable {
    private var columns: [Int32] = []
    private var ends: [Int32] = []

    var count: Int { ends.count }

    subscript(shape: Int32) -> ArraySlice<Int32> {
        columns[(shape == 0 ? 0 : Int(ends[Int(shape) - 1]))..<Int(ends[Int(shape)])]
    }

    /// Returns the number of the new one.
    @discardableResult
    mutating func append(_ shape: some Collection<Int32>) -> Int32 {
        columns.append(contentsOf: shape)
        ends.append(Int32(columns.count))
        return Int32(ends.count - 1)
    }
}
