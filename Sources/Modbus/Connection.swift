// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A TCP connection in the making: without blocking, with its true error, watched while idle.
enum Connection {
    /// How long what was sent may stay unacknowledged, and how long a peer may be gone
    /// unnoticed, before the connection counts as broken.
    static let patience = Duration.seconds(10)
    /// Connections that the whole process may be making at once: when a hundred devices come back
    /// together, a small switch or a device server sees no more than these at a time.
    static let limitAtOnce = 32
    static let turnstile = Turnstile(width: limitAtOnce)

    /// Makes a connection that there was none of: `timeout` begins when it is its turn.
    static func open(
        _ addresses: [SocketAddress], within timeout: Duration, heeding line: Line?
    ) throws(ModbusError) -> Wire {
        _ = try turnstile.enter(heeding: line)
        defer { turnstile.leave() }
        return try attempt(addresses, by: .now + timeout, heeding: line)
    }

    /// Makes a connection anew that was lost while idle, all by `deadline`, its turn included.
    static func reopen(
        _ addresses: [SocketAddress], by deadline: ContinuousClock.Instant, heeding line: Line?
    ) throws(ModbusError) -> Wire {
        guard try turnstile.enter(by: deadline, heeding: line) else {
            throw .broken(errno: ETIMEDOUT)
        }
        defer { turnstile.leave() }
        return try attempt(addresses, by: deadline, heeding: line)
    }

    /// Tries the addresses in turn, each with an equal share of the time that is left.
    private static func attempt(
        _ addresses: [SocketAddress], by deadline: ContinuousClock.Instant, heeding line: Line?
    ) throws(ModbusError) -> Wire {
        var failure = ModbusError.broken(errno: ENXIO)
        for (index, address) in addresses.enumerated() {
            let now = ContinuousClock.now
            let share = (deadline - now) / (addresses.count - index)
            do throws(ModbusError) {
                return try attempt(address, by: now + share, heeding: line)
            } catch .tooManyDescriptors {
                throw .tooManyDescriptors
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func attempt(
        _ address: SocketAddress, by deadline: ContinuousClock.Instant, heeding line: Line?
    ) throws(ModbusError) -> Wire {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let wire = Wire(
            descriptor: try Descriptors.admit(socket(address.family, Int32(kind), 0)), line: line,
            medium: .socket)
        do throws(ModbusError) {
            try connect(wire, to: address, by: deadline)
        } catch {
            wire.close()
            throw error
        }
        watch(wire.descriptor)
        Wire.makePatient(wire.descriptor)
        return wire
    }

    private static func connect(
        _ wire: Wire, to address: SocketAddress, by deadline: ContinuousClock.Instant
    ) throws(ModbusError) {
        let begun = address.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                Glibc.connect(wire.descriptor, address.baseAddress, socklen_t(bytes.count))
            }
        }
        if begun == 0 { return }
        // An interrupted connect goes on by itself, like one that would block.
        guard [EINPROGRESS, EINTR].contains(errno) else { throw .broken(errno: errno) }
        guard try wire.wait(for: POLLOUT, until: deadline) else { throw .broken(errno: ETIMEDOUT) }
        var reason: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(wire.descriptor, SOL_SOCKET, SO_ERROR, &reason, &size)
        guard reason == 0 else { throw .broken(errno: reason) }
    }

    /// A question goes out at once; a peer that lost power is noticed.
    private static func watch(_ descriptor: Int32) {
        let seconds = Int32(patience.components.seconds)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, seconds)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, max(1, seconds / 3))
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 1000 * seconds)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        let outcome = setsockopt(
            descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        precondition(outcome == 0, "Linux has had these options for longer than Swift")
    }
}
