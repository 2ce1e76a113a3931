// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The frames that an RTU line has brought of late, to know one that comes a second time.
///
/// A repeated frame is the same byte for byte. If it comes while another question of its shape is
/// open, it may be the answer to that, equal by chance, or the answer before once more. The same
/// question asked again tells: one answer comes twice at the most, so the next frame is an answer
/// to the question in any case.
struct Repeats {
    /// How long after a frame its repetition is reckoned with.
    static let memory = Duration.seconds(10)
    /// The same question is hardly asked again so soon, and answered the same; later, only a
    /// unit that was seen to repeat itself is asked again for that.
    private static let again = Duration.milliseconds(400)
    /// Frames kept: more than a line brings while a repetition is on its way.
    private static let limit = 64

    private struct Frame {
        let bytes: [UInt8]
        /// Nil where it came late.
        let question: Question?
        let at: ContinuousClock.Instant
    }

    /// The oldest first.
    private var frames: [Frame] = []
    /// When each unit was last seen to repeat itself.
    private var repeated: [UInt8: ContinuousClock.Instant] = [:]

    mutating func note(
        _ bytes: ArraySlice<UInt8>, to question: Question?, at now: ContinuousClock.Instant
    ) {
        if frames.count == Self.limit { frames.removeFirst() }
        frames.append(Frame(bytes: Array(bytes), question: question, at: now))
    }

    /// Whether `bytes`, which fit `question`, may be an earlier answer once more.
    func maybe(
        _ bytes: ArraySlice<UInt8>, to question: Question, at now: ContinuousClock.Instant
    ) -> Bool {
        let repeats = repeated[question.unit].map { now - $0 < Self.memory } ?? false
        return frames.contains { frame in
            let isSame = frame.question == question && !repeats
            return now - frame.at < (isSame ? Self.again : Self.memory)
                && frame.bytes.elementsEqual(bytes)
        }
    }

    /// Whether `bytes` came before.
    func knows(_ bytes: ArraySlice<UInt8>, at now: ContinuousClock.Instant) -> Bool {
        frames.contains { frame in
            now - frame.at < Self.memory && frame.bytes.elementsEqual(bytes)
        }
    }

    /// `unit` was seen to repeat itself.
    mutating func note(repeating unit: UInt8, at now: ContinuousClock.Instant) {
        repeated[unit] = now
    }
}
