// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

// One question over the wire and its answer back, by a deadline.
extension Link {
    /// How long after an answer that came whole but damaged a better one is waited for. Whatever
    /// comes later is known as late.
    private static let afterDamage = Duration.milliseconds(50)

    /// The content of the answer to `question`, within `timeout` from now on, all in all.
    mutating func inquire(
        _ question: Question, within timeout: Duration
    ) throws(ModbusError) -> [UInt8] {
        recorder?.record(asking: question, within: timeout)
        do throws(ModbusError) {
            return try converse(about: question, within: timeout, by: .now + timeout)
        } catch {
            recorder?.record(.failure(error))
            settle(error)
            throw error
        }
    }

    /// Asks `question`, and before it what makes sure that the answer is its own: at the most a
    /// part of it, itself, another table, and itself again.
    private mutating func converse(
        about question: Question, within timeout: Duration, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> [UInt8] {
        if try !drain(until: deadline) {
            try reconnect(by: deadline)
            // What a peer says or does before it is asked was not said of the question.
            guard try drain(until: deadline) else { throw .broken(errno: ECONNRESET) }
        }
        var isAskedAgain = false
        while true {
            let now = ContinuousClock.now
            guard deadline > now else { throw .silent }
            switch answers.clarification(of: question, at: now) {
            case .impossible: throw .silent
            case .hold(let end): try listen(until: min(end, deadline))
            // A refusal is as good an answer as any.
            case .ask(let other):
                clarifications += 1
                _ = try ask(other, within: timeout, by: deadline)
            case .unneeded:
                if isAskedAgain { clarifications += 1 }
                isAskedAgain = true
                switch try ask(question, within: timeout, by: deadline) {
                case .answer(let data): return data
                case .exception(let code): throw .refused(exception: code)
                default: break  // In doubt: there is something to clarify now.
                }
            }
            guard try drain(until: deadline) else { throw .broken(errno: ECONNRESET) }
        }
    }

    /// Carries the question over the wire and waits for an answer, a refusal or a doubt.
    private mutating func ask(
        _ question: Question, within timeout: Duration, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> Verdict {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        do throws(ModbusError) {
            let bytes = answers.question(question, within: timeout, at: .now)
            try wire.send(bytes, by: deadline)
            while true {
                let now = ContinuousClock.now
                let verdict = answers.verdict(at: now)
                var end = deadline
                switch verdict {
                case .answer, .exception, .doubt:
                    silences = 0
                    return verdict
                case .contradiction: throw .garbled
                case .outOfStep:
                    close()
                    throw .garbled
                case .damaged: end = min(deadline, (lastByte ?? now) + Self.afterDamage)
                case .pending: break
                }
                // A flood is always ready: the clock is asked first.
                guard end > now, let received = try wire.receive(until: end) else {
                    throw answers.giveUp(at: .now) == .nothing ? .silent : .garbled
                }
                try hear(received)
            }
        } catch {
            if case .broken = error { _ = answers.giveUp(at: .now) }
            throw error
        }
    }

    private mutating func hear(_ received: Wire.Received) throws(ModbusError) {
        switch received {
        case .bytes(let bytes):
            lastByte = .now
            answers.take(bytes[...])
        case .nothing: break
        case .failed(let reason): throw .broken(errno: reason)
        }
    }

    /// Waits for what may come late, or for the end of the time in which it may.
    private func listen(until end: ContinuousClock.Instant) throws(ModbusError) {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        _ = try wire.wait(for: POLLIN, until: end)
    }

    /// Makes the wire ready for a question, empty, in step, and silent for as long as RTU asks;
    /// false when the connection is lost.
    private mutating func drain(
        until deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> Bool {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        guard answers.discard(at: .now) else { return false }
        while true {
            let received = wire.receive()
            let now = ContinuousClock.now
            switch received {
            case .bytes(let bytes):
                lastByte = now
                answers.take(bytes[...])
                guard answers.discard(at: now) else { return false }
                guard deadline > now else { throw .garbled }
            case .nothing:
                let quiet = min(deadline, (lastByte ?? now) + endpoint.silence)
                guard quiet > now, try wire.wait(for: POLLIN, until: quiet) else { return true }
            case .failed(let reason) where endpoint.isSerial: throw .broken(errno: reason)
            case .failed: return false
            }
        }
    }
}
