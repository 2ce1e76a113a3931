// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Where Modbus is spoken: one TCP endpoint, one serial port, or RTU framing over TCP.
package enum Endpoint: Hashable, Sendable {
    /// MODBUS Messaging on TCP/IP; the host is a name or an address without brackets.
    case tcp(host: String, port: UInt16)
    /// MODBUS over Serial Line, RTU mode, on a character device.
    case serial(path: String, format: SerialFormat)
    /// RTU frames, CRC and all, through a TCP socket, as serial device servers do.
    case rtuOverTCP(host: String, port: UInt16)

    /// What encloses a message: a TCP header with a number and a length, or an address and a CRC.
    package enum Framing: Sendable { case tcp, rtu }

    /// The framing spoken there.
    package var framing: Framing {
        switch self {
        case .tcp: .tcp
        case .serial, .rtuOverTCP: .rtu
        }
    }

    /// How long after a question that was given `timeout`, in vain, its unit is better left alone:
    /// asked sooner, the wire would have to wait until nothing late can be expected any more.
    package func caution(after timeout: Duration) -> Duration {
        framing == .rtu ? Debts.hold(after: timeout) : .zero
    }

    /// How long the wire must have been silent before a frame; a socket is somebody else's wire.
    var silence: Duration {
        if case .serial(_, let format) = self { format.silence } else { .zero }
    }

    var isSerial: Bool {
        if case .serial = self { true } else { false }
    }
}

/// Speed and character format of a serial line (MODBUS over Serial Line V1.02, §2.5.1).
package struct SerialFormat: Hashable, Sendable {
    /// The parity bit, by the letter that formats like 8E1 use.
    package enum Parity: String, Sendable { case none = "N", even = "E", odd = "O" }

    /// Bits per second, 1 or more; any number that the port's driver can do.
    package var baud: Int
    /// 7 or 8; RTU mode needs 8.
    package var dataBits: Int
    /// The parity bit of each character.
    package var parity: Parity
    /// 1 or 2.
    package var stopBits: Int

    /// A format as it is given; whether a port can do it shows when it is opened.
    package init(baud: Int, dataBits: Int, parity: Parity, stopBits: Int) {
        self.baud = baud
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
    }

    /// 19200 8E1, the default of the specification.
    package static let standard = SerialFormat(baud: 19200, dataBits: 8, parity: .even, stopBits: 1)

    /// Start bit, data bits, parity bit and stop bits.
    package var bitsPerCharacter: Int {
        1 + dataBits + (parity == .none ? 0 : 1) + stopBits
    }
}
