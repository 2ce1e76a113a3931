// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The frames that an RTU line has brought of late, to know one that comes a second time.
///
/// A repeated frame is the same byte for byte. If it comes while another question of its shape is
/// open, it may be the answer to that, equal by chance, or the answer before once more. As long
/// as a unit repeats itself, nothing that it just said is taken; an answer equal by chance is lost
/// then. Any other unit is asked the same once more, as equal answers are common.
struct Repeats {
    /// How long after a frame its repetition is reckoned with.
    static let memory = Duration.seconds(10)
    /// The same question is hardly asked again so soon, and answered the same: unless its registers
    /// stand still, which is believed of a unit (`trust`) that gave the same `enough` times.
    private static let again = Duration.milliseconds(100)
    private static let enough = 3
    /// For so long it is not asked twice for what it says of the same registers.
    private static let trust = Duration.seconds(60)
    /// How long after a frame a unit that repeats itself does so, at the most.
    static let delay = Duration.milliseconds(500)
    /// How long a unit that repeated itself is expected to do so again: two polls.
    private static let suspicion = Duration.seconds(2)
    /// Different frames kept: more than a fast line of many units brings in `memory`. Beyond it
    /// the memory gets shorter.
    private static let limit = 4096
    /// Frames that are not worth looking through for old ones.
    private static let few = 64

    private struct Hearing {
        /// Nil where it came late.
        let question: Question?
        let at: ContinuousClock.Instant
    }

    /// Of each frame, when it came last in answer to each question.
    private var frames: [[UInt8]: [Hearing]] = [:]
    /// At so many frames the old ones are forgotten.
    private var sweepAt = few
    /// When each unit was last seen to repeat itself.
    private var repeated: [UInt8: ContinuousClock.Instant] = [:]
    /// How often each unit gave the same when it was asked twice.
    private var confirmations: [UInt8: Int] = [:]
    private var trustedSince: [UInt8: ContinuousClock.Instant] = [:]

    mutating func note(
        _ bytes: ArraySlice<UInt8>, to question: Question?, at now: ContinuousClock.Instant
    ) {
        let frame = Array(bytes)
        var hearings = frames[frame] ?? []
        // What comes unasked is what came before, once more.
        let question = question ?? hearings.last?.question
        hearings.removeAll { $0.question == question || now - $0.at >= Self.memory }
        hearings.append(Hearing(question: question, at: now))
        frames[frame] = hearings
        if frames.count >= sweepAt { sweep(at: now) }
    }

    private mutating func sweep(at now: ContinuousClock.Instant) {
        var memory = Self.memory
        repeat {
            frames = frames.filter { $1.contains { now - $0.at < memory } }
            memory /= 2
        } while frames.count >= Self.limit
        sweepAt = min(max(Self.few, 2 * frames.count), Self.limit)
    }

    /// Whether `bytes`, which fit `question`, may be an earlier answer once more.
    func maybe(
        _ bytes: ArraySlice<UInt8>, to question: Question, at now: ContinuousClock.Instant
    ) -> Bool {
        let again = isTrusted(question.unit, at: now) ? .zero : Self.again
        return frames[Array(bytes)]?.contains { hearing in
            now - hearing.at < (hearing.question == question ? again : Self.memory)
        } ?? false
    }

    /// Whether `bytes`, which came at `start` at the earliest, are to be taken for what `unit` said
    /// before, as it repeats itself.
    func isCopy(
        _ bytes: ArraySlice<UInt8>, of unit: UInt8, since start: ContinuousClock.Instant
    ) -> Bool {
        isRepeating(unit, at: start)
            && frames[Array(bytes)]?.contains { start - $0.at < Self.delay } ?? false
    }

    func isRepeating(_ unit: UInt8, at now: ContinuousClock.Instant) -> Bool {
        repeated[unit].map { now - $0 < Self.suspicion } ?? false
    }

    /// Whether `bytes` came before.
    func knows(_ bytes: ArraySlice<UInt8>, at now: ContinuousClock.Instant) -> Bool {
        frames[Array(bytes)]?.contains { now - $0.at < Self.memory } ?? false
    }

    /// `unit` was seen to repeat itself.
    mutating func note(repeating unit: UInt8, at now: ContinuousClock.Instant) {
        repeated[unit] = now
        confirmations[unit] = nil
        trustedSince[unit] = nil
    }

    /// `unit` was asked twice and gave the same.
    mutating func note(confirming unit: UInt8, at now: ContinuousClock.Instant) {
        guard !isTrusted(unit, at: now) else { return }
        confirmations[unit, default: 0] += 1
        guard confirmations[unit] == Self.enough else { return }
        confirmations[unit] = nil
        trustedSince[unit] = now
    }

    private func isTrusted(_ unit: UInt8, at now: ContinuousClock.Instant) -> Bool {
        trustedSince[unit].map { now - $0 < Self.trust } ?? false
    }
}
