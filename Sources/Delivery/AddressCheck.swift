// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension PullServer.Address {
    /// Throws unless the API could listen there now. It takes the address for a moment and listens to
    /// nobody, so that it keeps nobody else from it.
    package func check() throws(PullServer.CannotListen) {
        // Any port: one is found.
        guard port > 0 else { return }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let found else {
            throw PullServer.CannotListen(address: self, errno: nil)
        }
        defer { freeaddrinfo(found) }
        // The first, as the server takes it.
        let place = found.pointee
        let file = socket(place.ai_family, place.ai_socktype | Self.closing, place.ai_protocol)
        guard file >= 0 else { throw PullServer.CannotListen(address: self, errno: errno) }
        defer { close(file) }
        // As the server does: connections of one that has just ended are in nobody's way.
        var yes: Int32 = 1
        setsockopt(
            file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout.size(ofValue: yes)))
        guard bind(file, place.ai_addr, place.ai_addrlen) == 0 else {
            throw PullServer.CannotListen(address: self, errno: errno)
        }
    }

    private static let closing = Int32(SOCK_CLOEXEC.rawValue)
}
