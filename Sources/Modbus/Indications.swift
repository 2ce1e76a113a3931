// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A request as a server received it.
struct Indication: Equatable {
    /// All of it, as libmodbus wants it.
    let frame: [UInt8]
    let transaction: UInt16
    let unit: UInt8
    /// The request, or the exception code that it earns.
    let request: Result<Request, Refusal>

    enum Refusal: UInt8, Error { case illegalFunction = 1, illegalAddress = 2, illegalValue = 3 }

    init(frame: [UInt8], transaction: UInt16, unit: UInt8, message: ArraySlice<UInt8>) {
        self.frame = frame
        self.transaction = transaction
        self.unit = unit
        request = Self.request(unit, Array(message))
    }

    private static func request(
        _ unit: UInt8, _ message: [UInt8]
    ) -> Result<Request, Refusal> {
        guard let table = Table.allCases.first(where: { $0.function == message[0] }) else {
            return .failure(.illegalFunction)
        }
        guard message.count == 5 else { return .failure(.illegalValue) }
        let start = UInt16(message[1]) << 8 | UInt16(message[2])
        let count = Int(message[3]) << 8 | Int(message[4])
        guard (1...table.limit).contains(count) else { return .failure(.illegalValue) }
        guard Int(start) + count <= 65_536 else { return .failure(.illegalAddress) }
        return .success(Request(unit: unit, table: table, start: start, count: count))
    }
}

/// Cuts what a client sends into requests. Pure.
struct Indications {
    let framing: Endpoint.Framing
    private var buffer: [UInt8] = []

    init(_ framing: Endpoint.Framing) { self.framing = framing }

    /// The requests that are complete; nil when the bytes are no frames at all.
    mutating func take(_ bytes: [UInt8]) -> [Indication]? {
        buffer += bytes
        switch framing {
        case .tcp: return takeTCP()
        case .rtu: return takeRTU()
        }
    }

    private mutating func takeTCP() -> [Indication]? {
        var found: [Indication] = []
        while buffer.count >= Frame.headerSize {
            let length = Int(buffer[4]) << 8 | Int(buffer[5])
            guard buffer[2] == 0, buffer[3] == 0, (2...254).contains(length) else { return nil }
            let size = Frame.headerSize + length
            guard buffer.count >= size else { break }
            let frame = Array(buffer.prefix(size))
            buffer.removeFirst(size)
            found.append(
                Indication(
                    frame: frame, transaction: UInt16(frame[0]) << 8 | UInt16(frame[1]),
                    unit: frame[6], message: frame[7...]))
        }
        return found
    }

    /// A read request is 8 bytes; whatever else lies there is passed over byte by byte.
    private mutating func takeRTU() -> [Indication] {
        var found: [Indication] = []
        while buffer.count >= 8 {
            let frame = Array(buffer.prefix(8))
            guard Frame.isIntact(frame[...]) else {
                buffer.removeFirst()
                continue
            }
            buffer.removeFirst(8)
            found.append(
                Indication(frame: frame, transaction: 0, unit: frame[0], message: frame[1..<6]))
        }
        return found
    }
}
