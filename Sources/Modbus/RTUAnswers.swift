// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Answers in RTU frames, searched for in whatever the line brings.
///
/// An RTU frame has no number: a late answer looks like the answer to the next question of the
/// same shape (unit, function, byte count), and libmodbus would take it for that for ever.
/// So a question that stayed unanswered leaves a debt. While it stands, a question of that shape
/// is preceded by one of another shape: a device answers in order, so when that one is answered
/// nothing older is under way, and the debt is settled. No line time is spent on waiting for
/// what may never come, and other units are not delayed at all.
struct RTUAnswers: Answers {
    /// Answers later than this are no longer reckoned with: gateways give up a unit within
    /// seconds. A device that is deaf to the other shape is asked plainly again after this time.
    static let memory = Duration.seconds(10)
    /// Two of the longest frames: an echo or a late answer, and the answer.
    static let bufferLimit = 2 * Frame.longestRTU

    struct Shape: Hashable {
        let unit: UInt8
        let function: UInt8
        let size: Int

        init(_ request: Request) {
            unit = request.unit
            function = request.table.function
            size = request.answerSize
        }
    }

    private var buffer: [UInt8] = []
    private var asked: Request?
    /// What may still be answered, and until when that is reckoned with.
    private var debts: [Shape: ContinuousClock.Instant] = [:]

    /// Debts outlive a connection: a device server hands late bytes to whoever is connected.
    mutating func reconnect() { buffer = [] }

    mutating func question(_ request: Request) -> [UInt8] {
        buffer.removeAll(keepingCapacity: true)
        asked = request
        return Frame.rtu(unit: request.unit, request.message)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        buffer += bytes
        buffer.removeFirst(max(0, buffer.count - Self.bufferLimit))
    }

    mutating func verdict() -> Verdict {
        guard let asked else { return .pending }
        let verdict = Self.search(buffer[...], for: asked).verdict
        if verdict != .pending { settle(asked) }
        return verdict
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
        guard rest.count >= 5, rest[first] == asked.unit else { return nil }
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

    /// The size of the whole intact frame that `rest` begins with, be it someone else's answer
    /// or a question (an echo of ours, another master's); nil for noise and for parts.
    private static func frameSize(_ rest: ArraySlice<UInt8>) -> Int? {
        let first = rest.startIndex
        guard rest.count >= 5, (1...4).contains(rest[first + 1] & 0x7F) else { return nil }
        let sizes = rest[first + 1] & 0x80 == 0 ? [8, 5 + Int(rest[first + 2])] : [5]
        return sizes.first { $0 <= rest.count && Frame.isIntact(rest.prefix($0)) }
    }

    /// An answer whose shape nobody owes proves that everything older of its unit is answered.
    private mutating func settle(_ answered: Request) {
        guard debts[Shape(answered)] == nil else { return }
        debts = debts.filter { $0.key.unit != answered.unit }
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
        let echo = Frame.rtu(unit: asked.unit, asked.message)
        // What a unit owed may come late; that is no word of the one that was asked.
        let strangers = frames.filter { frame in
            !frame.elementsEqual(echo) && !debts.keys.contains { $0.unit == frame.first }
        }
        debts[Shape(asked)] = now + Self.memory
        return noise == 0 && strangers.isEmpty ? .nothing : .strangers
    }

    mutating func clarification(
        of request: Request, at now: ContinuousClock.Instant
    ) -> Clarification {
        debts = debts.filter { $0.value > now }
        guard debts[Shape(request)] != nil else { return .unneeded }
        // Fewer first: they are part of what was to be read anyway.
        let most = min(request.table.limit, 65_536 - Int(request.start))
        let counts = Array((1..<request.count).reversed()) + Array(request.count..<most + 1)
        for count in counts {
            let other = Request(
                unit: request.unit, table: request.table, start: request.start, count: count)
            if debts[Shape(other)] == nil { return .ask(other) }
        }
        return .impossible
    }
}
