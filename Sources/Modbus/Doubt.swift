// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A question to which something came that may be an earlier answer; it is asked again.
struct Doubt {
    /// The last time.
    private(set) var asked: Debts.Asking
    /// How many times it was asked.
    private(set) var asks = 1
    /// Whether one of the frames came twice: then both answered the question, or it makes no
    /// difference which did.
    private(set) var isConfirmed = false
    private var frames: [[UInt8]] = []

    init(asked: Debts.Asking) { self.asked = asked }

    mutating func ask(_ asked: Debts.Asking) {
        self.asked = asked
        asks += 1
    }

    mutating func note(_ frame: ArraySlice<UInt8>) {
        frames.append(Array(frame))
    }

    /// Whether `frame` came in answer to the question before.
    mutating func confirm(_ frame: ArraySlice<UInt8>) -> Bool {
        isConfirmed = frames.contains { $0.elementsEqual(frame) }
        return isConfirmed
    }

    /// The unit repeats itself: to come twice says nothing.
    mutating func distrust() { frames = [] }
}

// Whether what fits the question is its answer.
extension RTUAnswers {
    enum Place {
        case own, doubtful
        /// To an earlier question, or so it must be taken.
        case stale
    }

    /// What `frame`, which fits the question, is to it.
    mutating func place(
        of frame: ArraySlice<UInt8>, to asked: Asked, at now: ContinuousClock.Instant
    ) -> Place {
        guard let debt = asked.debt else { return .own }
        let isRefusal = frame[frame.startIndex + 1] & 0x80 != 0
        if isRefusal && debts.mayBeLate(refusal: debt) { return .stale }
        if doubt?.confirm(frame) == true {
            repeats.note(confirming: asked.question.unit, at: now)
            return .own
        }
        // It came at some time since the question: whoever looks late must not take it for younger.
        if repeats.isCopy(frame, of: asked.question.unit, since: asked.at) { return .stale }
        guard repeats.maybe(frame, to: asked.question, at: now) else { return .own }
        doubt = doubt ?? Doubt(asked: debt)
        doubt?.note(frame)
        return .doubtful
    }

    /// What comes of the answer that was found.
    mutating func conclude(
        _ found: RTUSearch.Found, _ asked: Asked, at now: ContinuousClock.Instant
    ) -> Verdict {
        switch found {
        case .answer(let message):
            guard isOwn(.data, asked, at: now) else { return .doubt }
            return .answer(asked.question.content(of: message))
        case .exception(let code):
            return isOwn(.refusal, asked, at: now) ? .exception(code) : .doubt
        case .nothing: return .pending
        }
    }

    /// Whether the answer that was found is none to a question before, in order.
    mutating func isOwn(
        _ answer: Debts.Answer, _ asked: Asked, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let debt = asked.debt else { return true }
        let isOwn = debts.settle(by: answer, to: debt)
        guard let doubt else { return isOwn }
        self.doubt = nil
        if !doubt.isConfirmed { note(repeating: debt.request.unit, at: now) }
        let isPair = doubt.isConfirmed && !repeats.isRepeating(debt.request.unit, at: now)
        add(doubt.asks - (isPair ? 2 : 1), of: doubt.asked)
        return isOwn
    }

    /// Each time that the question was asked it may still be answered.
    mutating func add(_ times: Int, of asked: Debts.Asking) {
        for _ in 0..<max(0, times) { debts.add(asked) }
    }

    /// Another question than that in doubt is to be asked.
    mutating func leaveDoubt(for request: Request) {
        guard let doubt, doubt.asked.request != request else { return }
        add(doubt.asks, of: doubt.asked)
        self.doubt = nil
    }

    mutating func note(repeating unit: UInt8, at now: ContinuousClock.Instant) {
        repeats.note(repeating: unit, at: now)
        if doubt?.asked.request.unit == unit { doubt?.distrust() }
    }
}
