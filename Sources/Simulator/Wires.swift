// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
package import Plant

/// The open ends of a plant's wires: a Modbus server for each connection, not yet with devices.
package struct Wires: Sendable {
    /// What a device on a serial line takes to answer, once the silence after the request has told
    /// it that the request is over (MODBUS over Serial Line V1.02, §2.5.1.1).
    private static let turnaround = Duration.milliseconds(5)
    /// What the server listens on, by the names a configuration may use for it.
    private static let loopback: Set<String> = ["127.0.0.1", "localhost"]

    /// By connection; connections that lead to one socket share one server.
    private(set) var servers: [String: ModbusServer] = [:]
    private var names: [SerialName] = []

    /// Opens every connection of `configuration` at its own place: ports on 127.0.0.1, and for a
    /// serial line a pseudo-terminal with a symbolic link at the configured path.
    package init(of configuration: Configuration) throws(SimulatorError) {
        var open: [Endpoint: ModbusServer] = [:]
        for connection in configuration.connections {
            if let server = open[connection.endpoint] {
                servers[connection.name] = server
                continue
            }
            try add(connection.name, at: connection.endpoint)
            open[connection.endpoint] = servers[connection.name]
        }
    }

    private init() {}

    private mutating func add(_ name: String, at endpoint: Endpoint) throws(SimulatorError) {
        switch endpoint {
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            guard Self.loopback.contains(host) else {
                throw .notLoopback(connection: name, host: host)
            }
            let isTCP = endpoint.framing == .tcp
            servers[name] = try Self.serve(
                name, isTCP ? .tcp(port: port) : .rtuOverTCP(port: port), at: endpoint, nil)
        case .serial(let path, let format):
            let pace = ModbusServer.Pace(
                bytesPerSecond: format.baud / format.bitsPerCharacter,
                turnaround: format.silence + Self.turnaround)
            let server = try Self.serve(name, .serial(format), at: endpoint, pace)
            guard case .serial(let terminal, _) = server.endpoint else {
                preconditionFailure("a serial server has a serial endpoint")
            }
            servers[name] = server
            names.append(try Self.name(path, of: terminal, connection: name))
        }
    }

    private static func serve(
        _ name: String, _ place: ModbusServer.Place, at endpoint: Endpoint,
        _ pace: ModbusServer.Pace?
    ) throws(SimulatorError) -> ModbusServer {
        do throws(ModbusError) {
            return try ModbusServer(place, pace: pace)
        } catch {
            throw .unavailable(connection: name, endpoint: endpoint, reason: error)
        }
    }

    private static func name(
        _ path: String, of terminal: String, connection: String
    ) throws(SimulatorError) -> SerialName {
        do throws(SerialName.Failure) {
            return try SerialName(path, of: terminal)
        } catch {
            switch error {
            case .occupied: throw .occupied(connection: connection, path: path)
            case .system(let errno):
                throw .unnameable(connection: connection, path: path, errno: errno)
            }
        }
    }

    /// Closes everything and removes the serial lines' names.
    package func close() async {
        for name in names { name.remove() }
        for server in servers.values { server.stop() }
        for server in servers.values { await server.finished() }
    }
}

extension Wires {
    /// Opens the demo's three wires on free ports and on a pseudo-terminal named in `folder`,
    /// where the buffer lies as well.
    package static func demo(
        in folder: String, listen: String
    ) throws(SimulatorError) -> (Wires, Demo.Places) {
        var wires = Wires()
        let serial = "\(folder)/hall"
        try wires.add("controller", at: .tcp(host: "127.0.0.1", port: 0))
        try wires.add("device-server", at: .rtuOverTCP(host: "127.0.0.1", port: 0))
        try wires.add("hall", at: .serial(path: serial, format: Demo.serialFormat))
        let places = Demo.Places(
            controllerPort: wires.port("controller"),
            deviceServerPort: wires.port("device-server"), serial: serial,
            directory: "\(folder)/buffer", listen: listen)
        return (wires, places)
    }

    private func port(_ name: String) -> UInt16 {
        switch servers[name]?.endpoint {
        case .tcp(_, let port), .rtuOverTCP(_, let port): port
        case .serial, nil: preconditionFailure("\(name) was opened as a socket")
        }
    }
}
