// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The frame of an answer, field by field, so that each of them can be made to lie.
struct Envelope {
    var framing: Endpoint.Framing
    var transaction: UInt16
    var protocolID: UInt16 = 0
    /// Nil: what is true.
    var length: UInt16?
    var unit: UInt8
    /// Function and what follows, up to the CRC.
    var message: [UInt8]
    var isChecksumRight = true

    /// The right answer `frame` to `indication`.
    init(_ frame: [UInt8], to indication: Indication, _ framing: Endpoint.Framing) {
        self.framing = framing
        transaction = indication.transaction
        unit = indication.unit
        message = Array(
            framing == .tcp
                ? frame.dropFirst(Frame.headerSize + 1) : frame.dropFirst().dropLast(2))
    }

    var bytes: [UInt8] {
        switch framing {
        case .tcp:
            var frame = Frame.tcp(transaction, unit: unit, message)
            frame.replaceSubrange(2..<4, with: Frame.bytes(protocolID))
            if let length { frame.replaceSubrange(4..<6, with: Frame.bytes(length)) }
            return frame
        case .rtu:
            var frame = Frame.rtu(unit: unit, message)
            if !isChecksumRight { frame[frame.count - 3] ^= 0x5A }
            return frame
        }
    }

    /// Whether data of a length that is told follow: functions 1–4 and 17, not refused.
    private var hasByteCount: Bool { [1, 2, 3, 4, 17].contains(message[0]) }

    mutating func lie(about field: Fault.Field) {
        switch field {
        case .unit: unit &+= 1
        case .function: message[0] = Self.sister(of: message[0])
        case .byteCount(let more) where hasByteCount:
            message[1] = UInt8(clamping: Int(message[1]) + more)
        case .count(let more) where hasByteCount: resize(by: message[0] < 3 ? more : 2 * more)
        case .byteCount, .count: break
        case .padding(let count): message += Array(repeating: 0x55, count: max(0, count))
        case .length(let length): self.length = length
        case .transaction(let above): transaction &+= above
        case .noTransaction: transaction = 0
        case .protocolID(let number): protocolID = number
        case .checksum: isChecksumRight = false
        case .framing: framing = framing == .tcp ? .rtu : .tcp
        }
    }

    private mutating func resize(by more: Int) {
        let size = min(max(0, Int(message[1]) + more), 0xFF)
        let data = message.dropFirst(2).prefix(size)
        message = [message[0], UInt8(size)] + data
        message += Array(repeating: data.last ?? 0, count: size - data.count)
    }

    private static func sister(of function: UInt8) -> UInt8 {
        guard let table = Table.allCases.first(where: { $0.function == function & 0x7F }) else {
            return function ^ 1
        }
        return function & 0x80 | table.sister.function
    }
}

extension Table {
    /// The other table of the same kind.
    var sister: Table {
        switch self {
        case .coil: .discrete
        case .discrete: .coil
        case .holding: .input
        case .input: .holding
        }
    }
}
