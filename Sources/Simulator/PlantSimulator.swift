// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
package import Plant
import Synchronization

/// A plant on localhost: the machines of a configuration behind real Modbus, as real time goes
/// by or as a test pushes it.
package final class PlantSimulator: Sendable {
    /// Whether devices drop off by themselves, and come back.
    package enum Presence: Hashable, Sendable {
        /// Always there, as tests want it.
        case steady
        /// There for minutes, away for seconds.
        case wavering
    }

    /// How the plant's time goes by.
    package enum Progress: Hashable, Sendable {
        /// By itself, as fast as the clock.
        case live
        /// Only by `advance(by:)`.
        case manual
    }

    /// Bytes of a name in the answer to function 17, which has room for some 250.
    private static let longestName = 200
    /// How often the plant advances by itself.
    private static let beat = Duration.milliseconds(250)

    /// Also guards the order of what is shown on the wires: it is held until all is.
    private let plant: Mutex<SimulatedPlant>
    private let wires: Wires
    private let addresses: [SimulatedPlant.Address]
    private let ticker = Mutex<Line?>(nil)

    /// Puts the devices of `configuration` on `wires` and lets time begin.
    package init(
        _ configuration: Configuration, on wires: Wires, seed: UInt64,
        presence: Presence, progress: Progress
    ) {
        let plant = SimulatedPlant(configuration, seed: seed, presence: presence)
        addresses = plant.devices
        self.plant = Mutex(plant)
        self.wires = wires
        for address in addresses { introduce(address, of: plant) }
        for (_, address, signal) in plant.heartbeats { number(signal, at: address) }
        advance(by: .zero)
        guard progress == .live else { return }
        let line = Line(name: "plant") { [weak self] line in
            var due = ContinuousClock.now
            repeat {
                // After a pause of the whole box the plant does not hurry after lost time.
                due = max(due + Self.beat, .now)
                self?.advance(by: Self.beat)
            } while line.pause(until: due) == .due && self != nil
        }
        ticker.withLock { $0 = line }
    }

    deinit { ticker.withLock { $0?.stop() } }

    /// Lets the plant's time go by, and shows what came of it on the wires.
    package func advance(by duration: Duration) {
        plant.withLock { plant in
            plant.step(by: duration)
            for address in addresses { show(address, of: plant) }
        }
    }

    /// Lets a unit say who it is: function 17 gives its number, that it runs, and its name.
    private func introduce(_ address: SimulatedPlant.Address, of plant: SimulatedPlant) {
        guard let server = wires.servers[address.connection],
            let identification = plant.identification(at: address)
        else { preconditionFailure("each address of a plant has a wire and a device") }
        let name = [0, 1].compactMap { identification.objects[$0] }.joined(separator: [0x20])
        server.identify(
            unit: address.unit, as: identification,
            serverID: [address.unit, 0xFF] + name.prefix(Self.longestName))
    }

    /// Lets a heartbeat count the answers that hold it; it begins anew where its registers end.
    private func number(_ signal: ProfileSignal, at address: SimulatedPlant.Address) {
        let end = 1 << min(16 * signal.layout.width, 53)
        wires.servers[address.connection]?.tally(
            unit: address.unit, table: signal.table, at: signal.address,
            width: signal.layout.width
        ) { RegisterEncoder.words(for: Double($0 % end), of: signal) }
    }

    /// How many answers have held each heartbeat so far, by `<equipment>/<device>/<signal>`.
    package var answers: [String: Int] {
        let answers = plant.withLock(\.heartbeats).map { name, address, signal in
            let server = wires.servers[address.connection]
            return (
                name,
                server?.answers(unit: address.unit, table: signal.table, at: signal.address) ?? 0
            )
        }
        return Dictionary(answers) { first, _ in first }
    }

    private func show(_ address: SimulatedPlant.Address, of plant: SimulatedPlant) {
        guard let server = wires.servers[address.connection] else {
            preconditionFailure("the reader lets no device refer to a connection that is not there")
        }
        for run in plant.registers(at: address)?.runs ?? [] {
            server.set(run.words, unit: address.unit, table: run.table, at: run.start)
        }
        server.commit(plant.fault(at: address), unit: address.unit)
    }

    /// Schedules a fault from now on; false if the plant has no such device.
    package func commit(_ fault: ScheduledFault) -> Bool {
        let isKnown = plant.withLock { $0.commit(fault) }
        advance(by: .zero)
        return isKnown
    }

    /// Ends all faults of a device, `<equipment>/<device>`; false if the plant has no such device.
    @discardableResult
    package func repair(_ device: String) -> Bool {
        let isKnown = plant.withLock { $0.repair(device) }
        advance(by: .zero)
        return isKnown
    }

    /// The number that `signal` of `device` (`<equipment>/<device>`) shows now, before encoding.
    package func number(of signal: String, device: String) -> Double? {
        plant.withLock { $0.number(of: signal, device: device) }
    }

    /// Stops the plant, closes its wires and removes the names of its serial lines.
    package func stop() async {
        let line = ticker.withLock { line in
            defer { line = nil }
            return line
        }
        line?.stop()
        await line?.finished()
        await wires.close()
    }
}
