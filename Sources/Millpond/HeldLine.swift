// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import FoundationEssentials
internal import Glibc
internal import Modbus
internal import Plant

/// A line that a running gateway polls, as far as the configuration tells: many devices allow a
/// single connection, and a second master on it costs the gateway answers.
struct HeldLine {
    let gateway: String
    /// The names of the gateway's connections that lead there.
    let connections: [String]
    /// The configuration that it runs by.
    let file: String

    /// The gateway of `options` if it runs and one of its connections leads to `endpoint`.
    ///
    /// A configuration that is nowhere, or was not named and cannot be used, tells nothing; the
    /// latter is said. One that was named and is wrong ends the command.
    static func of(_ endpoint: Endpoint, _ options: ConfigurationOptions) async throws -> HeldLine?
    {
        guard let configuration = try configuration(options) else { return nil }
        let names = configuration.connections
            .filter { $0.endpoint.leadsToSamePlace(as: endpoint) }.map(\.name)
        guard !names.isEmpty, await isRunning(configuration) else { return nil }
        return HeldLine(
            gateway: configuration.gateway, connections: names, file: options.path)
    }

    private static func configuration(_ options: ConfigurationOptions) throws -> Configuration? {
        if options.isGiven { return try options.read() }
        guard access(options.path, F_OK) == 0 else { return nil }
        do throws(ConfigurationError) {
            return try Configuration.read(
                file: options.path, profilesBeside: Executable.path
            ).0
        } catch {
            Terminal.say(
                "\(options.path) cannot be used here, so whether a gateway holds this line is not "
                    + "known; see `millpond check`")
            return nil
        }
    }

    /// The lock of its buffer tells, where it can be seen; else its API.
    static func isRunning(_ configuration: Configuration) async -> Bool {
        if OfflineBuffer.isHeld(directory: configuration.buffer.directory) { return true }
        let pull = configuration.pull
        guard pull.port > 0 else { return false }
        let client = GatewayClient(host: pull.host, port: Int(pull.port))
        // Nobody there, or somebody else: either way it is not this gateway that answers.
        guard let answer = try? await client.get("/v1/status", accept: "application/json") else {
            return false
        }
        let status = try? JSONDecoder().decode(Status.self, from: Data(answer.body))
        return status?.gateway == configuration.gateway
    }

    private struct Status: Decodable { var gateway: String }

    /// `connection plc of the gateway edge-07 (/etc/millpond/millpond.yaml)`.
    var text: String {
        "connection \(connections.joined(separator: ", ")) of the gateway \(gateway) (\(file))"
    }
}

/// Whether a tool may ask what a running gateway polls.
struct BesideGatewayOption: ParsableArguments {
    @Flag(
        help: """
            Ask although the running gateway polls the same address; many devices allow only one \
            connection.
            """)
    var besideGateway = false

    /// Ends the command with 69 if a gateway holds the line, unless it is told to go on.
    ///
    /// A serial port is locked by whoever has it: there is no going on.
    func check(_ endpoint: Endpoint, _ options: ConfigurationOptions) async throws {
        guard let held = try await HeldLine.of(endpoint, options) else { return }
        if case .serial = endpoint {
            Terminal.say(
                "\(endpoint.text) is \(held.text), which is running and has the port: stop it for "
                    + "the time (systemctl stop millpond), or ask it (millpond status)")
            throw Sysexits.unavailable
        }
        guard besideGateway else {
            Terminal.say(
                "\(endpoint.text) is \(held.text), which is running: many devices allow only one "
                    + "connection. Ask the gateway (millpond status), stop it for the time "
                    + "(systemctl stop millpond), or say --beside-gateway")
            throw Sysexits.unavailable
        }
        Terminal.say("\(endpoint.text) is \(held.text), which is running; asking beside it")
    }
}

extension Endpoint {
    /// Whether both mean one socket or one port, as far as can be told without asking anybody.
    func leadsToSamePlace(as other: Endpoint) -> Bool {
        switch (self, other) {
        case (.serial(let path, _), .serial(let otherPath, _)):
            return path.resolved == otherPath.resolved
        case (.serial, _), (_, .serial):
            return false
        case (.tcp(let host, let port), .tcp(let otherHost, let otherPort)),
            (.rtuOverTCP(let host, let port), .rtuOverTCP(let otherHost, let otherPort)),
            (.tcp(let host, let port), .rtuOverTCP(let otherHost, let otherPort)),
            (.rtuOverTCP(let host, let port), .tcp(let otherHost, let otherPort)):
            return port == otherPort && host.canonicalHost == otherHost.canonicalHost
        }
    }
}

extension String {
    /// The path without symbolic links; itself if it leads nowhere (realpath(3)).
    fileprivate var resolved: String {
        guard let real = realpath(self, nil) else { return self }
        defer { free(real) }
        return String(cString: real)
    }

    /// One spelling for each address; names are not looked up.
    fileprivate var canonicalHost: String {
        var six = in6_addr()
        if inet_pton(AF_INET6, self, &six) == 1 {
            return withUnsafeBytes(of: six) { bytes in
                bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
                    ? "localhost" : bytes.map { "\($0)" }.joined(separator: ":")
            }
        }
        let name = lowercased()
        return name == "127.0.0.1" ? "localhost" : name
    }
}
