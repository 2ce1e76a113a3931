// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

/// A socket on 127.0.0.1 that says exactly what a test wants, which libmodbus never would.
final class RawPeer: Sendable {
    let port: UInt16
    private let line: Line

    /// Runs `script` with each connection, one after the other, and closes it afterwards.
    init(_ script: @escaping @Sendable (Conversation) -> Void) throws {
        let entrance = try Entrance(.tcp(port: 0))
        guard case .tcp(_, let port) = entrance.endpoint else { throw ModbusError.silent }
        self.port = port
        line = Line(name: "raw-peer") { line in
            let wire = Wire(descriptor: entrance.descriptor, line: line, medium: .socket)
            while (try? wire.wait(for: POLLIN, until: .now + .seconds(60))) == true {
                let descriptor = accept(entrance.descriptor, nil, nil)
                _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                let conversation = Conversation(
                    wire: Wire(descriptor: descriptor, line: line, medium: .socket))
                script(conversation)
                close(descriptor)
            }
            entrance.close()
        }
    }

    deinit { line.stop() }
}

struct Conversation: Sendable {
    let wire: Wire

    /// The next bytes that come; nil when the client is gone or the test over.
    func hear() -> [UInt8]? {
        guard (try? wire.wait(for: POLLIN, until: .now + .seconds(10))) == true,
            case .bytes(let bytes) = wire.receive()
        else { return nil }
        return bytes
    }

    func say(_ bytes: [UInt8]) {
        // The client may have gone, which the test will tell by itself.
        try? wire.send(bytes, by: .now + .seconds(1))
    }

    /// Waits for the client to hang up.
    func waitForEnd() { while hear() != nil {} }

    /// Makes the close to come a reset.
    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            wire.descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
    }
}

/// A question of functions 1 to 4, understood as a device would.
struct Heard {
    /// Whole, with header or checksum.
    static let (sizeOverTCP, sizeOverRTU) = (12, 8)

    let transaction: UInt16
    let unit: UInt8
    let function: UInt8
    let start: UInt16
    let count: Int
    private let framing: Endpoint.Framing

    init(_ bytes: [UInt8], _ framing: Endpoint.Framing) {
        let body = framing == .tcp ? Array(bytes[6...]) : bytes
        self.framing = framing
        transaction = framing == .tcp ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : 0
        unit = body[0]
        function = body[1]
        start = UInt16(body[2]) << 8 | UInt16(body[3])
        count = Int(body[4]) << 8 | Int(body[5])
    }

    /// Function, byte count and data: each register holds its own address, and each byte of
    /// bits half of the first one's.
    var message: [UInt8] {
        let data =
            function < 3
            ? stride(from: 0, to: count, by: 8).map {
                UInt8(truncatingIfNeeded: Int(start) + $0)
            } : (0..<count).flatMap { Frame.bytes(start + UInt16($0)) }
        return [function, UInt8(data.count)] + data
    }

    /// The right answer.
    var answer: [UInt8] { answer(message) }

    func answer(_ message: [UInt8], unit: UInt8? = nil, transaction: UInt16? = nil) -> [UInt8] {
        switch framing {
        case .tcp:
            Frame.tcp(transaction ?? self.transaction, unit: unit ?? self.unit, message)
        case .rtu: Frame.rtu(unit: unit ?? self.unit, message)
        }
    }
}

extension Conversation {
    /// Answers each question with whatever `reply` makes of it and its number, 0, 1, 2 …
    func converse(_ framing: Endpoint.Framing, _ reply: (Heard, Int) -> [UInt8]) {
        // On a busy machine several questions are heard at once, each with its number.
        let size = framing == .tcp ? Heard.sizeOverTCP : Heard.sizeOverRTU
        var number = 0
        while let bytes = hear() {
            for start in stride(from: 0, through: bytes.count - size, by: size) {
                say(reply(Heard(Array(bytes[start..<start + size]), framing), number))
                number += 1
            }
        }
    }
}

func connected(_ endpoint: Endpoint, heeding line: Line? = nil) throws -> Link {
    var link = Link(to: endpoint, heeding: line)
    try link.connect(within: .seconds(2))
    return link
}

func tcp(_ peer: RawPeer) -> Endpoint { .tcp(host: "127.0.0.1", port: peer.port) }
func rtu(_ peer: RawPeer) -> Endpoint { .rtuOverTCP(host: "127.0.0.1", port: peer.port) }

extension Link {
    /// Waits until the peer's end, or anything else, lies unread in the socket.
    func seesEnd(within patience: Duration) throws -> Bool {
        try wire?.wait(for: POLLIN, until: .now + patience) ?? false
    }
}
