// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A long list of values of which few are different, each kept once: what a large plant's 85,000
/// signals have in common takes two bytes of each, not forty.
struct Distinct<Value: Hashable & Sendable>: Sendable {
    private var values: [Value] = []
    private var indices: [Value: UInt16] = [:]
    private var places: [UInt16] = []

    var count: Int { places.count }

    /// No more than 65,536 different ones: a configuration of 1 MiB cannot say as many.
    mutating func append(_ value: Value) {
        if let known = indices[value] { return places.append(known) }
        guard let new = UInt16(exactly: values.count) else {
            preconditionFailure("more different values than a configuration has room for")
        }
        values.append(value)
        indices[value] = new
        places.append(new)
    }

    subscript(index: Int) -> Value { values[Int(places[index])] }
}
