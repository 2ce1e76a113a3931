// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension [Record] {
    /// The record lines as NDJSON gives them, for records that are in no batch.
    package var ndjson: [UInt8] {
        var lines: [UInt8] = []
        RecordLines(Columns(self), end: UInt8(ascii: "\n")).append(to: &lines)
        return lines
    }
}
