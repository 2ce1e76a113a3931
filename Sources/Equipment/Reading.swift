// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A signal's value at a time, with its quality.
package struct Reading: Hashable, Sendable {
    /// Whose value.
    package let signal: Signal
    /// When the answer arrived.
    package let time: Timestamp
    /// The value, or why there is none.
    package let content: Content

    /// What `signal` said at `time`.
    package init(signal: Signal, time: Timestamp, content: Content) {
        self.signal = signal
        self.time = time
        self.content = content
    }

    /// Value and quality in one, so that a bad reading cannot have a value.
    package enum Content: Hashable, Sendable {
        case good(Value)
        case uncertain(Value, Reason)
        case bad(Reason)
    }
}

extension Reading.Content {
    /// `nil` for a bad one: the last value is never passed off as new.
    package var value: Value? {
        switch self {
        case .good(let value), .uncertain(let value, _): value
        case .bad: nil
        }
    }

    /// How far it can be relied on.
    package var quality: Quality {
        switch self {
        case .good: .good
        case .uncertain: .uncertain
        case .bad: .bad
        }
    }

    /// Why it is not good.
    package var reason: Reason? {
        switch self {
        case .good: nil
        case .uncertain(_, let reason), .bad(let reason): reason
        }
    }

    /// The number to judge a condition by; a device that is out of service has none.
    var usableNumber: Double? {
        switch self {
        case .good(let value), .uncertain(let value, .calibrationOverdue): value.number
        case .uncertain, .bad: nil
        }
    }
}

/// How far a reading can be relied on.
package enum Quality: String, CaseIterable, Sendable {
    case good, uncertain, bad
}

/// Why a reading is not good; `word` is what records and the API say.
package enum Reason: Hashable, Sendable {
    /// Bad: the device did not answer in time.
    case noAnswer
    /// Bad: there is no connection to ask over.
    case notConnected
    /// Bad: the device answered with this Modbus exception code.
    case refused(exception: UInt8)
    /// Bad: an answer came and was damaged or not the one asked for.
    case garbled
    /// Bad: the device sent its own word for "no value".
    case notAvailable
    /// Bad: outside the signal's range, or not a finite number.
    case outOfRange
    /// Bad: not polled yet since the start.
    case notYetRead
    /// Only in the equipment snapshot, never in a record: the last value, grown old.
    case stale
    /// Uncertain: the device says that its calibration is due.
    case calibrationOverdue
    /// Uncertain: the device says that it is being worked on.
    case outOfService

    /// The literal word of the contract; a refusal's exception stands beside it.
    package var word: String {
        switch self {
        case .noAnswer: "no-answer"
        case .notConnected: "not-connected"
        case .refused: "refused"
        case .garbled: "garbled"
        case .notAvailable: "not-available"
        case .outOfRange: "out-of-range"
        case .notYetRead: "not-yet-read"
        case .stale: "stale"
        case .calibrationOverdue: "calibration-overdue"
        case .outOfService: "out-of-service"
        }
    }
}
