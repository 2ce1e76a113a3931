// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

/// What a sequence is for ever.
struct Content: Hashable, Sendable {
    /// What the plant produced: no summaries.
    var records: Int
    var readings = 0
    /// Those that are carried on when room is needed.
    var transitions = 0
    /// `nil` of what was told as lost.
    var sha256: String?
    var origin = Origin.sealed

    enum Origin: Hashable, Sendable {
        /// The workload sealed it.
        case sealed
        /// The buffer made it of what had to go.
        case condensed
        /// The buffer brought it back from an epoch before, where it was first.
        case salvaged(Cursor)
        /// It was a loss from the beginning.
        case told(LossReason)
    }

    init(_ batch: Batch) {
        let summaries = batch.records.count { if case .summary = $0 { true } else { false } }
        transitions = batch.records.count { if case .health = $0 { true } else { false } }
        records = batch.head.records - summaries
        readings = batch.readings
        sha256 = batch.head.sha256
        if let cursor = batch.head.salvaged {
            origin = .salvaged(cursor)
        } else if batch.head.condensed != nil {
            origin = .condensed
        }
    }

    init(_ head: BatchHead, of made: Numbered.Made) {
        records = head.records
        (readings, transitions) = (made.readings, made.transitions)
        sha256 = head.sha256
    }

    init(told records: Int, _ reason: LossReason) {
        self.records = records
        origin = .told(reason)
    }

    /// How many of its records are lost when it goes for this reason; the others are carried on.
    func lost(for reason: LossReason) -> Int {
        switch reason {
        case .bufferLimit, .diskFull: records - transitions
        case .thinned: readings
        case .acknowledged, .corruption, .notStored: records
        }
    }
}
