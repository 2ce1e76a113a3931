// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Where to connect to, as the system's calls want it.
struct SocketAddress: Sendable {
    let family: Int32
    /// A `sockaddr` of that family.
    let bytes: [UInt8]
}

/// A name being looked up, on a thread for such: the resolver blocks for as long as its name
/// servers let it, which no deadline of ours could end.
final class Lookup: Sendable {
    static let resolver = Resolver()

    private let bell = Bell()
    private let outcome = Mutex(Result<[SocketAddress], ModbusError>.success([]))

    private init() {}

    /// Starts to look `host` up; a literal address is understood at once.
    static func start(host: String, port: UInt16) -> Lookup {
        let lookup = Lookup()
        if case .success(let addresses) = resolve(host, port, flags: AI_NUMERICHOST) {
            lookup.finish(.success(addresses))
        } else {
            resolver.add { lookup.finish(resolve(host, port, flags: 0)) }
        }
        return lookup
    }

    private func finish(_ result: Result<[SocketAddress], ModbusError>) {
        outcome.withLock { $0 = result }
        bell.ring()
    }

    /// The addresses, one or more; nil when they are not known by the deadline.
    func addresses(
        by deadline: ContinuousClock.Instant, heeding line: Line?
    ) throws(ModbusError) -> [SocketAddress]? {
        while !bell.wait(until: min(deadline, .now + Wire.attention)) {
            if line?.isStopping == true { throw .broken(errno: ECANCELED) }
            if deadline <= .now { return nil }
        }
        return try outcome.withLock { $0 }.get()
    }

    private static func resolve(
        _ host: String, _ port: UInt16, flags: Int32
    ) -> Result<[SocketAddress], ModbusError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0 else { return .failure(.broken(errno: reason(of: failure))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            let raw = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
            addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(raw)))
            next = entry.ai_next
        }
        return .success(addresses)
    }

    /// The resolver has error numbers of its own; the nearest of the system's tell the same:
    /// ENXIO for a name that does not exist, EAGAIN for a name server that does not answer.
    private static func reason(of failure: Int32) -> Int32 {
        switch failure {
        case EAI_AGAIN: EAGAIN
        case EAI_MEMORY: ENOMEM
        case EAI_SYSTEM: errno
        default: ENXIO
        }
    }
}
