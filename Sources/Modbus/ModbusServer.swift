// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Serves units to Modbus clients on loopback or on a pseudo-terminal, through libmodbus'
/// server side: for the simulator, and for tests that need a device which misbehaves.
///
/// It answers functions 1–4, and 17 and 43/14 where a unit was given something to say; everything
/// else is refused. Its thread ends within a tenth of a second of `stop()`, or of its last
/// reference's end.
package final class ModbusServer: Sendable {
    /// Where to serve.
    package enum Place: Sendable {
        /// On 127.0.0.1; port 0 takes a free one.
        case tcp(port: UInt16)
        case rtuOverTCP(port: UInt16)
        /// On a pseudo-terminal of its own; the format is only told on to the clients.
        case serial(SerialFormat)
    }

    /// How fast a wire is: a server without pace answers at once.
    package struct Pace: Sendable {
        /// Characters in either direction, at most as many per second.
        package var bytesPerSecond: Int
        /// From the end of the request to the beginning of the answer.
        package var turnaround: Duration

        /// A wire of 1 byte per second or more.
        package init(bytesPerSecond: Int, turnaround: Duration) {
            self.bytesPerSecond = bytesPerSecond
            self.turnaround = turnaround
        }
    }

    /// Where clients reach it.
    package let endpoint: Endpoint
    private let bank = RegisterBank()
    private let line: Line

    /// Throws `.broken` when the port is taken (EADDRINUSE) or there is no pseudo-terminal left.
    package init(_ place: Place, pace: Pace? = nil) throws(ModbusError) {
        let entrance = try Entrance(place)
        let (bank, began, failure) = (bank, Bell(), Failure())
        endpoint = entrance.endpoint
        line = Line(name: "modbus-server") { line in
            do throws(ModbusError) {
                var service = try Service(entrance, bank, pace)
                began.ring()
                while !line.isStopping { service.turn() }
                service.end()
            } catch {
                entrance.close()
                failure.error.withLock { $0 = error }
                began.ring()
            }
        }
        _ = began.wait(until: .now + .seconds(60))
        if let error = failure.error.withLock({ $0 }) { throw error }
    }

    /// Why the thread could not begin.
    private final class Failure: Sendable {
        let error = Mutex<ModbusError?>(nil)
    }

    deinit { line.stop() }

    /// Gives `unit` these values in `table` from `start` on; a coil or input is 0 or 1. What was
    /// never given does not exist, and is refused with exception 2.
    package func set(_ values: [UInt16], unit: UInt8, table: Table, at start: UInt16) {
        precondition(Int(start) + values.count <= 65_536, "addresses end at 65535")
        bank.change(unit) { unit in
            for (offset, value) in values.enumerated() {
                unit.tables[table, default: [:]][start + UInt16(offset)] = value
            }
        }
    }

    /// Lets `width` registers of `unit` show how many answers have held them all, each answer counting
    /// itself: `words` makes the number, from 1 on, what stands there.
    package func tally(
        unit: UInt8, table: Table, at start: UInt16, width: Int,
        words: @escaping @Sendable (Int) -> [UInt16]
    ) {
        precondition(words(0).count == width, "a tally fills its registers")
        set(words(0), unit: unit, table: table, at: start)
        bank.change(unit) { unit in
            unit.tallies.append(.init(table: table, start: start, width: width, words: words))
        }
    }

    /// How many answers have held the tally at `start`, spoilt ones included; 0 if there is none.
    package func answers(unit: UInt8, table: Table, at start: UInt16) -> Int {
        bank.answers(unit, table, start)
    }

    /// Lets `unit` say who it is: to function 43/14, and to function 17, whose answer is `serverID`
    /// (at most 250 bytes). Nil, as at first: it refuses that function with exception 1.
    package func identify(
        unit: UInt8, as identification: DeviceIdentification?, serverID: [UInt8]?
    ) {
        precondition(serverID?.count ?? 0 <= 250, "an answer fits into one frame")
        bank.change(unit) { unit in
            unit.nameplate = Nameplate(identification: identification, serverID: serverID)
        }
    }

    /// Makes `unit` commit `fault` with every request from now on; nil makes it well again.
    package func commit(_ fault: Fault?, unit: UInt8) {
        bank.change(unit) { $0.fault = fault }
    }

    /// Takes `unit` off the wire, with all its values.
    package func remove(unit: UInt8) { bank.remove(unit) }

    /// How many requests have reached `unit` since it was there.
    package func requests(unit: UInt8) -> Int { bank.requests(unit) }

    /// How many clients have connected so far; none on a serial line, which has no connections.
    package var connections: Int { bank.connections }

    /// Asks the thread to end, from any thread; returns at once.
    package func stop() { line.stop() }

    /// Waits until the thread has ended and everything is closed.
    package func finished() async { await line.finished() }
}
