// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Guesses what somebody meant to write.
package enum Suggestion {
    /// Longer words are not compared: the table grows with the square.
    private static let longest = 64

    /// The candidate that `word` is most likely a slip of, or `nil` if none is near.
    ///
    /// Near is one slip in three characters, in letters of either case; of two that are equally
    /// near the earlier wins.
    package static func nearest(to word: String, among candidates: some Sequence<String>) -> String?
    {
        guard word.utf8.count <= longest else { return nil }
        let wanted = Array(word.lowercased().utf8)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates where candidate.utf8.count <= longest {
            let distance = slips(from: wanted, to: Array(candidate.lowercased().utf8))
            guard distance <= max(1, max(wanted.count, candidate.utf8.count) / 3) else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// Letters added, left out, changed or swapped with their neighbour (optimal string alignment).
    static func slips(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var slips = min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    slips = min(slips, beforeLast[column - 1] + 1)
                }
                current.append(slips)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
