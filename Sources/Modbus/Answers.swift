// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Finds the one answer that matches the question among all that a wire may bring: late
/// answers, other units' answers, echoes, noise. Pure: bytes and `now` come in, verdicts go out.
protocol Answers {
    /// Forgets what belonged to the connection before.
    mutating func reconnect()
    /// Notes the question and returns the bytes to send.
    mutating func question(_ request: Request) -> [UInt8]
    /// Takes what the wire brought.
    mutating func take(_ bytes: ArraySlice<UInt8>)
    /// What the bytes so far amount to; asked again after each `take`.
    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict
    /// Throws away what came unasked; false when it was no sequence of frames.
    mutating func discard() -> Bool
    /// Notes that the question stays unanswered; says whether anything was heard at all.
    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing
    /// A question to ask before `request`, so that no late answer can pass for its own. After
    /// its answer, be it a refusal, this is to be asked again.
    mutating func clarification(
        of request: Request, at now: ContinuousClock.Instant
    ) -> Clarification
}

enum Verdict: Equatable {
    /// Nothing conclusive yet.
    case pending
    /// The data of the answer: as many bytes as were asked for.
    case answer([UInt8])
    /// The device said no to this very question.
    case exception(UInt8)
    /// Data or a refusal, perhaps to an earlier question.
    case doubt
    /// An answer to this very question that cannot be right; the frames are still in step.
    case contradiction
    /// Bytes that are no frames: nothing that follows on this connection can be trusted.
    case outOfStep
}

enum Hearing { case nothing, strangers }

enum Clarification: Equatable {
    case unneeded
    case ask(Request)
    /// Whatever is asked, a late answer could pass for its own.
    case impossible
}
