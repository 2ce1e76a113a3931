// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What may be asked of a unit: a read, or who it is. There is no other question, so no function
/// but 1, 2, 3, 4, 17 and 43 is ever sent.
///
/// The messages that answer, from the function on (MODBUS Application Protocol V1.1b3, §6.1–6.4,
/// §6.13, §6.21):
///
///     1–4   function | size 1 | data …
///     17    function | size 1 | data …
///     43    function | 14 | code | conformity | more | next | objects | (object | size | data …) …
///     any   function + 0x80 | exception
enum Question: Hashable, Sendable {
    case read(Request)
    case serverID(unit: UInt8)
    /// Objects of an identification by its code, 1 basic or 2 regular, from `object` on.
    case identification(unit: UInt8, code: UInt8, object: UInt8)

    /// MODBUS Encapsulated Interface type 14: Read Device Identification.
    static let identificationType: UInt8 = 14
    /// Function and data of the longest message.
    private static let longestMessage = 253
    /// Of an identification, up to the first object.
    static let identificationHead = 7

    var unit: UInt8 {
        switch self {
        case .read(let request): request.unit
        case .serverID(let unit), .identification(let unit, _, _): unit
        }
    }

    var function: UInt8 {
        switch self {
        case .read(let request): request.table.function
        case .serverID: 17
        case .identification: 43
        }
    }

    /// As every framing carries it, from the function on.
    var message: [UInt8] {
        switch self {
        case .read(let request): request.message
        case .serverID: [function]
        case .identification(_, let code, let object):
            [function, Self.identificationType, code, object]
        }
    }

    /// How long a message is, by its own account.
    enum Extent: Equatable {
        case size(Int)
        /// It would go on, or would have to say more to be known.
        case unfinished
        /// It answers something else.
        case none
    }

    /// How long the answer is that `message` begins with.
    func extent(of message: ArraySlice<UInt8>) -> Extent {
        guard let first = message.first else { return .unfinished }
        guard first == function else { return .none }
        switch self {
        case .read(let request):
            guard let size = message.dropFirst().first else { return .unfinished }
            return Int(size) == request.answerSize ? .size(2 + Int(size)) : .none
        case .serverID:
            guard let size = message.dropFirst().first else { return .unfinished }
            return 2 + Int(size) <= Self.longestMessage ? .size(2 + Int(size)) : .none
        case .identification(_, let code, let object):
            let start = message.startIndex
            if message.count > 1, message[start + 1] != Self.identificationType { return .none }
            if message.count > 2, message[start + 2] != code { return .none }
            // An answer to an earlier question begins with another object.
            if message.count > Self.identificationHead, message[start + 6] > 0,
                message[start + Self.identificationHead] != object
            {
                return .none
            }
            return Self.identificationExtent(of: message)
        }
    }

    /// Walks the objects, whose number and sizes are all there is to tell the length.
    static func identificationExtent(of message: ArraySlice<UInt8>) -> Extent {
        guard message.count >= identificationHead else { return .unfinished }
        var place = message.startIndex + identificationHead
        for _ in 0..<message[message.startIndex + 6] {
            guard place + 1 < message.endIndex else { return .unfinished }
            place += 2 + Int(message[place + 1])
            guard place - message.startIndex <= longestMessage else { return .none }
        }
        return .size(place - message.startIndex)
    }

    /// What `message`, a whole answer, says: data without its size, and of an identification all
    /// after the function.
    func content(of message: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        case .read, .serverID: Array(message.dropFirst(2))
        case .identification: Array(message.dropFirst())
        }
    }
}
