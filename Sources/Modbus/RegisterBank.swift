// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the units of one endpoint hold and do, set from any thread while they are served.
final class RegisterBank: Sendable {
    struct Unit {
        var tables: [Table: [UInt16: UInt16]] = [:]
        var nameplate = Nameplate()
        var fault: Fault?
        var requests = 0
        var tallies: [Tally] = []

        /// The values asked for; nil where one of them does not exist.
        func values(of request: Request) -> [UInt16]? {
            let table = tables[request.table] ?? [:]
            let values = (0..<request.count).compactMap { table[request.start + UInt16($0)] }
            return values.count == request.count ? values : nil
        }

        /// The values asked for, tallies counted up first.
        mutating func answer(to request: Request) -> [UInt16]? {
            guard var values = values(of: request) else { return nil }
            for index in tallies.indices where tallies[index].isHeld(by: request) {
                tallies[index].answers += 1
                let words = tallies[index].words(tallies[index].answers)
                let offset = Int(tallies[index].start) - Int(request.start)
                values.replaceSubrange(offset..<offset + words.count, with: words)
            }
            return values
        }
    }

    /// Registers that show how many answers have held them, this one included.
    struct Tally {
        let table: Table
        let start: UInt16
        let width: Int
        let words: @Sendable (Int) -> [UInt16]
        var answers = 0

        func isHeld(by request: Request) -> Bool {
            table == request.table && start >= request.start
                && Int(start) + width <= Int(request.start) + request.count
        }
    }

    /// How a unit meets a request.
    struct Reply {
        enum Content {
            case values(Request, [UInt16])
            case message([UInt8])
            case refusal(Indication.Refusal)
        }

        let content: Content
        let fault: Fault?
        /// The how manieth request it is, from 1.
        let number: Int
    }

    private let units = Mutex<[UInt8: Unit]>([:])
    private let clients = Mutex(0)

    func change(_ unit: UInt8, _ change: @Sendable (inout Unit) -> Void) {
        units.withLock { change(&$0[unit, default: Unit()]) }
    }

    func remove(_ unit: UInt8) {
        units.withLock { $0[unit] = nil }
    }

    func requests(_ unit: UInt8) -> Int {
        units.withLock { $0[unit]?.requests ?? 0 }
    }

    func answers(_ unit: UInt8, _ table: Table, _ start: UInt16) -> Int {
        units.withLock { units in
            let tally = units[unit]?.tallies.first { $0.table == table && $0.start == start }
            return tally?.answers ?? 0
        }
    }

    var connections: Int { clients.withLock(\.self) }

    func welcome() { clients.withLock { $0 += 1 } }

    /// The units that put something on the wire unasked.
    var strays: [(unit: UInt8, stray: Fault.Stray, place: Fault.Place)] {
        units.withLock { units in
            units.compactMap { number, unit in
                guard case .stray(let stray, let place) = unit.fault else { return nil }
                return (number, stray, place)
            }
        }
    }

    /// What stands there; nil where there is nothing.
    func values(of request: Request) -> [UInt16]? {
        units.withLock { $0[request.unit]?.values(of: request) }
    }

    /// Nil when there is no such unit.
    func reply(to indication: Indication) -> Reply? {
        units.withLock { units in
            guard var unit = units[indication.unit] else { return nil }
            unit.requests += 1
            let content = Self.content(indication, &unit)
            units[indication.unit] = unit
            return Reply(content: content, fault: unit.fault, number: unit.requests)
        }
    }

    private static func content(_ indication: Indication, _ unit: inout Unit) -> Reply.Content {
        let message: Result<[UInt8], Indication.Refusal>
        switch indication.question {
        case .failure(let refusal): return .refusal(refusal)
        case .success(.read(let request)):
            return unit.answer(to: request).map { .values(request, $0) }
                ?? .refusal(.illegalAddress)
        case .success(.serverID): message = unit.nameplate.serverIDMessage
        case .success(.identification(let category, let object)):
            message = unit.nameplate.identificationMessage(category: category, from: object)
        }
        switch message {
        case .success(let message): return .message(message)
        case .failure(let refusal): return .refusal(refusal)
        }
    }
}
