// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Modbus
import Plant
import Testing

@testable import Simulator

@Suite struct SerialNameTests {
    let folder: TemporaryFolder
    let path: String
    let files = FileManager.default

    init() throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/hall"
    }

    func destination() -> String? {
        // No link, no destination.
        try? files.destinationOfSymbolicLink(atPath: path)
    }

    @Test func `a name is there while its owner is, and goes with it`() throws {
        var name: SerialName? = try SerialName(path, of: "/dev/null")
        #expect(destination() == "/dev/null")
        #expect(name?.path == path)
        name = nil
        #expect(destination() == nil)
    }

    @Test func `a name left behind by a crash is taken over`() throws {
        try files.createSymbolicLink(
            atPath: path, withDestinationPath: "\(folder.path)/gone")
        let name = try SerialName(path, of: "/dev/null")
        #expect(destination() == "/dev/null")
        name.remove()
        #expect(destination() == nil)
    }

    @Test func `what is there already stays there`() throws {
        try folder.write("precious", to: "hall")
        #expect(throws: SerialName.Failure.occupied) { try SerialName(path, of: "/dev/null") }
        #expect(files.contents(atPath: path) == Data("precious".utf8))
        try files.removeItem(atPath: path)
        try files.createSymbolicLink(atPath: path, withDestinationPath: folder.path)
        #expect(throws: SerialName.Failure.occupied) { try SerialName(path, of: "/dev/null") }
        #expect(destination() == folder.path)
    }

    @Test func `a name that somebody else has taken over is not removed`() throws {
        let name = try SerialName(path, of: "/dev/null")
        try files.removeItem(atPath: path)
        try files.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
        name.remove()
        #expect(destination() == "/dev/zero")
    }

    @Test func `where no name can be made the system's reason is told`() {
        let nowhere = "\(folder.path)/no/such/folder"
        #expect(throws: SerialName.Failure.system(errno: 2)) {
            try SerialName(nowhere, of: "/dev/null")
        }
    }

    @Test func `a serial line of a configuration gets its name, until the wires are closed`()
        async throws
    {
        let configuration = try PlantFixture.configuration(
            in: folder,
            connections: """
                  plc: { serial: \(path), baud: 9600, format: 8N1 }
                  meters: { serial: \(path)-2, baud: 9600, format: 8N1 }
                """)
        let wires = try Wires(of: configuration)
        let terminal = try #require(destination())
        #expect(terminal.hasPrefix("/dev/pts/"))
        #expect(throws: SimulatorError.occupied(connection: "plc", path: path)) {
            _ = try Wires(of: configuration)
        }
        #expect(destination() == terminal)
        await wires.close()
        #expect(destination() == nil)
    }

    @Test(arguments: ["10.0.4.21", "plc.example", "::1", "0.0.0.0", "127.0.0.2"])
    func `other hosts than this one are not simulated`(host: String) throws {
        let address = host.contains(":") ? "[\(host)]" : host
        let configuration = try PlantFixture.configuration(
            in: folder,
            connections: """
                  plc: { tcp: "\(address):15502" }
                  meters: { serial: \(path) }
                """)
        #expect(throws: SimulatorError.notLoopback(connection: "plc", host: host)) {
            _ = try Wires(of: configuration)
        }
        #expect(destination() == nil)
    }

    @Test func `a port that is taken is told, and nothing stays open`() async throws {
        let server = try ModbusServer(.tcp(port: 0))
        guard case .tcp(_, let port) = server.endpoint else { return }
        let configuration = try PlantFixture.configuration(
            in: folder,
            connections: """
                  meters: { serial: \(path), format: 8N1 }
                  plc: { tcp: "127.0.0.1:\(port)" }
                """)
        let unavailable = SimulatorError.unavailable(
            connection: "plc", endpoint: server.endpoint, reason: .broken(errno: 98))
        #expect(throws: unavailable) { _ = try Wires(of: configuration) }
        #expect(destination() == nil)
        server.stop()
        await server.finished()
    }

    @Test func `connections to one socket share one server`() async throws {
        let free = try ModbusServer(.tcp(port: 0))
        guard case .tcp(_, let port) = free.endpoint else { return }
        free.stop()
        await free.finished()
        let configuration = try PlantFixture.configuration(
            in: folder,
            connections: """
                  plc: { tcp: "127.0.0.1:\(port)" }
                  meters: { tcp: "127.0.0.1:\(port)" }
                """)
        let wires = try Wires(of: configuration)
        #expect(wires.servers["plc"] === wires.servers["meters"])
        await wires.close()
    }
}
