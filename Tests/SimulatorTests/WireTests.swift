// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Modbus
import Plant
import Testing

@testable import Simulator

/// What a Modbus client sees of the plant, through the gateway's own link and real wires.
@Suite struct WireTests {
    static let patience = Duration.seconds(5)

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func demo() throws -> (simulator: PlantSimulator, configuration: Configuration) {
        let (wires, places) = try Wires.demo(in: folder.path, listen: "127.0.0.1:8470")
        let (configuration, _) = try Configuration.read(
            text: Demo.configuration(at: places), file: "\(folder.path)/demo.yaml",
            profilesBeside: DemoTests.binary)
        let simulator = PlantSimulator(
            configuration, on: wires, seed: 11, presence: .steady, progress: .manual)
        return (simulator, configuration)
    }

    /// Reads a signal's words on a thread of its own, as links want it.
    func words(of signal: ProfileSignal, unit: UInt8, at endpoint: Endpoint) async throws
        -> [UInt16]
    {
        let request = Request(
            unit: unit, table: signal.table, start: signal.address, count: signal.layout.width)
        return try await ask(request, at: endpoint).get()
    }

    func ask(
        _ request: Request, at endpoint: Endpoint, within timeout: Duration = WireTests.patience
    ) async -> Result<[UInt16], ModbusError> {
        await withCheckedContinuation { continuation in
            _ = Line(name: "test") { _ in
                continuation.resume(returning: Self.read(request, at: endpoint, within: timeout))
            }
        }
    }

    static func read(_ request: Request, at endpoint: Endpoint, within timeout: Duration)
        -> Result<[UInt16], ModbusError>
    {
        var link = Link(to: endpoint)
        defer { link.close() }
        do throws(ModbusError) {
            try link.connect(within: patience)
            return .success(try link.read(request, within: timeout))
        } catch {
            return .failure(error)
        }
    }

    @Test func `every signal of the demo can be read, and is what the model says`() async throws {
        let (simulator, configuration) = try demo()
        simulator.advance(by: .seconds(30))
        var compared = 0
        for equipment in configuration.equipment {
            for device in equipment.devices {
                let connection = try #require(
                    configuration.connections.first { $0.name == device.via })
                for signal in device.profile.signals {
                    let words = try await words(
                        of: signal, unit: device.unit, at: connection.endpoint)
                    let path = "\(equipment.id)/\(device.name)"
                    let number = try #require(
                        simulator.number(of: signal.name, device: path))
                    #expect(words == RegisterEncoder.words(for: number, of: signal))
                    compared += 1
                }
            }
        }
        #expect(compared > 150)
        await simulator.stop()
    }

    /// 16 bits begin anew at 65,536; a read of something else, or of a part, is not counted.
    @Test func `a heartbeat numbers the answers that hold it`() async throws {
        let (wires, places) = try Wires.demo(in: folder.path, listen: "127.0.0.1:8470")
        try folder.write(
            """
            vendor: Test
            model: Counter
            source: made up
            modbus: { table: holding, type: uint32 }
            signals:
              life: { at: 4, order: CDAB, role: heartbeat }
              other: { at: 6 }
            """, to: "profiles/test/counter/profile.yaml")
        let (configuration, _) = try Configuration.read(
            text: """
                connections: { controller: { tcp: "127.0.0.1:\(places.controllerPort)" } }
                equipment: { e: { devices: { d: { profile: test/counter, via: controller, unit: 1 } } } }
                profiles: [\(folder.path)/profiles]
                """, file: "\(folder.path)/counter.yaml", profilesBeside: DemoTests.binary)
        let simulator = PlantSimulator(
            configuration, on: wires, seed: 1, presence: .steady, progress: .manual)
        let endpoint = configuration.connections[0].endpoint
        func read(_ start: UInt16, _ count: Int) async throws -> [UInt16] {
            let request = Request(unit: 1, table: .holding, start: start, count: count)
            return try await ask(request, at: endpoint).get()
        }
        #expect(try await read(4, 2) == [1, 0])
        #expect(try await read(4, 4).prefix(2) == [2, 0])
        simulator.advance(by: .seconds(1))
        #expect(try await read(5, 3)[0] == 0)
        #expect(try await read(6, 2).count == 2)
        #expect(try await read(4, 2) == [3, 0])
        #expect(simulator.answers == ["e/d/life": 3])
        await simulator.stop()
    }

    @Test func `every device of the demo says who it is, on every wire`() async throws {
        let (simulator, configuration) = try demo()
        for device in configuration.equipment.flatMap(\.devices) {
            let connection = try #require(configuration.connections.first { $0.name == device.via })
            let (objects, name) = try await Self.identity(of: device.unit, at: connection.endpoint)
            #expect(objects[0] == Array(device.profile.vendor.utf8))
            #expect(objects[5] == Array(device.profile.model.utf8))
            #expect(name.prefix(2) == [device.unit, 0xFF])
            #expect(
                name.dropFirst(2).elementsEqual(
                    "\(device.profile.vendor) \(device.profile.model)".utf8))
        }
        await simulator.stop()
    }

    /// What a unit says to functions 43/14 and 17, asked on a thread of its own.
    private static func identity(
        of unit: UInt8, at endpoint: Endpoint
    ) async throws -> ([UInt8: [UInt8]], [UInt8]) {
        try await withCheckedContinuation { continuation in
            _ = Line(name: "test") { _ in
                var link = Link(to: endpoint)
                let found = Result { () throws(ModbusError) in
                    try link.connect(within: patience)
                    let objects = try link.identification(of: unit, within: patience).objects
                    return (objects, try link.serverID(of: unit, within: patience))
                }
                // Before the next one is asked: a serial port is one client's alone.
                link.close()
                continuation.resume(returning: found)
            }
        }.get()
    }

    /// A fault as text, and what a client gets that waits for a second.
    @Test(
        arguments: [
            ("late:20ms", nil), ("late:2s", .silent), ("silent", .silent),
            ("exception:6", .refused(exception: 6)), ("wrong-unit", .garbled),
            ("drip:200ms", .silent), ("reset", .broken(errno: 104)),
        ] as [(String, ModbusError?)])
    func `a fault is seen by the client, and gone after its time`(
        fault: String, expected: ModbusError?
    ) async throws {
        let (simulator, configuration) = try demo()
        let endpoint = try #require(configuration.connections.first?.endpoint)
        let request = Request(unit: 1, table: .holding, start: 3, count: 1)
        #expect(simulator.commit(try ScheduledFault(parsing: "press-1/drive=\(fault)+10s")))
        let spoilt = await ask(request, at: endpoint, within: .seconds(1))
        #expect(spoilt.error == expected)
        let neighbour = Request(unit: 2, table: .holding, start: 3, count: 1)
        #expect(await ask(neighbour, at: endpoint).error == nil)
        simulator.advance(by: .seconds(10))
        #expect(await ask(request, at: endpoint).error == nil)
        await simulator.stop()
    }

    @Test func `a device is spoilt until it is repaired`() async throws {
        let (simulator, configuration) = try demo()
        let endpoint = try #require(configuration.connections.first?.endpoint)
        let request = Request(unit: 1, table: .holding, start: 3, count: 1)
        #expect(simulator.commit(try ScheduledFault(parsing: "press-1/drive=exception:6")))
        #expect(await ask(request, at: endpoint).error == .refused(exception: 6))
        #expect(simulator.repair("press-1/drive"))
        #expect(await ask(request, at: endpoint).error == nil)
        #expect(!simulator.commit(try ScheduledFault(parsing: "press-9/drive=silent")))
        #expect(!simulator.repair("press-9/drive"))
        await simulator.stop()
    }

    @Test func `garbage is no answer on any wire`() async throws {
        let (simulator, configuration) = try demo()
        for (connection, device, unit, table) in [
            ("controller", "press-1/drive", 1, Table.holding),
            ("device-server", "pump-3/meter", 6, .input), ("hall", "press-1/meter", 4, .input),
        ] as [(String, String, UInt8, Table)] {
            let endpoint = try #require(
                configuration.connections.first { $0.name == connection }?.endpoint)
            #expect(simulator.commit(try ScheduledFault(parsing: "\(device)=garbage")))
            let start: UInt16 = table == .holding ? 3 : 0
            let request = Request(unit: unit, table: table, start: start, count: 1)
            let spoilt = await ask(request, at: endpoint, within: .seconds(1))
            #expect(spoilt.error != nil, "\(connection)")
            simulator.repair(device)
            #expect(await ask(request, at: endpoint).error == nil, "\(connection)")
        }
        await simulator.stop()
    }

    @Test func `a live plant advances by itself`() async throws {
        let (wires, places) = try Wires.demo(in: folder.path, listen: "127.0.0.1:8470")
        let (configuration, _) = try Configuration.read(
            text: Demo.configuration(at: places), file: "\(folder.path)/demo.yaml",
            profilesBeside: DemoTests.binary)
        let simulator = PlantSimulator(
            configuration, on: wires, seed: 1, presence: .steady, progress: .live)
        func energy() -> Double? { simulator.number(of: "energy-import", device: "press-1/meter") }
        let first = energy()
        while energy() == first { try await Task.sleep(for: .milliseconds(10)) }
        await simulator.stop()
    }
}

extension Result {
    var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
