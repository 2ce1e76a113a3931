// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Plant
internal import Settings

/// Which configuration a command works by.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration (default: $MILLPOND_CONFIG, else /etc/millpond/millpond.yaml).",
            valueName: "file"))
    var file: String?

    /// Whether one was named, rather than looked for in its usual place.
    var isGiven: Bool { file != nil || Self.environment != nil }

    /// `$MILLPOND_CONFIG`; an empty one counts as none.
    private static var environment: String? {
        getenv("MILLPOND_CONFIG").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    var path: String {
        file ?? Self.environment ?? "/etc/millpond/millpond.yaml"
    }

    /// Reads the configuration; says every mistake and exits 78 if it cannot be used.
    func read() throws -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration.read(file: path, profilesBeside: Executable.path).0
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            Terminal.say(
                "\(Wording.count(error.mistakes.count, "mistake")) in the configuration; "
                    + "see `millpond check \(path)`")
            throw Sysexits.configuration
        }
    }
}

/// The running binary.
enum Executable {
    /// Where it lies (proc(5), `/proc/self/exe`): the shipped profiles are found from there.
    static var path: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return CommandLine.arguments.first ?? "millpond" }
        return String(decoding: buffer.prefix(count).map(UInt8.init), as: UTF8.self)
    }
}

/// What this build is called in logs, in `--version` and in the API.
enum Version {
    static let text = "0.1.0"
}
