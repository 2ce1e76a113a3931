// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What the units of one endpoint hold and do, set from any thread while they are served.
final class RegisterBank: Sendable {
    struct Unit {
        var tables: [Table: [UInt16: UInt16]] = [:]
        var fault: Fault?
        var requests = 0
    }

    /// How a unit meets a request.
    struct Reply {
        /// The values asked for; nil where one of them does not exist.
        let values: [UInt16]?
        let fault: Fault?
    }

    private let units = Mutex<[UInt8: Unit]>([:])

    func change(_ unit: UInt8, _ change: @Sendable (inout Unit) -> Void) {
        units.withLock { change(&$0[unit, default: Unit()]) }
    }

    func remove(_ unit: UInt8) {
        units.withLock { $0[unit] = nil }
    }

    func requests(_ unit: UInt8) -> Int {
        units.withLock { $0[unit]?.requests ?? 0 }
    }

    /// Nil when there is no such unit.
    func reply(to request: Request) -> Reply? {
        units.withLock { units in
            guard var unit = units.removeValue(forKey: request.unit) else { return nil }
            unit.requests += 1
            let table = unit.tables[request.table] ?? [:]
            let values = (0..<request.count).compactMap { table[request.start + UInt16($0)] }
            let reply = Reply(
                values: values.count == request.count ? values : nil, fault: unit.fault)
            units[request.unit] = unit
            return reply
        }
    }
}
