// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Modbus
internal import Plant

/// What holds for the whole process.
enum Process {
    /// Before the first link: a peer that hangs up must not end the process, and libmodbus must
    /// never see a descriptor that it cannot use.
    static func prepare() {
        Descriptors.prepareProcess()
    }

    /// The configuration with the pull API on loopback, whatever it says itself.
    ///
    /// TLS and tokens are read and checked but not served yet, and without them nothing may listen
    /// beyond loopback.
    static func loopback(_ configuration: Configuration, _ logger: Logger) -> Configuration {
        let pull = configuration.pull
        guard !["127.0.0.1", "::1", "localhost"].contains(pull.host) else { return configuration }
        logger.warning(
            """
            this version serves the pull API on loopback only: listening on 127.0.0.1:\(pull.port) \
            instead of \(pull.host.authority(port: Int(pull.port)))
            """,
            metadata: ["event": "loopback-only"])
        var loopback = configuration
        loopback.pull.host = "127.0.0.1"
        return loopback
    }
}

extension String {
    /// `host:port`, an IPv6 address in brackets.
    func authority(port: Int) -> String {
        contains(":") ? "[\(self)]:\(port)" : "\(self):\(port)"
    }
}
