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

    func validate() throws {
        guard gateway == nil || options.file == nil else {
            throw ValidationError("say once which gateway: by --gateway or by --config")
        }
        _ = try given
    }

    private var given: ListenAddress? {
        get throws {
            guard let gateway else { return nil }
            guard let address = ListenAddress(gateway), address.port > 0 else {
                throw ValidationError("--gateway takes HOST:PORT, such as 127.0.0.1:8470")
            }
            return address
        }
    }

    /// The gateway's address: as given, else as the configuration says if one was named or is in
    /// its usual place, else the default one.
    var client: GatewayClient {
        get throws {
            if let address = try given {
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
        // Whatever its flaw, whoever asks says what would be an address.
        guard let address = try? Address(text), let port = address.port else { return nil }
        host = address.host
        self.port = Int(port)
    }
}

extension GatewayClient {
    /// `get`, with a sentence and exit code 69 if no gateway answers or it says no, and 65 if that is
    /// for what it was asked, such as a cursor that it never gave.
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
            Terminal.say("the gateway answered \(answer.status): \(answer.complaint)")
            throw answer.status == 400 ? Sysexits.data : Sysexits.unavailable
        }
        return answer
    }
}

extension GatewayClient.Answer {
    private struct Problem: Decodable { var detail: String }

    /// What a problem document says to do; all of it where the answer is none.
    fileprivate var complaint: String {
        // What is no problem document is shown as it came.
        (try? JSONDecoder().decode(Problem.self, from: Data(body)))?.detail
            ?? String(decoding: body, as: UTF8.self)
    }
}
