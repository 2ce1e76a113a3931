// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How rows of what is lost become fewer, the oldest first, where there are more than are remembered
/// one by one.
///
/// Neighbours of one reason go together. Where there are eight times as many all the same, neighbours
/// do whatever their reasons, under that of the loss that has cost more (`LostRow.append`). Sums stay
/// exact. Rows that stand alone between batches are not counted as too many: the newest that are gone
/// stay one by one.
///
/// A value: it is shown the rows, a piece at a time, and says what becomes of them.
struct LostMerging {
    /// Up to here the rows are as few as can be.
    private(set) var through: Int64 = 0
    /// How many they are.
    private var passed = 0
    private var isPressing = false

    /// Whether of so many rows some are to go, where `most` are wanted.
    mutating func isDue(_ count: Int, most: Int) -> Bool {
        let presses = count > 8 * most
        // What could not go together by its reason now can.
        if presses, !isPressing { beginAnew() }
        isPressing = presses
        return count - passed > most + most / 4
    }

    /// What becomes of the rows that come after `through`.
    mutating func merge(_ rows: [LostRow]) -> [LostRow] {
        var merged: [LostRow] = []
        for row in rows {
            if let open = merged.indices.last, merged[open].to + 1 == row.from,
                isPressing || merged[open].reason == row.reason
            {
                merged[open].append(row)
            } else {
                merged.append(row)
            }
        }
        // The last one may go on.
        if let last = merged.last {
            through = last.from - 1
            passed += merged.count - 1
        }
        return merged
    }

    /// A new row may go with those beside it.
    mutating func add(at sequence: Int64) {
        if sequence <= through + 1 { beginAnew() }
    }

    private mutating func beginAnew() {
        (through, passed) = (0, 0)
    }
}
