// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// What is being found out about one device, and how sure of it one may be.
struct Lessons: Sendable {
    /// After a search without a result the same block is left as it is for so long.
    static let pause = Duration.seconds(60)
    /// Between two trials that may cost a timeout: the others on the line keep most of it.
    static let silentPause = Duration.seconds(5)
    /// Trials of one search that may come to nothing, one after the other.
    static let patience = 3
    /// Silences in a row, with answers to other requests between them, until a request is at fault.
    static let silences = 3

    /// The search for what is refused in one block.
    struct Running: Sendable {
        /// The block, by its index in the itinerary.
        let read: Int
        let table: Table
        /// How urgent it is.
        let period: Duration
        /// How the block was refused.
        let refusal: LearntFact.Refusal
        var parts: Search
        var due: Duration
        /// The trial went unanswered, and nothing was answered since: it may be the device.
        var isUnexplained = false
        /// Whether the device has answered something since it began.
        var isWitnessed = false
        var setbacks = 0

        var reason: Reason { refusal.reason }
    }

    var search: Running?
    var retry = RareRetry(from: .zero)
    /// Found out while the device answered nothing: it may be refusing everything for now.
    var unproven: [LearntFact] = []
    /// Learnt and not told yet: one line tells of many.
    private(set) var untold: [LearntFact] = []
    private(set) var untoldSince: Duration?
    /// It refuses every single value: nothing is to be learnt from that.
    var refusesAll = false
    /// When the signals that it refuses were last reported as refused.
    var refusedTold: Duration?

    var searchClaim: Claim? { search.map { Claim(due: $0.due, period: $0.period) } }

    /// Something was learnt that is to be told.
    mutating func keepToTell(_ facts: [LearntFact], at now: Moment) {
        untold += facts
        untoldSince = untoldSince ?? now.monotonic
    }

    /// All that is to be told.
    mutating func takeUntold() -> [LearntFact] {
        defer { (untold, untoldSince) = ([], nil) }
        return untold
    }

    /// A trial was left unanswered: whether by the device or by the request is yet to be seen.
    mutating func trialWentUnanswered(at now: Moment) {
        search?.isUnexplained = true
        search?.due = now.monotonic
    }

    /// It answers again, or for the first time: after an absence it may not be what it was.
    mutating func returned(at now: Moment, absence: Duration?) {
        if absence != nil { retry.hurry(at: now.monotonic) }
    }
}

/// What an exception asks for.
enum Refusal: Equatable {
    /// Ask the same again after a while: it has accepted the request and works on it (5), or is
    /// busy with another one (6) (MODBUS Application Protocol V1.1b3, §7).
    case busy(wait: Duration)
    /// This function, address or length will be refused for ever: 1, 2 and 3.
    case lasting
    /// It may be different at the next poll: a failure of the device (4), of its memory (8), or
    /// whatever a vendor means by 7, 9 or 12 and above.
    case passing

    /// How often in a row a request is asked again of a busy device before its signals are bad.
    static let postponements = 3

    init(_ exception: UInt8) {
        self =
            switch exception {
            case 1, 2, 3: .lasting
            case 5: .busy(wait: .seconds(1))
            case 6: .busy(wait: .milliseconds(100))
            default: .passing
            }
    }
}
