// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The two envelopes of a Modbus message.
///
///     TCP   transaction 2 | protocol 2 = 0 | length 2 | unit 1 | function 1 | data …
///     RTU                                               unit 1 | function 1 | data … | CRC 2
///
/// (MODBUS Messaging on TCP/IP V1.0b, §3.1.3; MODBUS over Serial Line V1.02, §2.5.1)
enum Frame {
    /// Bytes of a TCP header before the unit.
    static let headerSize = 6
    /// What the length field may say: unit, function and one byte, to unit and a whole PDU.
    static let lengths = 3...254
    /// Unit, function, data and CRC of the longest RTU frame.
    static let longestRTU = 256

    static func tcp(_ transaction: UInt16, unit: UInt8, _ message: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(headerSize + 1 + message.count)
        for word in [transaction, 0, UInt16(message.count + 1)] {
            frame.append(UInt8(word >> 8))
            frame.append(UInt8(truncatingIfNeeded: word))
        }
        frame.append(unit)
        frame += message
        return frame
    }

    /// `data` follow the message, if they are apart.
    static func rtu(unit: UInt8, _ message: [UInt8], _ data: [UInt8] = []) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(message.count + data.count + 3)
        frame.append(unit)
        frame += message
        frame += data
        let check = crc(frame[...])
        frame.append(UInt8(truncatingIfNeeded: check))
        frame.append(UInt8(check >> 8))
        return frame
    }

    /// Whether the last two bytes are the CRC of those before them.
    static func isIntact(_ frame: ArraySlice<UInt8>) -> Bool {
        // The CRC over a frame and its own CRC, low byte first, is zero.
        crc(frame) == 0
    }

    static func bytes(_ word: UInt16) -> [UInt8] {
        [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)]
    }

    /// CRC-16 with the reversed polynomial 0xA001 (MODBUS over Serial Line V1.02, §6.2.2).
    private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        let table = table
        return bytes.reduce(0xFFFF) { crc, byte in
            crc >> 8 ^ table[Int((crc ^ UInt16(byte)) & 0xFF)]
        }
    }

    private static let table: [UInt16] = (0...255).map { byte in
        (0..<8).reduce(byte) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xA001 }
    }
}

extension Request {
    /// Function, start and count, as every framing carries them.
    var message: [UInt8] {
        [
            table.function, UInt8(start >> 8), UInt8(truncatingIfNeeded: start), UInt8(count >> 8),
            UInt8(truncatingIfNeeded: count),
        ]
    }

    /// How many bytes of data its answer carries.
    var answerSize: Int {
        switch table {
        case .coil, .discrete: (count + 7) / 8
        case .holding, .input: 2 * count
        }
    }
}
