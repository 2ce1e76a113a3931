// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Where to connect to, as the system's calls want it.
struct SocketAddress: Sendable {
    let family: Int32
    /// A `sockaddr` of that family.
    let bytes: [UInt8]

    fileprivate init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// An address written in numbers (inet_pton(3)), for which a line's thread need not have the
    /// stack that the resolver takes; `nil` for anything else, and for one with a zone (RFC 4007, §11).
    fileprivate init?(literal host: String, port: UInt16) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            self.init(family: AF_INET, bytes: withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            self.init(family: AF_INET6, bytes: withUnsafeBytes(of: six) { Array($0) })
        } else {
            return nil
        }
    }
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
        if let address = SocketAddress(literal: host, port: port) {
            lookup.finish(.success([address]))
        } else if host.contains("%"), let addresses = try? resolve(host, port, AI_NUMERICHOST).get()
        {
            lookup.finish(.success(addresses))
        } else {
            resolver.add { lookup.finish(resolve(host, port)) }
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
        _ host: String, _ port: UInt16, _ flags: Int32 = 0
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
