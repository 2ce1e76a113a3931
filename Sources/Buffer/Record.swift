// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment
internal import Glibc

/// What a batch holds: a reading, a transition, a note about the data itself, or what is left of
/// readings.
package enum Record: Hashable, Sendable {
    case reading(Reading)
    /// A transition of a condition: a `health` line.
    case health(Entry)
    /// Something said about the data: a `note` line.
    case note(Entry)
    /// What is left of good readings that had to make room: a `summary` line. The plant did not
    /// produce it: where records are counted to the last one, it is none.
    case summary(Entry)
}

/// A record that is kept as the very line it is published as.
package struct Entry: Hashable, Sendable {
    package let time: Timestamp
    /// The equipment it speaks of, for filters; `nil` if it is about the gateway.
    package let equipment: String?
    /// One JSON object without a newline, `"type"` first.
    package let line: String

    package init(time: Timestamp, equipment: String?, line: String) {
        self.time = time
        self.equipment = equipment
        self.line = line
    }
}

extension Entry {
    /// Whether no newline is in its line. The bytes as they lie: iterating a string's view costs some
    /// ten times that.
    var isOneLine: Bool {
        var line = line
        return line.withUTF8 { bytes in
            bytes.baseAddress.map { memchr($0, CInt(UInt8(ascii: "\n")), bytes.count) == nil }
                ?? true
        }
    }
}
