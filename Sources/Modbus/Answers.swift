// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Finds the one answer that matches the question among all that a wire may bring: late
/// answers, other units' answers, echoes, noise. Pure: bytes and `now` come in, verdicts go out.
protocol Answers {
    /// What was passed over so far.
    var passedOver: PassedOver { get }
    /// Forgets what belonged to the connection before.
    mutating func reconnect()
    /// Notes the question, which may take `timeout` to be answered, and returns the bytes to send.
    mutating func question(
        _ question: Question, within timeout: Duration, at now: ContinuousClock.Instant
    ) -> [UInt8]
    /// Takes what the wire brought.
    mutating func take(_ bytes: ArraySlice<UInt8>)
    /// What the bytes so far amount to; asked again after each `take`.
    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict
    /// Throws away what came unasked; false when it was no sequence of frames.
    mutating func discard(at now: ContinuousClock.Instant) -> Bool
    /// Notes that nothing had come by `now`, while nothing was asked.
    mutating func note(quietAt now: ContinuousClock.Instant)
    /// Notes that the question stays unanswered; says whether anything was heard at all.
    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing
    /// What has to be before `question`, so that no late answer can pass for its own; after it,
    /// this is to be asked again.
    mutating func clarification(
        of question: Question, at now: ContinuousClock.Instant
    ) -> Clarification
}

enum Verdict: Equatable {
    /// Nothing conclusive yet.
    case pending
    /// The content of the answer, as `Question.content(of:)` gives it.
    case answer([UInt8])
    /// The device said no to this very question.
    case exception(UInt8)
    /// Data or a refusal, perhaps to an earlier question.
    case doubt
    /// All of an answer to this question came, but damaged: a better one is hardly to be expected.
    case damaged
    /// An answer to this very question that cannot be right; the frames are still in step.
    case contradiction
    /// Bytes that are no frames: nothing that follows on this connection can be trusted.
    case outOfStep
}

enum Hearing { case nothing, strangers }

enum Clarification: Equatable {
    case unneeded
    /// A question whose answer, be it a refusal, makes things clearer.
    case ask(Question)
    /// Nothing but time, or what may come in it, tells more.
    case hold(until: ContinuousClock.Instant)
    /// Whatever is asked, a late answer could pass for its own.
    case impossible
}

/// What came and was no answer to anything asked at the time.
struct PassedOver: Equatable {
    /// Frames that ended in a wrong CRC, or whose header or sizes cannot be true.
    var damagedFrames = 0
    /// All bytes outside of the answers.
    var strayBytes = 0
    /// Frames of the other framing: the endpoint is not what the configuration says.
    var otherFraming = 0
    /// Answers that came after they were given up.
    var lateAnswers = 0
    /// The last of them.
    var latestLate: LateAnswer?
}
