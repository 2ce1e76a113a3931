// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The addresses of one host, as the resolver said last.
///
/// A name server that is mute does no harm to a connection that was made before: what was known
/// then is tried again.
struct Addresses {
    private(set) var known: [SocketAddress] = []
    private var lookup: Lookup?

    /// Looks `host` up once more, by `deadline` or in half of that time if there is something to
    /// fall back on. Throws `.broken` with the resolver's reason, ETIMEDOUT when it gave none.
    mutating func find(
        host: String, port: UInt16, by deadline: ContinuousClock.Instant, heeding line: Line?
    ) throws(ModbusError) {
        let lookup = self.lookup.take() ?? Lookup.start(host: host, port: port)
        let now = ContinuousClock.now
        let limit = known.isEmpty ? deadline : now + (deadline - now) / 2
        do throws(ModbusError) {
            if let found = try lookup.addresses(by: limit, heeding: line) {
                known = found
                return
            }
            // It goes on, so that there is never more than one of this host.
            self.lookup = lookup
            throw .broken(errno: ETIMEDOUT)
        } catch .broken(let reason) where !known.isEmpty && Self.isMute(reason) {
            return
        }
    }

    private static func isMute(_ reason: Int32) -> Bool { [ETIMEDOUT, EAGAIN].contains(reason) }
}
