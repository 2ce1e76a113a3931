// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Answers in MBAP frames. Invariant: the buffer begins at the beginning of a frame.
///
/// Each question has a number of its own, so a late answer or a repeated one is known by its old
/// number and dropped; the connection outlives a silence, as it must where other units share it.
///
/// An answer cut short is completed by the frame that comes next, late or not. It shows: by the
/// header inside of it, or by what follows, which then is none. So junk after an answer makes that
/// one doubtful, too.
///
/// What remains impossible to tell: an answer that comes 65,536 questions late on the same
/// connection, and one that a peer makes up, number and all.
struct TCPAnswers: Answers {
    /// How many questions back the frames may be that are looked for inside of an answer.
    private static let reach = 16

    private(set) var passedOver = PassedOver()
    private var buffer: [UInt8] = []
    private var transaction: UInt16 = 0
    private var asked: Question?
    private var askedAt: ContinuousClock.Instant?
    /// Questions that were given up and may be answered late, at most `reach`, the last one first.
    private var givenUp: [(number: UInt16, unit: UInt8, at: ContinuousClock.Instant)] = []
    /// When what came was last looked at: what lies there now came later.
    private var lookedAt: ContinuousClock.Instant?
    private var latest: Question?
    /// Those before it, the last one first.
    private var earlier: [Question] = []
    /// Questions on this connection so far; those numbers may still be answered late.
    private var questions = 0
    private var hearing = Hearing.nothing

    mutating func reconnect() {
        passedOver.strayBytes += buffer.count
        buffer = []
        questions = 0
        (latest, earlier) = (nil, [])
        givenUp = []
    }

    mutating func question(
        _ question: Question, within timeout: Duration, at now: ContinuousClock.Instant
    ) -> [UInt8] {
        if let latest {
            if earlier.count == Self.reach { earlier.removeLast() }
            earlier.insert(latest, at: 0)
        }
        latest = question
        transaction &+= 1
        questions += 1
        asked = question
        askedAt = now
        hearing = .nothing
        return Frame.tcp(transaction, unit: question.unit, question.message)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) { buffer += bytes }

    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict {
        if asked != nil { lookedAt = now }
        let verdict = verdict(now)
        if verdict == .outOfStep { passedOver.damagedFrames += 1 }
        return verdict
    }

    private mutating func verdict(_ now: ContinuousClock.Instant) -> Verdict {
        while buffer.count >= Frame.headerSize {
            guard let length else {
                if isOtherFraming { passedOver.otherFraming += 1 }
                return .outOfStep
            }
            let end = Frame.headerSize + length
            guard buffer.count >= end else { return .pending }
            let number = UInt16(buffer[0]) << 8 | UInt16(buffer[1])
            if number == transaction, let asked {
                var verdict = judge(buffer[Frame.headerSize..<end], asked)
                if isGlued(before: end) || !isHeader(buffer[end...]) {
                    verdict = .outOfStep
                }
                buffer.removeFirst(end)
                switch verdict {
                case .answer, .exception: self.asked = nil
                default: passedOver.strayBytes += end
                }
                return verdict
            }
            if LateAnswer.isOwn(buffer[7..<end]) { hear(number, of: buffer[6], at: now) }
            buffer.removeFirst(end)
            passedOver.strayBytes += end
            if Int(transaction &- number) >= questions { hearing = .strangers }
        }
        return .pending
    }

    /// An answer with the number of an earlier question.
    private mutating func hear(_ number: UInt16, of unit: UInt8, at now: ContinuousClock.Instant) {
        guard
            let index = givenUp.firstIndex(where: { $0.number == number && $0.unit == unit })
        else { return }
        let asked = givenUp.remove(at: index).at
        passedOver.note(LateAnswer(of: unit, asked: asked, looked: lookedAt ?? now, now: now))
    }

    /// What the header at the front of the buffer says, if it can be true.
    private var length: Int? {
        let length = Int(buffer[4]) << 8 | Int(buffer[5])
        return buffer[2] == 0 && buffer[3] == 0 && Frame.lengths.contains(length) ? length : nil
    }

    /// Whether a frame that answers an earlier question begins within the first `end` bytes of the
    /// buffer: with its number, a length that its answer can have, its unit and its function. Data
    /// that hold all of these are a question's own only while it is one of the last few.
    private func isGlued(before end: Int) -> Bool {
        guard !earlier.isEmpty else { return false }
        let last = min(end, buffer.count - Frame.headerSize - 1)
        return buffer.withUnsafeBytes { bytes in
            (Frame.headerSize..<max(last, Frame.headerSize)).contains { place in
                guard bytes[place + 2] | bytes[place + 3] | bytes[place + 4] == 0 else {
                    return false
                }
                let number = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
                let back = Int(transaction &- number) - 1
                return earlier.indices.contains(back)
                    && earlier[back].mayBeAnswered(
                        length: Int(bytes[place + 5]), unit: bytes[place + 6],
                        function: bytes[place + 7])
            }
        }
    }

    /// Whether `bytes`, as far as they go, can be the beginning of a frame.
    private func isHeader(_ bytes: ArraySlice<UInt8>) -> Bool {
        let fixed = bytes.prefix(Frame.headerSize - 1).dropFirst(2)
        guard fixed.allSatisfy({ $0 == 0 }) else { return false }
        return bytes.count < Frame.headerSize
            || Frame.lengths.contains(Int(bytes[bytes.startIndex + 5]))
    }

    /// Whether what lies there is an answer as RTU would frame it.
    private var isOtherFraming: Bool {
        guard let asked, buffer.first == asked.unit else { return false }
        if buffer[1] == asked.function | 0x80 { return Frame.isIntact(buffer.prefix(5)) }
        guard case .size(let size) = asked.extent(of: buffer.dropFirst()) else { return false }
        return buffer.count >= size + 3 && Frame.isIntact(buffer.prefix(size + 3))
    }

    private func judge(_ body: ArraySlice<UInt8>, _ asked: Question) -> Verdict {
        guard body.first == asked.unit else { return .contradiction }
        let message = body.dropFirst()
        if asked.extent(of: message) == .size(message.count) {
            return .answer(asked.content(of: message))
        }
        if message.count == 2, message.first == asked.function | 0x80, message.last != 0,
            let code = message.last
        {
            return .exception(code)
        }
        return .outOfStep
    }

    mutating func discard(at now: ContinuousClock.Instant) -> Bool {
        asked = nil
        return verdict(at: now) == .pending
    }

    mutating func note(quietAt now: ContinuousClock.Instant) { lookedAt = now }

    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing {
        if let asked, let askedAt {
            givenUp = [(transaction, asked.unit, askedAt)] + givenUp.prefix(Self.reach - 1)
        }
        lookedAt = now
        defer { asked = nil }
        // A refusal is shorter in RTU than a header.
        guard buffer.count >= 5, isOtherFraming else { return hearing }
        passedOver.otherFraming += 1
        return .strangers
    }

    func clarification(
        of question: Question, at now: ContinuousClock.Instant
    ) -> Clarification {
        .unneeded
    }
}

extension Question {
    /// Whether a frame with such a head may answer this question; the length counts from the unit.
    fileprivate func mayBeAnswered(length: Int, unit: UInt8, function: UInt8) -> Bool {
        guard unit == self.unit else { return false }
        switch function {
        case self.function:
            guard case .read(let request) = self else { return length > 3 }
            return length == request.answerSize + 3
        case self.function | 0x80: return length == 3
        default: return false
        }
    }
}
