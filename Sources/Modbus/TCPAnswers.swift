// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Answers in MBAP frames. Invariant: the buffer begins at the beginning of a frame.
///
/// Each question has a number of its own, so a late answer is known by its old number and
/// dropped; the connection outlives a silence, as it must where other units share it.
struct TCPAnswers: Answers {
    private var buffer: [UInt8] = []
    private var transaction: UInt16 = 0
    private var asked: Request?
    /// Questions on this connection so far; those numbers may still be answered late.
    private var questions = 0
    private var hearing = Hearing.nothing

    mutating func reconnect() {
        buffer = []
        questions = 0
    }

    mutating func question(_ request: Request) -> [UInt8] {
        transaction &+= 1
        questions += 1
        asked = request
        hearing = .nothing
        return Frame.tcp(transaction, unit: request.unit, request.message)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) { buffer += bytes }

    mutating func verdict(at now: ContinuousClock.Instant) -> Verdict {
        verdict()
    }

    private mutating func verdict() -> Verdict {
        while buffer.count >= Frame.headerSize {
            guard let length else { return .outOfStep }
            guard buffer.count >= Frame.headerSize + length else { return .pending }
            let number = UInt16(buffer[0]) << 8 | UInt16(buffer[1])
            let body = buffer[Frame.headerSize..<Frame.headerSize + length]
            buffer.removeFirst(Frame.headerSize + length)
            if number == transaction, let asked { return judge(body, asked) }
            if Int(transaction &- number) >= questions { hearing = .strangers }
        }
        return .pending
    }

    /// What the header at the front of the buffer says, if it can be true.
    private var length: Int? {
        let length = Int(buffer[4]) << 8 | Int(buffer[5])
        return buffer[2] == 0 && buffer[3] == 0 && Frame.lengths.contains(length) ? length : nil
    }

    private func judge(_ body: ArraySlice<UInt8>, _ asked: Request) -> Verdict {
        let body = Array(body)  // unit, function, byte count or exception code, data
        guard body[0] == asked.unit else { return .contradiction }
        switch (body[1], body.count) {
        case (asked.table.function, 3 + asked.answerSize) where Int(body[2]) == asked.answerSize:
            return .answer(Array(body[3...]))
        case (asked.table.function | 0x80, 3) where body[2] != 0:
            return .exception(body[2])
        default:
            return .outOfStep
        }
    }

    mutating func discard() -> Bool {
        asked = nil
        return verdict() == .pending
    }

    mutating func giveUp(at now: ContinuousClock.Instant) -> Hearing {
        asked = nil
        return hearing
    }

    func clarification(of request: Request, at now: ContinuousClock.Instant) -> Clarification {
        .unneeded
    }
}
