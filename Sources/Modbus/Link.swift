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

    /// What it leads to.
    package let endpoint: Endpoint
    let line: Line?
    private let exchanges: Exchanges
    let recorder: FlightRecorder?
    var wire: Wire?
    private var addresses = Addresses()
    var answers: any Answers
    var silences = 0
    /// When the last byte came; the next frame keeps its distance from it.
    var lastByte: ContinuousClock.Instant?
    var clarifications = 0
    private var connections = 0

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
        wire?.close()
    }

    /// Whether the socket or port is open, as far as is known without asking.
    package var isConnected: Bool { wire != nil }

    /// What the wire brought beside answers.
    package var counts: LinkCounts {
        var counts = LinkCounts()
        counts.damagedFrames = answers.passedOver.damagedFrames
        counts.strayBytes = answers.passedOver.strayBytes
        counts.otherFraming = answers.passedOver.otherFraming
        counts.lateAnswers = answers.passedOver.lateAnswers
        counts.latestLate = answers.passedOver.latestLate
        counts.clarifications = clarifications
        counts.connections = connections
        return counts
    }

    /// Opens the socket or the port, within `timeout`, name and all, once it is its turn
    /// (`Connection.limitAtOnce`). An open link is closed first.
    package mutating func connect(within timeout: Duration) throws(ModbusError) {
        close()
        let deadline = ContinuousClock.now + timeout
        switch endpoint {
        case .serial(let path, let format):
            wire = try SerialPort.open(path, format, heeding: line)
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            try addresses.find(host: host, port: port, by: deadline, heeding: line)
            wire = try Connection.open(
                addresses.known, within: deadline - .now, heeding: line)
        }
        opened()
    }

    /// Closed by the peer, or out of step, before anything was asked: begins anew.
    mutating func reconnect(by deadline: ContinuousClock.Instant) throws(ModbusError) {
        close()
        wire = try Connection.reopen(addresses.known, by: deadline, heeding: line)
        opened()
    }

    private mutating func opened() {
        connections += 1
        wire?.recorder = recorder
        recorder?.record(.opened)
        answers.reconnect()
    }

    /// Closes the socket or port; a closed link may be connected again.
    package mutating func close() {
        if let wire {
            wire.close()
            recorder?.record(.closed)
        }
        wire = nil
        silences = 0
        lastByte = nil
    }

    /// Asks once and returns `request.count` words; a coil or discrete input is 0 or 1.
    ///
    /// `timeout` bounds the whole call: what came unasked is thrown away first, a socket that
    /// was closed by the peer while idle is no error but connected anew, once, and RTU may need
    /// a clarification or a pause. `.refused` is said of `request` alone.
    package mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        let data = try inquire(.read(request), within: timeout)
        return try unpack { exchange throws(ModbusError) in
            try exchange.values(of: request, from: data)
        }
    }

    /// What libmodbus makes of an answer.
    mutating func unpack<Values: Sendable>(
        _ unpack: @Sendable (inout Exchange) throws(ModbusError) -> Values
    ) throws(ModbusError) -> Values {
        do throws(ModbusError) {
            let values = try exchanges.use(unpack)
            recorder?.record(.success(()))
            return values
        } catch {
            recorder?.record(.failure(error))
            settle(error)
            throw error
        }
    }

    /// Keeps or closes the link after an error.
    mutating func settle(_ error: ModbusError) {
        switch error {
        case .refused, .garbled: break
        case .silent:
            silences += 1
            if !endpoint.isSerial && silences >= Self.silencesUntilClosed { close() }
        case .broken, .tooManyDescriptors: close()
        }
    }
}
