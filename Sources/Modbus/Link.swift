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

    package let endpoint: Endpoint
    private let line: Line?
    private(set) var wire: Wire?
    private var lookup: Lookup?
    /// Where the link is connected, for one silent reconnection.
    private var addresses: [SocketAddress] = []
    private var answers: any Answers
    private var exchange: Exchange
    private var silences = 0
    /// When the last byte came; the next frame keeps its distance from it.
    private var lastByte: ContinuousClock.Instant?

    /// Made closed. Every wait of it ends within 0.25 s when `line` is asked to stop, as
    /// `.broken(errno: ECANCELED)`.
    package init(to endpoint: Endpoint, heeding line: Line? = nil) {
        self.endpoint = endpoint
        self.line = line
        switch endpoint.framing {
        case .tcp: answers = TCPAnswers()
        case .rtu: answers = RTUAnswers()
        }
        exchange = Exchange(endpoint.framing)
    }

    deinit {
        if let wire { Glibc.close(wire.descriptor) }
    }

    package var isConnected: Bool { wire != nil }

    /// Opens the socket or the port, within `timeout`, name and all. An open link is closed first.
    package mutating func connect(within timeout: Duration) throws(ModbusError) {
        close()
        let deadline = ContinuousClock.now + timeout
        switch endpoint {
        case .serial(let path, let format):
            wire = try SerialPort.open(path, format, heeding: line)
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            let lookup = self.lookup ?? Lookup.start(host: host, port: port)
            // Kept while it runs, so that there is never more than one of this link.
            self.lookup = lookup
            guard let found = try lookup.addresses(by: deadline, heeding: line) else {
                throw .broken(errno: ETIMEDOUT)
            }
            self.lookup = nil
            addresses = found
            wire = try Connection.open(found, by: deadline, heeding: line)
        }
        answers.reconnect()
    }

    package mutating func close() {
        if let wire { Glibc.close(wire.descriptor) }
        wire = nil
        silences = 0
        lastByte = nil
    }

    /// Asks once and returns `request.count` words; a coil or discrete input is 0 or 1.
    ///
    /// `timeout` bounds the whole exchange, from the first byte sent to the last received. Before
    /// it, what came unasked is thrown away, for `babbleLimit` at most; a socket that was closed
    /// by the peer while idle is no error, but is connected anew, once, within `timeout`.
    package mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        do throws(ModbusError) {
            try clear(within: timeout)
            let deadline = ContinuousClock.now + timeout
            switch answers.clarification(of: request, at: .now) {
            case .unneeded: break
            case .impossible: throw .silent
            case .ask(let other): try clarify(other, by: deadline)
            }
            let data = try ask(request, by: deadline)
            silences = 0
            return try exchange.values(of: request, from: data)
        } catch {
            settle(error)
            throw error
        }
    }

    /// Keeps or closes the link after an error.
    private mutating func settle(_ error: ModbusError) {
        switch error {
        case .refused: silences = 0
        case .garbled: break
        case .silent:
            silences += 1
            if !isSerial && silences >= Self.silencesUntilClosed { close() }
        case .broken, .tooManyDescriptors: close()
        }
    }

    private mutating func clarify(
        _ other: Request, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) {
        do throws(ModbusError) {
            _ = try ask(other, by: deadline)
        } catch .refused {
            // A refusal is an answer too.
        } catch {
            throw error
        }
        try clear(within: .zero)
    }

    /// Carries the question over the wire and waits for the answer that is its own.
    private mutating func ask(
        _ request: Request, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> [UInt8] {
        guard let wire else { throw .broken(errno: ENOTCONN) }
        do throws(ModbusError) {
            try wire.send(answers.question(request), by: deadline)
            while true {
                switch answers.verdict() {
                case .answer(let data): return data
                case .exception(let code): throw .refused(exception: code)
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
        case .ended: throw .broken(errno: isSerial ? EIO : ECONNRESET)
        case .failed(let reason): throw .broken(errno: reason)
        }
    }

    private var isSerial: Bool {
        if case .serial = endpoint { true } else { false }
    }
}

extension Link {
    /// Makes the wire ready for a question: empty, in step, and silent for as long as RTU asks.
    private mutating func clear(within timeout: Duration) throws(ModbusError) {
        guard wire != nil else { throw .broken(errno: ENOTCONN) }
        if try drain() { return }
        // Closed by the peer, or out of step, before anything was asked: begin anew, once.
        close()
        wire = try Connection.open(addresses, by: .now + timeout, heeding: line)
        answers.reconnect()
    }

    /// Throws away what came unasked until there is silence; false when the connection is lost.
    private mutating func drain() throws(ModbusError) -> Bool {
        guard let wire, answers.discard() else { return false }
        let limit = ContinuousClock.now + Self.babbleLimit
        while true {
            switch wire.receive() {
            case .bytes(let bytes):
                lastByte = .now
                answers.take(bytes[...])
                guard answers.discard() else { return false }
                guard lastByte ?? limit < limit else { throw .garbled }
            case .nothing:
                let quiet = (lastByte ?? .now) + silence
                guard quiet > .now, try wire.wait(for: POLLIN, until: quiet) else { return true }
            case .ended:
                if isSerial { throw .broken(errno: EIO) }
                return false
            case .failed(let reason):
                if isSerial { throw .broken(errno: reason) }
                return false
            }
        }
    }

    /// How long the wire must have been silent; a socket is somebody else's wire.
    private var silence: Duration {
        if case .serial(_, let format) = endpoint { format.silence } else { .zero }
    }
}
