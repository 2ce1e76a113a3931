// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Settings

/// A connection with its place, known by name even where it could not be read.
struct NamedConnection {
    var name: String
    var place: Place
    /// `nil` after a mistake.
    var connection: Configuration.Connection?
}

extension ConfigurationReader {
    /// All connections by name, those with mistakes too; `nil` if they are no mapping at all.
    func readConnections(_ field: Field) -> [String: NamedConnection]? {
        guard let entries = field.entries() else { return nil }
        if entries.isEmpty {
            findings.mistake(at: field.keyPlace, "\"connections\" names no connection")
            return nil
        }
        if entries.count > Configuration.Bound.connections {
            findings.mistake(
                at: field.keyPlace,
                "\(entries.count) connections; one gateway serves "
                    + "\(Configuration.Bound.connections): run another one beside it, as the unit "
                    + "millpond@<name>, with a file, a gateway name, a buffer and a port of its own"
            )
        }
        var connections: [String: NamedConnection] = [:]
        var places: [Endpoint.Site: NamedConnection] = [:]
        for entry in entries {
            let connection = entry.namedKey() == nil ? nil : readConnection(entry)
            let named = NamedConnection(
                name: entry.key, place: entry.keyPlace, connection: connection)
            connections[entry.key] = named
            guard let site = connection?.endpoint.site else { continue }
            if let other = places[site] {
                tellShared(entry, other, site)
            } else {
                places[site] = named
            }
        }
        return connections
    }

    /// Two connections to one wire cannot work; two to one socket can, where the device allows it.
    private func tellShared(_ entry: Field, _ other: NamedConnection, _ site: Endpoint.Site) {
        let text =
            "\(Field.quote(entry.key)) leads to the same place as \(Field.quote(other.name)) "
            + "in line \(other.place.line)"
        switch site {
        case .port:
            findings.mistake(at: entry.keyPlace, text + "; one wire is one connection")
        case .socket:
            findings.note(
                at: entry.keyPlace, text + "; many devices accept only one at a time")
        }
    }

    private func readConnection(_ field: Field) -> Configuration.Connection? {
        guard let section = field.section(keys: Configuration.Key.connection) else { return nil }
        let timeout = section.value("timeout", or: Configuration.Default.timeout) {
            $0.duration(in: Configuration.Bound.timeout)
        }
        let ways = section.oneOrMore(
            of: ["tcp", "serial", "rtu-over-tcp"],
            "\(Field.quote(field.key)) says no way: one of tcp, serial, rtu-over-tcp")
        guard let way = ways.first else { return nil }
        for other in ways.dropFirst() {
            findings.mistake(
                at: other.keyPlace,
                "\(Field.quote(other.key)) beside \(Field.quote(way.key)): a connection is one")
        }
        guard let endpoint = readEndpoint(way, section), let timeout else { return nil }
        return Configuration.Connection(name: field.key, endpoint: endpoint, timeout: timeout)
    }

    private func readEndpoint(_ way: Field, _ section: Section) -> Endpoint? {
        if way.key == "serial" {
            let format = readFormat(section)
            guard let path = way.devicePath(), let format else { return nil }
            way.noteUnlessCharacterDevice(path)
            return .serial(path: path, format: format)
        }
        for field in ["baud", "format"].compactMap({ section[$0] }) {
            findings.mistake(
                at: field.keyPlace, "\(Field.quote(field.key)) belongs to a serial connection")
        }
        if way.key == "tcp" {
            guard let address = way.address(example: "10.0.4.21 or 10.0.4.21:502") else {
                return nil
            }
            guard let port = checked(address.port ?? Configuration.Default.port, way) else {
                return nil
            }
            return .tcp(host: address.host, port: port)
        }
        guard let address = way.address(example: "10.0.4.30:4001") else { return nil }
        guard let written = address.port else {
            way.mistake("\(Field.quote(way.key)) needs a port, as 10.0.4.30:4001: none is usual")
            return nil
        }
        guard let port = checked(written, way) else { return nil }
        return .rtuOverTCP(host: address.host, port: port)
    }

    private func checked(_ port: UInt16, _ field: Field) -> UInt16? {
        guard port > 0 else {
            field.mistake("the port must be 1 to 65535, not \"0\"")
            return nil
        }
        return port
    }

    private func readFormat(_ section: Section) -> SerialFormat? {
        var format: SerialFormat? = Configuration.Default.serial
        if let field = section["format"] { format = field.characterFormat() }
        guard let field = section["baud"] else { return format }
        guard let baud = field.whole(in: 1...10_000_000) else { return nil }
        guard Configuration.Bound.bauds.contains(baud) else {
            let near = Configuration.Bound.bauds.min { abs($0 - baud) < abs($1 - baud) }
            field.mistake(
                "no serial port is set to \(baud) baud", suggestion: near.map { "\($0)" })
            return nil
        }
        format?.baud = baud
        return format
    }
}

extension Field {
    /// `8E1`: data bits, parity, stop bits.
    fileprivate func characterFormat() -> SerialFormat? {
        guard let text = text() else { return nil }
        guard
            let format = SerialFormat(characters: text, baud: Configuration.Default.serial.baud)
        else {
            let seven = text.first == "7" ? "; RTU needs 8 data bits" : ""
            mistake(
                "\(Field.quote(key)) must be 8, then N, E or O, then 1 or 2, as 8E1, "
                    + "not \(Field.quote(text))\(seven)",
                suggestion: Suggestion.nearest(
                    to: text, among: ["8E1", "8N1", "8O1", "8N2", "8E2", "8O2"]))
            return nil
        }
        return format
    }
}

extension Endpoint {
    /// What two connections must not share.
    enum Site: Hashable {
        case socket(host: String, port: UInt16)
        case port(path: String)
    }

    var site: Site {
        switch self {
        case .tcp(let host, let port), .rtuOverTCP(let host, let port):
            .socket(host: host, port: port)
        case .serial(let path, _): .port(path: path)
        }
    }
}
