// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An answer that came after it was given up: the unit is slower than the timeout.
package struct LateAnswer: Hashable, Sendable {
    /// Part of a timeout goes by before the question is out, so that what was given up, at the end
    /// of it, may seem a little early.
    private static let tolerance = 0.9

    /// Whose.
    package let unit: UInt8
    /// From the question to the answer; two times, because nobody listens between two questions:
    /// it came after the first and before the second.
    package let delay: ClosedRange<Duration>

    /// How long it is worth listening on after a question that was given up: what is slower still is
    /// found with a longer timeout.
    package static func patience(after timeout: Duration) -> Duration {
        min(max(timeout * 2, .seconds(1)), .seconds(3))
    }

    /// `looked` is when nothing had come yet, `now` when the answer to a question of `asked` was
    /// found.
    init(
        of unit: UInt8, asked: ContinuousClock.Instant, looked: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) {
        self.unit = unit
        let least = max(.zero, looked - asked)
        delay = least...max(least, now - asked)
    }

    /// Whether `message` is a unit's own: a gateway refuses in its name when it gives up itself.
    static func isOwn(_ message: ArraySlice<UInt8>) -> Bool {
        message.first.map { $0 & 0x80 == 0 } ?? false
            || ![10, 11].contains(message.dropFirst().first)
    }

    /// Whether it came so late for certain that `timeout` is why it was given up.
    package func exceeds(_ timeout: Duration) -> Bool {
        delay.lowerBound >= timeout * Self.tolerance && delay.upperBound >= timeout
    }
}

extension PassedOver {
    mutating func note(_ late: LateAnswer) {
        lateAnswers += 1
        latestLate = late
    }
}

extension Link {
    /// Between two looks at the wire.
    private static let glance = Duration.milliseconds(50)

    /// Listens on after a silence, until an answer comes late or `time` is over; whether one came
    /// shows in `counts`.
    package mutating func listen(for time: Duration) {
        let before = answers.passedOver.lateAnswers
        let end = ContinuousClock.now + time
        while let wire, answers.passedOver.lateAnswers == before, .now < end {
            // A lost connection, or a line that is to stop, brings nothing any more.
            guard let isReady = try? wire.wait(for: POLLIN, until: min(end, .now + Self.glance))
            else { return }
            guard isReady else {
                answers.note(quietAt: .now)
                continue
            }
            guard hearAll(wire, until: end), answers.discard(at: .now) else { return }
        }
    }

    /// A frame comes in pieces, each soon after the one before; false when the wire is lost.
    private mutating func hearAll(_ wire: Wire, until end: ContinuousClock.Instant) -> Bool {
        repeat {
            guard case .bytes(let bytes) = wire.receive() else { return false }
            answers.take(bytes[...])
            lastByte = .now
            // As above; a flood would never end.
        } while .now < end && (try? wire.wait(for: POLLIN, until: .now + Self.glance)) ?? false
        return true
    }
}
