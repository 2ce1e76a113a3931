// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
import Settings

/// An endpoint as the command line takes it, with what it leaves open.
///
/// `tcp://10.0.4.21` (port 502 unless given, IPv6 in brackets), `rtu+tcp://10.0.4.30:4001`,
/// `serial:///dev/ttyUSB0?baud=9600&format=8E1`.
package struct EndpointSyntax: Equatable, Sendable {
    /// What to open; on a serial line the defaults stand in for what is not written.
    package let endpoint: Endpoint
    /// Whether the text says the speed of the serial line; true of a socket.
    package let saysSpeed: Bool
    /// Whether the text says the character format of the serial line; true of a socket.
    package let saysFormat: Bool

    /// Why a text is no endpoint, and what to write instead, if that can be guessed.
    package struct Failure: Error, Equatable {
        /// One sentence without a full stop.
        package let reason: String
    }

    /// Reads `text` strictly; throws a sentence that says what is wrong with it.
    package init(parsing text: String) throws(Failure) {
        guard let mark = text.firstRange(of: "://") else {
            let meant =
                text.hasPrefix("/") ? "serial://\(text)" : "tcp://\(text)"
            throw Failure(
                reason: "\(Field.quote(text)) says no way: write \(meant); the ways are tcp://, "
                    + "serial:// and rtu+tcp://")
        }
        let rest = String(text[mark.upperBound...])
        switch text[..<mark.lowerBound] {
        case "tcp":
            let address = try Self.address(rest)
            let port = address.port ?? Configuration.Default.port
            self.init(.tcp(host: address.host, port: try Self.checked(port)))
        case "rtu+tcp":
            let address = try Self.address(rest)
            guard let port = address.port else {
                throw Failure(
                    reason: "rtu+tcp:// needs a port, as rtu+tcp://10.0.4.30:4001: none is usual")
            }
            self.init(.rtuOverTCP(host: address.host, port: try Self.checked(port)))
        case "serial":
            try self.init(serial: rest)
        case let way:
            throw Failure(
                reason: "\(Field.quote(String(way))) is no way to reach Modbus: it is tcp://, "
                    + "serial:// or rtu+tcp://")
        }
    }

    private init(_ endpoint: Endpoint, saysSpeed: Bool = true, saysFormat: Bool = true) {
        self.endpoint = endpoint
        self.saysSpeed = saysSpeed
        self.saysFormat = saysFormat
    }

    private init(serial text: String) throws(Failure) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts[0])
        guard path.hasPrefix("/"), path.count > 1 else {
            throw Failure(
                reason: "serial:// takes a path from /, as serial:///dev/ttyUSB0?baud=9600, "
                    + "not \(Field.quote(path))")
        }
        var format = Configuration.Default.serial
        var said: Set<String> = []
        for item in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, said.insert(pair[0]).inserted else {
                throw Failure(
                    reason: "\(Field.quote(String(item))) must be written once, as baud=9600")
            }
            switch pair[0] {
            case "baud":
                format.baud = try Self.baud(pair[1])
            case "format":
                format = try Self.format(pair[1], baud: format.baud)
            case let key:
                throw Failure(
                    reason: "\(Field.quote(key)) is nothing that a serial line has: it has baud "
                        + "and format, as ?baud=9600&format=8E1")
            }
        }
        self.init(
            .serial(path: path, format: format), saysSpeed: said.contains("baud"),
            saysFormat: said.contains("format"))
    }
}

extension EndpointSyntax {
    private static func address(_ text: String) throws(Failure) -> Address {
        do throws(Address.Flaw) {
            return try Address(text)
        } catch {
            switch error {
            case .shape(let meant):
                let hint = meant.map { "; did you mean \($0)?" } ?? ""
                throw Failure(
                    reason: "\(Field.quote(text)) is no HOST or HOST:PORT, an IPv6 address in "
                        + "brackets\(hint)")
            case .host(let host):
                throw Failure(reason: "\(Field.quote(host)) is neither a host name nor an address")
            case .port(let port):
                throw Failure(reason: "the port must be 1 to 65535, not \(Field.quote(port))")
            }
        }
    }

    private static func checked(_ port: UInt16) throws(Failure) -> UInt16 {
        guard port > 0 else { throw Failure(reason: "the port must be 1 to 65535, not 0") }
        return port
    }

    private static func baud(_ text: String) throws(Failure) -> Int {
        guard let baud = Int(text), Configuration.Bound.bauds.contains(baud) else {
            throw Failure(
                reason: "no serial port is set to \(Field.quote(text)) baud: it is one of "
                    + Configuration.Bound.bauds.map(String.init).joined(separator: ", "))
        }
        return baud
    }

    private static func format(_ text: String, baud: Int) throws(Failure) -> SerialFormat {
        guard let format = SerialFormat(characters: text, baud: baud) else {
            throw Failure(
                reason: "the format must be 8, then N, E or O, then 1 or 2, as 8E1, not "
                    + Field.quote(text))
        }
        return format
    }
}

extension SerialFormat {
    /// `8E1`: 8 data bits, the letter of the parity, 1 or 2 stop bits; `nil` if it is none.
    init?(characters text: String, baud: Int) {
        let parts = Array(text)
        guard parts.count == 3, parts[0] == "8", let parity = Parity(rawValue: String(parts[1])),
            let stopBits = ["1": 1, "2": 2][String(parts[2])]
        else { return nil }
        self.init(baud: baud, dataBits: 8, parity: parity, stopBits: stopBits)
    }
}
