// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One Modbus link. Its owner is the line's thread, which may block; it is closed exactly once.
///
/// What becomes of the link after a read:
///
/// - values, or `.refused`: it is kept;
/// - `.silent`: it is kept, for other units may share it and a late answer cannot be mistaken
///   (`TCPAnswers`, `RTUAnswers`); only after `silencesUntilClosed` in a row, of whatever
///   units, a socket is closed: the peer may have forgotten the connection;
/// - `.garbled`: a TCP connection is closed if its frames are out of step, all else is kept;
/// - `.broken`: it is closed. The caller connects anew, under back-off.
package struct Link: ~Copyable {
    /// A peer that acknowledges but never answers may have lost its session.
    package static let silencesUntilClosed = 5
    /// How long unasked bytes are thrown away in the hope of silence, before a read gives up.
    package static let babbleLimit = Duration.seconds(1)

    /// What it leads to.
    package let endpoint: Endpoint
    /// What the wire brought beside answers.
    package private(set) var counts = LinkCounts()
    private let line: Line?
    private let exchanges: Exchanges
    private let recorder: FlightRecorder?
    private(set) var wire: Wire?
    private var lookup: Lookup?
    /// Where the link is connected, for one silent reconnection.
    private var addresses: [SocketAddress] = []
    private var answers: any Answers
    private var silences = 0
    /// When the last byte came; the next frame keeps its distance from it.
    private var lastByte: ContinuousClock.Instant?

    /// Made closed. Every wait of it ends within 0.25 s when `line` is asked to stop, as
    /// `.broken(errno: ECANCELED)`. Many links share their `exchanges`, to spare descriptors; a
    /// single one may have its own. What goes over it is left with `recorder`.
    package init(
        to endpoint: Endpoint, heeding line: Line? = nil,
        sharing exchanges: Exchanges = Exchanges(), recording recorder: FlightRecorder? = nil
    ) {
        self.endpoint = endpoint
        self.line = line
        self.exchanges = exchanges
        self.recorder = recorder
        switch endpoint.framing {
        case .tcp: answers = TCPAnswers()
        case .rtu: answers = RTUAnswers()
        }
    }

    deinit {
        if let wire { Glibc.close(wire.descriptor) }
    }

    /// Whether the socket or port is open, as far as is known without asking.
    package var isConnected: Bool { wire != nil }

    /// Opens the socket or the port, within `timeout`, name and all. An open link is closed first.
    package mutating func connect(within timeout: Duration) throws(ModbusError) {
        close()
        let deadline = ContinuousClock.now + timeout
        switch endpoint {
        case .serial(let path, let format):
            wire = try SerialPort.open(path, format, heeding: line)
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            let lookup = self.lookup.take() ?? Lookup.start(host: host, port: port)
            guard let found = try lookup.addresses(by: deadline, heeding: line) else {
                // It goes on, so that there is never more than one of this link.
                self.lookup = lookup
                throw .broken(errno: ETIMEDOUT)
            }
            addresses = found
            wire = try Connection.open(found, by: deadline, heeding: line)
        }
        record()
        answers.reconnect()
    }

    /// Closes the socket or port; a closed link may be connected again.
    package mutating func close() {
        if let wire {
            Glibc.close(wire.descriptor)
            recorder?.record(.closed)
        }
        wire = nil
        silences = 0
        lastByte = nil
    }

    /// Asks once and returns `request.count` words; a coil or discrete input is 0 or 1.
    ///
    /// `timeout` bounds the whole exchange, from the first byte sent to the last received, and
    /// the clarification that RTU may need before. Ahead of it, what came unasked is thrown away,
    /// for `babbleLimit` at most; a socket that was closed by the peer while idle is no error,
    /// but is connected anew, within `timeout` once more. `.refused` is said of `request` alone.
    package mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        do throws(ModbusError) {
            if try !drain(until: .now + Self.babbleLimit) { try reconnect(by: .now + timeout) }
            let data = try converse(about: request, by: .now + timeout)
            let values = try exchanges.values(of: request, from: data, framed: endpoint.framing)
            recorder?.record(.success(()))
            return values
        } catch {
            recorder?.record(.failure(error))
            settle(error)
            throw error
        }
    }

    /// Asks `request`, and before it what makes sure that the answer is its own: at the most a
    /// part of it, itself, another table, and itself again.
    private mutating func converse(
        about request: Request, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> [UInt8] {
        while deadline > .now {
            switch answers.clarification(of: request, at: .now) {
            case .impossible: throw .silent
            case .unneeded:
                switch try ask(request, by: deadline) {
                case .answer(let data): return data
                case .exception(let code): throw .refused(exception: code)
                default: break  // In doubt: there is something to clarify now.
                }
            // A refusal is as good an answer as any.
            case .ask(let other): _ = try ask(other, by: deadline)
            }
            if try !drain(until: deadline) { try reconnect(by: deadline) }
        }
        throw .silent
    }

    /// From here on, what goes over the new wire is taken down.
    private mutating func record() {
        wire?.recorder = recorder
        recorder?.record(.opened)
    }

    /// Keeps or closes the link after an error.
    private mutating func settle(_ error: ModbusError) {
        switch error {
        case .refused, .garbled: break
        case .silent:
            silences += 1
            if !endpoint.isSerial && silences >= Self.silencesUntilClosed { close() }
        case .broken, .tooManyDescriptors: close()
        }
    }

    /// Carries the question over the wire and waits for an answer, a refusal or a doubt.
    private mutating func ask(
        _ request: Request, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> Verdict {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        do throws(ModbusError) {
            try wire.send(answers.question(request), by: deadline)
            while true {
                let verdict = answers.verdict(at: .now)
                switch verdict {
                case .answer, .exception, .doubt:
                    silences = 0
                    return verdict
                case .contradiction: throw .garbled
                case .outOfStep:
                    close()
                    throw .garbled
                case .pending: break
                }
                // A flood is always ready: the clock is asked first.
                guard deadline > .now, try wire.wait(for: POLLIN, until: deadline) else {
                    throw answers.giveUp(at: .now) == .nothing ? .silent : .garbled
                }
                try hear(wire)
            }
        } catch {
            if case .broken = error { _ = answers.giveUp(at: .now) }
            throw error
        }
    }

    private mutating func hear(_ wire: Wire) throws(ModbusError) {
        switch wire.receive() {
        case .bytes(let bytes):
            lastByte = .now
            answers.take(bytes[...])
        case .nothing: break
        case .failed(let reason): throw .broken(errno: reason)
        }
    }

    /// Closed by the peer, or out of step, before anything was asked: begins anew.
    private mutating func reconnect(by deadline: ContinuousClock.Instant) throws(ModbusError) {
        close()
        wire = try Connection.open(addresses, by: deadline, heeding: line)
        record()
        answers.reconnect()
    }

    /// Makes the wire ready for a question, empty, in step, and silent for as long as RTU asks;
    /// false when the connection is lost.
    private mutating func drain(until limit: ContinuousClock.Instant) throws(ModbusError) -> Bool {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        guard answers.discard() else { return false }
        while true {
            switch wire.receive() {
            case .bytes(let bytes):
                lastByte = .now
                answers.take(bytes[...])
                guard answers.discard() else { return false }
                guard lastByte ?? limit < limit else { throw .garbled }
            case .nothing:
                let quiet = (lastByte ?? .now) + endpoint.silence
                guard quiet > .now, try wire.wait(for: POLLIN, until: quiet) else { return true }
            case .failed(let reason) where endpoint.isSerial: throw .broken(errno: reason)
            case .failed: return false
            }
        }
    }
}
