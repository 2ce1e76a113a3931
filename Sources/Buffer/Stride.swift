// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How much of the writer's own work is done in one piece: as much as this disk does in some
/// milliseconds, so that neither its fsync is paid too often nor anybody waits long.
///
/// A value: it is told how long a piece took.
struct Stride: Equatable, Sendable {
    private(set) var size: Int
    private let sizes: ClosedRange<Int>

    /// Begins with the least.
    init(_ sizes: ClosedRange<Int>) {
        self.sizes = sizes
        size = sizes.lowerBound
    }

    /// A piece that took less is doubled, one that took more than four times as much is halved.
    private static let short = Duration.milliseconds(3)

    /// Takes note of how long `done` took: a piece that was no whole one says little.
    mutating func record(_ done: Int, in time: Duration) {
        if time > Self.short * 4 {
            size = max(size / 2, sizes.lowerBound)
        } else if time < Self.short, done >= size {
            size = min(size * 2, sizes.upperBound)
        }
    }
}
