// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A named reader whose acknowledged cursor the gateway remembers.
package struct Consumer: Hashable, Sendable {
    /// As `isName` has it.
    package var name: String
    /// Everything up to here is acknowledged.
    package var cursor: Cursor
    /// Batches after the cursor that are still there to be read.
    package var lagBatches: Int
    /// Readings in them.
    package var lagReadings: Int
    /// How far it is behind in the stream's own time: from the first record that it has not
    /// acknowledged to the newest sealing; zero if it has acknowledged everything.
    package var lag: Duration
    /// Stored bytes of the batches after the cursor.
    package var holdsBackBytes: Int

    package init(
        name: String, cursor: Cursor, lagBatches: Int, lagReadings: Int, lag: Duration,
        holdsBackBytes: Int
    ) {
        self.name = name
        self.cursor = cursor
        self.lagBatches = lagBatches
        self.lagReadings = lagReadings
        self.lag = lag
        self.holdsBackBytes = holdsBackBytes
    }

    /// How many a buffer remembers: each holds batches back, and a site has a handful of platforms.
    package static let maxCount = 64
    /// The longest name, in characters.
    package static let maxNameLength = 64

    /// Whether `name` is 1–64 characters of A–Z a–z 0–9 . _ -, fit for a path and a log line.
    package static func isName(_ name: String) -> Bool {
        (1...maxNameLength).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
