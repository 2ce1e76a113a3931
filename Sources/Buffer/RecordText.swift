// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

extension [Record] {
    /// The record lines as NDJSON gives them, for records that are in no batch.
    package var ndjson: [UInt8] {
        var lines: [UInt8] = []
        RecordLines(Columns(Records(self)), end: UInt8(ascii: "\n")).append(to: &lines)
        return lines
    }
}

extension Records {
    /// Gathers records whose signals are told apart by identity.
    package init(_ records: [Record]) {
        var signals: [Signal] = []
        var numbers: [Signal: Int] = [:]
        for case .reading(let reading) in records where numbers[reading.signal] == nil {
            numbers[reading.signal] = signals.count
            signals.append(reading.signal)
        }
        self.init(of: Roster(signals))
        for record in records {
            switch record {
            case .reading(let reading):
                append(reading.content, of: numbers[reading.signal, default: 0], at: reading.time)
            case .health(let entry): append(health: entry)
            case .note(let entry): append(note: entry)
            case .summary(let entry): append(summary: entry)
            }
        }
    }
}
