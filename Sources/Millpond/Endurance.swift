// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// How long the buffer holds, and what is left of that to whoever is furthest behind.
struct Endurance: Equatable {
    /// How long a reader may stay away.
    let holds: Duration
    /// Over how long that was measured.
    let span: Duration
    /// Whether it never is measured over more: where batches are sealed many times a second, a
    /// full window is short.
    let isWhole: Bool
    /// The consumer to which the least is left, and how much; `nil` without consumers.
    let slowest: Slowest?
    /// What would make it hold longer.
    var remedy = "raise `buffer: limit`"

    struct Slowest: Equatable {
        let consumer: String
        let left: Duration
    }

    init(holds: Duration, span: Duration, isWhole: Bool, slowest: Slowest?) {
        self.holds = holds
        self.span = span
        self.isWhole = isWhole
        self.slowest = slowest
    }

    /// `nil` while the pace is unknown.
    init?(_ state: BufferState, of consumers: [Consumer]) {
        guard let holds = state.holds, let pace = state.pace else { return nil }
        self.init(
            holds: holds, span: pace.span, isWhole: pace.isWhole,
            slowest: state.slowest(of: consumers).map {
                Slowest(consumer: $0.consumer.name, left: $0.left)
            })
        if state.isPressedByDisk { remedy = "make room on the disk" }
    }

    /// `61 h at this rate (consumer mes has 40 h left)`.
    var sentence: String {
        let left = slowest.map {
            " (consumer \($0.consumer) has \(Wording.roughly($0.left)) left)"
        }
        return "\(Wording.roughly(holds)) at this rate\(left ?? "")"
    }
}

/// Whether the buffer holds as long as it should, and whether somebody runs out of it: says so once
/// when it begins, and once when it is over.
struct EnduranceWatch {
    /// As the configuration has it.
    let survive: Duration?
    private var runsOut = false
    private var isShort = false
    private var isKnown = false

    enum Change: Equatable {
        /// It is known for the first time, or again for sure.
        case known(Endurance)
        /// Less than a fourth is left to a consumer.
        case runsOut(Endurance.Slowest, Endurance)
        /// Nobody runs out any more.
        case enough(Endurance)
        /// It holds shorter than it is to survive.
        case short(Endurance, survive: Duration)
        /// It holds as long again.
        case long(Endurance, survive: Duration)
    }

    init(survive: Duration?) { self.survive = survive }

    /// Shorter, a single batch would be news; a buffer that holds less is known by half of it.
    private static let leastSpan = Duration.seconds(60)

    /// What is news of how it stands now.
    mutating func look(at endurance: Endurance?) -> [Change] {
        guard let endurance,
            endurance.isWhole || endurance.span >= min(Self.leastSpan, endurance.holds / 2)
        else { return [] }
        var changes: [Change] = isKnown ? [] : [.known(endurance)]
        isKnown = true
        if let survive {
            // Over by a tenth: a rate that trembles is told once.
            let isNow = endurance.holds < (isShort ? survive * 11 / 10 : survive)
            if isNow != isShort {
                changes.append(
                    isNow ? .short(endurance, survive: survive) : .long(endurance, survive: survive)
                )
            }
            isShort = isNow
        }
        let whole = survive ?? endurance.holds
        let left = endurance.slowest?.left ?? .seconds(Int64.max / 4)
        // Over when a third is left.
        let isNow = left < (runsOut ? whole / 3 : whole / 4)
        if isNow != runsOut {
            if isNow, let slowest = endurance.slowest {
                changes.append(.runsOut(slowest, endurance))
            } else {
                changes.append(.enough(endurance))
            }
        }
        runsOut = isNow
        return changes
    }
}
