// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a unit says of itself (MODBUS Application Protocol V1.1b3, §6.21): vendor name is object 0,
/// product code 1, revision 2, vendor URL 3, product name 4, model name 5, user application name 6.
package struct DeviceIdentification: Hashable, Sendable {
    /// The bytes of each object by its number; mostly ASCII, but nobody enforces that.
    package var objects: [UInt8: [UInt8]]

    /// At most 255 objects.
    package init(objects: [UInt8: [UInt8]]) { self.objects = objects }
}

extension Link {
    /// More answers than this would bring more objects than basic and regular ones may fill.
    private static let answersLimit = 16

    /// Asks for the basic and regular objects (function 43, MEI type 14), as many requests as the
    /// unit's conformity needs; `timeout` bounds all of them together. Throws like `read`.
    ///
    /// The guard is that of a read: number or debts, unit, function, type, code, first object and
    /// every size. libmodbus knows no such function, so the guard alone judges the answer; it goes
    /// over the wire, and is taken from it, by the guard in any case.
    package mutating func identification(
        of unit: UInt8, within timeout: Duration
    ) throws(ModbusError) -> DeviceIdentification {
        let deadline = ContinuousClock.now + timeout
        let basic = try objects(.basic, of: unit, by: deadline)
        guard basic.hasRegular else { return DeviceIdentification(objects: basic.objects) }
        do throws(ModbusError) {
            let regular = try objects(.regular, of: unit, by: deadline)
            let all = basic.objects.merging(regular.objects) { basic, _ in basic }
            return DeviceIdentification(objects: all)
        } catch {
            // It boasts of what it does not have.
            guard case .refused = error else { throw error }
            return DeviceIdentification(objects: basic.objects)
        }
    }

    private mutating func objects(
        _ code: IdentificationAnswer.Code, of unit: UInt8, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> (objects: [UInt8: [UInt8]], hasRegular: Bool) {
        var objects: [UInt8: [UInt8]] = [:]
        var first: UInt8 = 0
        for _ in 0..<Self.answersLimit {
            let content = try inquire(
                .identification(unit: unit, code: code.rawValue, object: first),
                within: deadline - .now)
            guard let answer = IdentificationAnswer(content, to: code, from: first) else {
                throw .garbled
            }
            objects.merge(answer.objects) { $1 }
            guard let next = answer.next else { return (objects, answer.hasRegular) }
            first = next
        }
        throw .garbled
    }

    /// Asks for the server's id (function 17): the bytes after the byte count, whose meaning is the
    /// device's own. Throws like `read`.
    package mutating func serverID(
        of unit: UInt8, within timeout: Duration
    ) throws(ModbusError) -> [UInt8] {
        let data = try inquire(.serverID(unit: unit), within: timeout)
        return try unpack { exchange throws(ModbusError) in
            try exchange.serverID(of: unit, from: data)
        }
    }
}

/// One answer of an identification, understood.
struct IdentificationAnswer: Equatable {
    /// Which objects are asked for: all of such a kind, as a stream.
    enum Code: UInt8 { case basic = 1, regular = 2 }

    let objects: [UInt8: [UInt8]]
    /// The object to ask for next, if more follows.
    let next: UInt8?
    /// Whether the unit claims to know regular objects, too.
    let hasRegular: Bool

    /// Understands what comes after the function; nil when it contradicts itself.
    init?(_ content: [UInt8], to code: Code, from first: UInt8) {
        // The function, which is taken as said, and the head without it.
        let message = [Question.identification(unit: 0, code: 0, object: 0).function] + content
        guard Question.identificationExtent(of: message[...]) == .size(message.count),
            message[1] == Question.identificationType, message[2] == code.rawValue,
            // With 0x80 it knows single objects, which are never asked for.
            (1...3).contains(message[3] & 0x7F), [0, 0xFF].contains(message[4])
        else { return nil }
        var objects: [UInt8: [UInt8]] = [:]
        var (place, last) = (Question.identificationHead, -1)
        while place < message.count {
            let (object, size) = (message[place], Int(message[place + 1]))
            guard Int(object) > last, object >= first else { return nil }
            objects[object] = Array(message[(place + 2)...].prefix(size))
            (place, last) = (place + 2 + size, Int(object))
        }
        let follows = message[4] == 0xFF
        // It must lead on, or it would never end.
        if follows, Int(message[5]) <= last || objects.isEmpty { return nil }
        self.objects = objects
        next = follows ? message[5] : nil
        hasRegular = message[3] & 0x7F > 1
    }
}
