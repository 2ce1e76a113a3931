// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import FoundationEssentials
internal import NIOCore
internal import Plant

/// Which running gateway a command asks.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where its API listens (default: by the configuration, else 127.0.0.1:8470).",
            valueName: "host:port"))
    var gateway: String?
    @OptionGroup var options: ConfigurationOptions

    /// The gateway's address: as given, else as the configuration says if one was named or is in
    /// its usual place, else the default one.
    var client: GatewayClient {
        get throws {
            if let gateway {
                guard let address = ListenAddress(gateway) else {
                    Terminal.say("--gateway takes HOST:PORT, such as 127.0.0.1:8470")
                    throw Sysexits.usage
                }
                return GatewayClient(host: address.host, port: address.port)
            }
            guard options.isGiven || FileManager.default.fileExists(atPath: options.path) else {
                return GatewayClient(
                    host: Configuration.Default.host, port: Int(Configuration.Default.listenPort))
            }
            let pull = try options.read().pull
            return GatewayClient(host: pull.host, port: Int(pull.port))
        }
    }
}

/// `host:port`, an IPv6 address in brackets.
struct ListenAddress: Equatable {
    let host: String
    /// 0–65535.
    let port: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }
}

extension GatewayClient {
    /// `get`, with a sentence and exit code 69 if no gateway answers or it says no.
    func ask(_ path: String, accept: String = "application/json") async throws -> Answer {
        let answer: Answer
        do {
            answer = try await get(path, accept: accept)
        } catch {
            Terminal.say(
                "no gateway answers at \(host.authority(port: port)): is `millpond run` running, "
                    + "and is this its address?")
            throw Sysexits.unavailable
        }
        guard answer.status == 200 else {
            Terminal.say(
                "the gateway answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))"
            )
            throw Sysexits.unavailable
        }
        return answer
    }
}
