// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Answers in RTU frames, searched for in whatever the line brings.
///
/// A frame bears no number, so an answer to an earlier question looks like the answer to this one
/// if it has its shape. Invariant: what is given out answers the question asked, because nothing
/// else of its shape could come:
///
/// - *late*: while a unit may still answer an earlier question of the shape, none is asked
///   (`Debts`: clarified in order, and held for a time, out of order), and no refusal is taken
///   that may be to another shape of the function;
/// - *twice*: a frame that a unit said of late is not taken from a unit that was seen to repeat
///   itself; from any other it is a doubt, the question is asked once more, and what is still
///   unanswered then is owed (`Repeats`, `Doubt`);
/// - *damaged*, cut short, dripping, in noise: the check, the size and the deadline; a question
///   that stays unanswered is a debt;
/// - *another unit's*, another function's, another count's, an echo: passed over by its head;
///   if it was owed, it is settled.
///
/// What remains impossible to tell, since frames of one shape differ in nothing else:
///
/// - an answer out of order that is later than twice the timeout, and than the unit was ever seen
///   to be (at most `Debts.longestLateness`);
/// - one in order that is later than `Debts.memory`, or than `Debts.deafness` where the unit
///   answered nothing else meanwhile;
/// - a copy that comes more than `Repeats.delay` after the last; the second of two that come
///   before the unit was seen to repeat itself, to one question, with the answer still out; or
///   one that comes after the same question was asked again, if the unit was not seen to, or
///   was believed to stand still. Asked again later than `Repeats.again`, that is the very same
///   registers, as they were one poll before;
/// - what a unit, or another master on the line, makes up while a question of the very shape is
///   open: a device that answers with the registers of another address lies, to anybody.
struct RTUAnswers: Answers {
    /// Two of the longest frames: an echo or a late answer, and the answer.
    static let bufferLimit = 2 * Frame.longestRTU

    /// Questions whose echo may come; it follows at once, but for what buffers it.
    private static let echoLimit = 8

    struct Asked {
        let question: Question
        let at: ContinuousClock.Instant
        let timeout: Duration

        /// What may be owed: only a read's answer is like that to another question.
        var debt: Debts.Asking? {
            guard case .read(let request) = question else { return nil }
            return Debts.Asking(request: request, at: at, timeout: timeout)
        }
    }

    private(set) var passedOver = PassedOver()
    private var buffer: [UInt8] = []
    private var asked: Asked?
    /// The last questions, which the line may still echo.
    private var echoes: [[UInt8]] = []
    var doubt: Doubt?
    /// When what came was last looked at: what lies there now came later.
    private var lookedAt: ContinuousClock.Instant?
    var debts = Debts()
    var repeats = Repeats()

    /// Debts outlive a connection: a device server hands late bytes to whoever is connected.
    mutating func reconnect() {
        passedOver.strayBytes += buffer.count
        buffer = []
        debts.reconnect()
    }

    mutating func question(
        _ question: Question, within timeout: Duration, at now: ContinuousClock.Instant
    ) -> [UInt8] {
        let asked = Asked(question: question, at: now, timeout: timeout)
        self.asked = asked
        if case .read(let request) = question { leaveDoubt(for: request) }
        if let debt = asked.debt { doubt?.ask(debt) }
        if echoes.count == Self.echoLimit { echoes.removeFirst() }
        let bytes = Frame.rtu(unit: question.unit, question.message)
        echoes.append(bytes)
        return bytes
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        buffer += bytes
        drop(max(0, buffer.count - Self.bufferLimit))
    }

    /// The first so many bytes of the buffer are no answer.
    private mutating func drop(_ count: Int) {
        passedOver.strayBytes += count
        buffer.removeFirst(count)
    }

    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict {
        guard let asked else { return .pending }
        lookedAt = now
        var isDoubtful = false
        while true {
            let search = RTUSearch(buffer[...], for: asked.question, echoes: echoes)
            if search.found == .nothing {
                guard isDoubtful else { return search.damaged > 0 ? .damaged : .pending }
                self.asked = nil
                return .doubt
            }
            let place = place(of: search.frame, to: asked, at: now)
            take(search, at: now)
            switch place {
            case .own:
                self.asked = nil
                return conclude(search.found, asked, at: now)
            // A copy of an answer before, and the answer, may come together.
            case .doubtful: isDoubtful = true
            case .stale: break
            }
            passedOver.strayBytes += search.frame.count
        }
    }

    mutating func discard(at now: ContinuousClock.Instant) -> Bool {
        asked = nil
        passOver(RTUSearch(buffer[...], for: nil, echoes: echoes), at: now)
        buffer.removeAll(keepingCapacity: true)
        return true
    }

    mutating func note(quietAt now: ContinuousClock.Instant) { lookedAt = now }

    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing {
        guard let asked else { return .nothing }
        self.asked = nil
        lookedAt = now
        let search = RTUSearch(buffer[...], for: asked.question, echoes: echoes)
        // What a unit owed may come late; that is no word of the one that was asked.
        let strangers = search.frames.filter { frame in
            !isEcho(frame) && !debts.isOwed(by: frame[frame.startIndex])
        }
        passOver(search, at: now)
        buffer.removeAll(keepingCapacity: true)
        if let debt = asked.debt { add(doubt?.asks ?? 1, of: debt) }
        doubt = nil
        return search.noise == 0 && strangers.isEmpty ? .nothing : .strangers
    }

    mutating func clarification(
        of question: Question, at now: ContinuousClock.Instant
    ) -> Clarification {
        // Who a unit is does not grow old, and an answer tells which objects it brings.
        guard case .read(let request) = question else { return .unneeded }
        if let doubt, doubt.asked.request.unit == request.unit, doubt.asked.request != request {
            return .ask(.read(doubt.asked.request))
        }
        return debts.clarification(of: request, at: now)
    }
}

// What is no answer to the question asked.
extension RTUAnswers {
    private mutating func passOver(_ search: RTUSearch, at now: ContinuousClock.Instant) {
        passedOver.damagedFrames += search.damaged
        passedOver.strayBytes += search.noise
        for frame in search.frames {
            passedOver.strayBytes += frame.count
            if !isEcho(frame) { hear(frame, at: now) }
        }
    }

    private func isEcho(_ frame: ArraySlice<UInt8>) -> Bool {
        echoes.contains { $0.elementsEqual(frame) }
    }

    /// Takes into account a whole frame: late, or a second time, or nothing to us.
    private mutating func hear(_ frame: ArraySlice<UInt8>, at now: ContinuousClock.Instant) {
        let (unit, function) = (frame[frame.startIndex], frame[frame.startIndex + 1])
        let size = function & 0x80 == 0 ? Int(frame[frame.startIndex + 2]) : 0
        // Another master's question is no answer.
        guard frame.count == 5 + size else { return }
        let answer = function & 0x80 == 0 ? Debts.Answer.data : .refusal
        let shape = Debts.Shape(unit: unit, function: function & 0x7F, size: size)
        guard debts.isOwed(answer, of: shape) else {
            // Once more, or now that its own answer was taken from another frame.
            note(repeating: unit, at: now)
            repeats.note(frame, to: nil, at: now)
            return
        }
        // What comes a second time settles nothing: it might be either.
        if repeats.knows(frame, at: now) { return }
        if let debt = debts.hear(answer, of: shape, at: lookedAt ?? now),
            LateAnswer.isOwn(frame.dropFirst())
        {
            let late = LateAnswer(of: unit, asked: debt.at, looked: lookedAt ?? now, now: now)
            // What was asked twice is answered twice, and in good time.
            if late.exceeds(debt.timeout) { passedOver.note(late) }
        }
        repeats.note(frame, to: nil, at: now)
    }

    /// Takes what was found, and what lies before it, out of the buffer.
    private mutating func take(_ search: RTUSearch, at now: ContinuousClock.Instant) {
        passOver(search, at: now)
        buffer.removeSubrange(..<search.frame.endIndex)
        repeats.note(search.frame, to: asked?.question, at: now)
    }
}
