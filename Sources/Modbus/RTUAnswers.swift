// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Answers in RTU frames, searched for in whatever the line brings.
///
/// A late answer looks like the answer to the next question of the same shape, and libmodbus
/// would take it for that for ever. So a question that stayed unanswered leaves a debt
/// (`Debts`), and the next one of its shape is preceded by a clarification. No line time is
/// spent on waiting for what may never come.
struct RTUAnswers: Answers {
    /// Two of the longest frames: an echo or a late answer, and the answer.
    static let bufferLimit = 2 * Frame.longestRTU

    private var buffer: [UInt8] = []
    private var asked: Request?
    private var debts = Debts()

    /// Debts outlive a connection: a device server hands late bytes to whoever is connected.
    mutating func reconnect() { buffer = [] }

    mutating func question(_ request: Request) -> [UInt8] {
        buffer.removeAll(keepingCapacity: true)
        asked = request
        return Self.frame(of: request)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        buffer += bytes
        buffer.removeFirst(max(0, buffer.count - Self.bufferLimit))
    }

    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict {
        guard let asked else { return .pending }
        let verdict = Self.search(buffer[...], for: asked).verdict
        let isOwn: Bool
        switch verdict {
        case .answer: isOwn = debts.settle(by: .data, to: asked, at: now)
        case .exception: isOwn = debts.settle(by: .refusal, to: asked, at: now)
        default: return verdict
        }
        self.asked = nil
        return isOwn ? verdict : .doubt
    }

    /// The first answer to `asked`, and what lies before it that is none: intact frames, noise.
    private static func search(
        _ bytes: ArraySlice<UInt8>, for asked: Request
    ) -> (verdict: Verdict, frames: [ArraySlice<UInt8>], noise: Int) {
        var (rest, frames, noise) = (bytes, [ArraySlice<UInt8>](), 0)
        while !rest.isEmpty {
            if let verdict = answer(to: asked, in: rest) { return (verdict, frames, noise) }
            let size = frameSize(rest)
            if let size { frames.append(rest.prefix(size)) } else { noise += 1 }
            rest = rest.dropFirst(size ?? 1)
        }
        return (.pending, frames, noise)
    }

    /// The answer, if `rest` begins with it.
    private static func answer(to asked: Request, in rest: ArraySlice<UInt8>) -> Verdict? {
        let first = rest.startIndex
        guard rest.count >= 5, rest[first] == asked.unit, !rest.starts(with: frame(of: asked))
        else {
            return nil
        }
        if rest[first + 1] == asked.table.function | 0x80, rest[first + 2] != 0,
            Frame.isIntact(rest.prefix(5))
        {
            return .exception(rest[first + 2])
        }
        let size = asked.answerSize
        guard rest[first + 1] == asked.table.function, Int(rest[first + 2]) == size,
            rest.count >= 5 + size, Frame.isIntact(rest.prefix(5 + size))
        else { return nil }
        return .answer(Array(rest.dropFirst(3).prefix(size)))
    }

    /// The question as it is sent, and perhaps heard: its echo from 0x0300–0x03FF looks like an
    /// answer with three bytes of bits, and is never taken for one.
    private static func frame(of asked: Request) -> [UInt8] {
        Frame.rtu(unit: asked.unit, asked.message)
    }

    /// The size of the whole intact frame that `rest` begins with, be it someone else's answer
    /// or a question (an echo of ours, another master's); nil for noise and for parts.
    private static func frameSize(_ rest: ArraySlice<UInt8>) -> Int? {
        let first = rest.startIndex
        guard rest.count >= 5, (1...4).contains(rest[first + 1] & 0x7F) else { return nil }
        let sizes = rest[first + 1] & 0x80 == 0 ? [8, 5 + Int(rest[first + 2])] : [5]
        return sizes.first { $0 <= rest.count && Frame.isIntact(rest.prefix($0)) }
    }

    mutating func discard() -> Bool {
        asked = nil
        buffer.removeAll(keepingCapacity: true)
        return true
    }

    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing {
        guard let asked else { return .nothing }
        self.asked = nil
        let (_, frames, noise) = Self.search(buffer[...], for: asked)
        let echo = Self.frame(of: asked)
        // What a unit owed may come late; that is no word of the one that was asked.
        let strangers = frames.filter { frame in
            !frame.elementsEqual(echo) && !debts.isOwed(by: frame[frame.startIndex])
        }
        debts.add(asked, at: now)
        return noise == 0 && strangers.isEmpty ? .nothing : .strangers
    }

    mutating func clarification(
        of request: Request, at now: ContinuousClock.Instant
    ) -> Clarification {
        debts.clarification(of: request, at: now)
    }
}
