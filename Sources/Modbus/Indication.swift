// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A request as a server received it.
struct Indication: Equatable {
    /// All of it, as libmodbus wants it.
    let frame: [UInt8]
    let transaction: UInt16
    let unit: UInt8
    /// The function that was asked for.
    let function: UInt8
    /// What is asked, or the exception code that it earns.
    let question: Result<Question, Refusal>

    enum Question: Equatable {
        case read(Request)
        /// Function 17.
        case serverID
        /// Function 43, MEI type 14: the objects of a category, or one, from this on.
        case identification(category: UInt8, object: UInt8)
    }

    enum Refusal: UInt8, Error { case illegalFunction = 1, illegalAddress = 2, illegalValue = 3 }

    /// `message` is the function and what follows it, without a CRC.
    init(frame: [UInt8], transaction: UInt16, unit: UInt8, message: ArraySlice<UInt8>) {
        self.frame = frame
        self.transaction = transaction
        self.unit = unit
        let message = Array(message)
        function = message[0]
        question = Self.question(unit, message)
    }

    private static func question(
        _ unit: UInt8, _ message: [UInt8]
    ) -> Result<Question, Refusal> {
        switch message[0] {
        case 17: return message.count == 1 ? .success(.serverID) : .failure(.illegalValue)
        case 43:
            // MEI types other than 14 are somebody else's protocol (V1.1b3, §6.19).
            guard message.count >= 2, message[1] == 14 else { return .failure(.illegalFunction) }
            guard message.count == 4 else { return .failure(.illegalValue) }
            return .success(.identification(category: message[2], object: message[3]))
        default: return request(unit, message).map(Question.read)
        }
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
