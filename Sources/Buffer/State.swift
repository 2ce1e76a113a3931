// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A reading's quality and reason in 16 bits, as batches store them:
/// bits 0–1 quality (0 good, 1 uncertain, 2 bad), bits 2–7 reason (0 none), bits 8–15 the Modbus
/// exception of a refusal.
struct State: Hashable, Sendable {
    let code: UInt16

    static let good = State(code: 0)

    var isBad: Bool { code & 3 == 2 }

    /// `nil` unless the code is one that `init(_:)` makes.
    init?(checking code: UInt16) {
        let quality = code & 3
        let reason = Int(code >> 2 & 63)
        guard quality == 0 ? code == 0 : quality < 3 && (1...Self.reasons.count).contains(reason),
            code >> 8 == 0 || Self.isRefusal(reason)
        else { return nil }
        self.code = code
    }

    init(_ content: Reading.Content) {
        switch content {
        case .good: code = 0
        case .uncertain(_, let reason): code = 1 | Self.code(reason)
        case .bad(let reason): code = 2 | Self.code(reason)
        }
    }

    private init(code: UInt16) {
        self.code = code
    }

    var quality: Quality {
        switch code & 3 {
        case 0: .good
        case 1: .uncertain
        default: .bad
        }
    }

    var reason: Reason? {
        let index = Int(code >> 2 & 63)
        guard index > 0 else { return nil }
        return Self.isRefusal(index)
            ? .refused(exception: UInt8(code >> 8)) : Self.reasons[index - 1]
    }

    /// The content of a reading that has this state and, unless it is bad, `value`.
    func content(_ value: Value?) -> Reading.Content {
        switch (reason, value) {
        case (nil, let value?): .good(value)
        case (let reason?, let value?): .uncertain(value, reason)
        case (let reason, nil): .bad(reason ?? .notAvailable)
        }
    }

    /// Their order is part of the format: append only.
    private static let reasons: [Reason] = [
        .noAnswer, .notConnected, .refused(exception: 0), .garbled, .notAvailable, .outOfRange,
        .notYetRead, .stale, .calibrationOverdue, .outOfService,
    ]

    private static func isRefusal(_ index: Int) -> Bool { index == 3 }

    private static func code(_ reason: Reason) -> UInt16 {
        switch reason {
        case .noAnswer: 1 << 2
        case .notConnected: 2 << 2
        case .refused(let exception): 3 << 2 | UInt16(exception) << 8
        case .garbled: 4 << 2
        case .notAvailable: 5 << 2
        case .outOfRange: 6 << 2
        case .notYetRead: 7 << 2
        case .stale: 8 << 2
        case .calibrationOverdue: 9 << 2
        case .outOfService: 10 << 2
        }
    }
}
