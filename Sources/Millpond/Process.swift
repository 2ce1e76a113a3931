// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import CLinux
internal import Logging
internal import Modbus
internal import Plant

/// What holds for the whole process.
enum Process {
    /// Before the first link: a peer that hangs up must not end the process, and libmodbus must
    /// never see a descriptor that it cannot use.
    static func prepare() { Descriptors.prepareProcess() }

    /// On the main thread, before there is a second: an arena that is made stays. Two cores' worth
    /// of them serve hundreds of threads that mostly sleep, where malloc would make eight for each
    /// core and leave 10 MB scattered over them.
    static func limitMemory() {
        mallopt(M_ARENA_MAX, arenas)
        mallopt(M_MMAP_THRESHOLD, largestKept)
        mallopt(M_TRIM_THRESHOLD, spareMemory)
    }

    private static let arenas: Int32 = 2

    /// Gives back what only the start has needed (malloc_trim(3)).
    static func trim() { malloc_trim(0) }

    /// What may lie free at the end of the heap. Left to itself, malloc keeps whatever the largest
    /// batch has needed: with 850 connections 6 MB more than with this. Half of this saves 4 MB
    /// again and costs a tenth of the CPU, because every batch then maps its memory anew.
    private static let spareMemory: Int32 = 2 << 20

    /// Nothing of a batch is as large: to map a piece for every batch costs more than to keep it.
    private static let largestKept: Int32 = 16 << 20

    /// The configuration with the pull API on loopback, whatever it says itself.
    ///
    /// TLS and tokens are read and checked but not served yet, and without them nothing may listen
    /// beyond loopback.
    static func loopback(_ configuration: Configuration, _ logger: Logger) -> Configuration {
        let pull = configuration.pull
        var loopback = configuration
        loopback.pull.host = served(pull.host)
        guard loopback.pull.host != pull.host else { return configuration }
        logger.warning(
            """
            this version serves the pull API on loopback only: listening on 127.0.0.1:\(pull.port) \
            instead of \(pull.host.authority(port: Int(pull.port)))
            """,
            metadata: ["event": "loopback-only"])
        return loopback
    }

    /// Where the API listens that is to listen on `host`.
    static func served(_ host: String) -> String {
        ["127.0.0.1", "::1", "localhost"].contains(host) ? host : "127.0.0.1"
    }
}

extension Process {
    /// What of the pull API's protection is described and not there yet; `nil` if nothing is.
    static func unserved(_ pull: Configuration.PullSettings) -> String? {
        guard pull.tokens != nil || pull.tls != nil || pull.insecureLAN else { return nil }
        return "this version asks for no tokens, serves no TLS and listens on loopback only: "
            + "whoever reaches loopback on this box can read"
    }

    /// What works, and yet not as somebody may think who has read the configuration. A line that
    /// is asked for too much is no reason not to start: what it can carry is better than nothing.
    static func warn(of configuration: Configuration, _ logger: Logger) {
        let folder = PathName.nearest(configuration.buffer.directory)
        let hazards = Mount.holding(folder).map { DiskDiagnosis.hazards(of: $0, under: folder) }
        for hazard in hazards ?? [] {
            logger.warning("\(hazard.sentence)", metadata: ["event": "disk-unsafe"])
        }
        if let unserved = unserved(configuration.pull) {
            logger.warning("\(unserved)", metadata: ["event": "tokens-not-asked"])
        }
        for plan in WirePlan.all(of: configuration) where plan.isPhysics && plan.load > 1 {
            logger.warning(
                """
                \(plan.connection) is asked for \(Wording.decimal(plan.load * 100, places: 0)) % of \
                what the line can carry; polls are skipped, in turn: read less often (`every`), \
                raise `baud`, or move devices to another line; `millpond check` refuses it
                """,
                metadata: ["event": "overloaded", "connection": "\(plan.connection)"])
        }
    }
}

extension String {
    /// `host:port`, an IPv6 address in brackets.
    func authority(port: Int) -> String {
        contains(":") ? "[\(self)]:\(port)" : "\(self):\(port)"
    }
}
