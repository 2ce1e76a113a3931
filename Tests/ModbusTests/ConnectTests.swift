// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Modbus

@Suite struct ConnectTests {
    @Test func `a link is closed until connected, and after close`() throws {
        let server = try addressServer(.tcp)
        var link = Link(to: server.endpoint)
        #expect(link.isConnected == false)
        #expect(throws: ModbusError.broken(errno: ENOTCONN)) { try link.holding(1) }
        try link.connect(within: .seconds(2))
        #expect(try link.holding(1) == [1])
        // Connecting anew closes the socket before.
        try link.connect(within: .seconds(2))
        #expect(try link.holding(2) == [2])
        link.close()
        #expect(link.isConnected == false)
    }

    @Test func `a name is as good as an address`() throws {
        let server = try addressServer(.tcp)
        guard case .tcp(_, let port) = server.endpoint else { return }
        var link = try connected(.tcp(host: "localhost", port: port))
        #expect(try link.holding(1) == [1])
    }

    /// Numbers as inet_pton(3) reads them, and those that only the resolver understands.
    @Test(arguments: ["127.0.0.1", "127.1", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"])
    func `an address is written in any way that the system knows`(_ host: String) throws {
        // The server listens on 127.0.0.1 only: on ::1 nobody does, which is found out at once.
        let server = try addressServer(.tcp)
        guard case .tcp(_, let port) = server.endpoint else {
            Issue.record("a server of TCP is somewhere else")
            return
        }
        var link = Link(to: .tcp(host: host, port: port))
        do throws(ModbusError) {
            try link.connect(within: .seconds(2))
            #expect(try link.holding(1) == [1])
        } catch {
            #expect(host.hasSuffix(":1"))
            #expect([.broken(errno: ECONNREFUSED), .broken(errno: EADDRNOTAVAIL)].contains(error))
        }
    }

    @Test func `an unknown host is said to be unknown`() {
        // The resolver may be out of reach where the tests run.
        let unknown = [ModbusError.broken(errno: ENXIO), .broken(errno: EAGAIN)]
        var link = Link(to: .tcp(host: "no-such-host.invalid", port: 502))
        do throws(ModbusError) {
            try link.connect(within: .seconds(10))
            Issue.record("connected to nowhere")
        } catch {
            #expect(unknown.contains(error))
        }
    }

    @Test func `a refused port gives its true reason`() throws {
        let server = try ModbusServer(.tcp(port: 0))
        let closed = RefusedPort()
        var link = Link(to: .tcp(host: "127.0.0.1", port: closed.port))
        #expect(throws: ModbusError.broken(errno: ECONNREFUSED)) {
            try link.connect(within: .seconds(2))
        }
        withExtendedLifetime(server) {}
    }

    @Test func `a connect that nobody answers ends in time`() throws {
        let full = try FullListener()
        var link = Link(to: .tcp(host: "127.0.0.1", port: full.port))
        #expect(throws: ModbusError.broken(errno: ETIMEDOUT)) {
            try link.connect(within: .milliseconds(50))
        }
    }

    @Test func `a connection is watched while nothing is said`() throws {
        let server = try addressServer(.tcp)
        let link = try connected(server.endpoint)
        let wire = link.wire
        let descriptor = try #require(wire).descriptor
        func option(_ level: Int32, _ name: Int32) -> Int32 {
            var (value, size) = (Int32(-1), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(descriptor, level, name, &value, &size)
            return value
        }
        let tcp = Int32(IPPROTO_TCP)
        #expect(option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(tcp, TCP_KEEPIDLE) == 10)
        #expect(option(tcp, TCP_KEEPINTVL) * option(tcp, TCP_KEEPCNT) <= 10)
        #expect(option(tcp, TCP_USER_TIMEOUT) == 10_000)
        #expect(option(tcp, TCP_NODELAY) == 1)
    }

    /// As some dongles do: what is asked in the first seconds after connecting is swallowed.
    @Test func `a device that swallows its first questions is not connected to anew for that`()
        throws
    {
        let connections = Mutex(0)
        let peer = try RawPeer { conversation in
            connections.withLock { $0 += 1 }
            conversation.converse(.tcp) { heard, number in number < 3 ? [] : heard.answer }
        }
        var link = try connected(tcp(peer))
        for _ in 0..<3 {
            #expect(throws: ModbusError.silent) { try link.holding(1, within: .milliseconds(30)) }
        }
        #expect(try link.holding(2) == [2])
        #expect(connections.withLock(\.self) == 1)
    }

    @Test func `a taken port is refused to a second server`() throws {
        let first = try ModbusServer(.tcp(port: 0))
        guard case .tcp(_, let port) = first.endpoint else { return }
        #expect(throws: ModbusError.broken(errno: EADDRINUSE)) {
            try ModbusServer(.tcp(port: port))
        }
        withExtendedLifetime(first) {}
    }

    @Test func `descriptors from 1024 on are refused, cleanly`() async {
        await #expect(processExitsWith: .success) {
            raiseDescriptorLimit()
            let server = try addressServer(.tcp)
            var link = try connected(server.endpoint)
            while dup(2) < Descriptors.limit - 1 {}
            // This one is open, but there is no room left for the pair that libmodbus uses.
            #expect(throws: ModbusError.tooManyDescriptors) { try link.holding(1) }
            let serial = try? ModbusServer(.serial(Way.format))
            #expect(serial == nil)
            while dup(2) < 2 * Descriptors.limit {}
            var late = Link(to: server.endpoint)
            #expect(throws: ModbusError.tooManyDescriptors) {
                try late.connect(within: .seconds(2))
            }
            #expect(throws: ModbusError.tooManyDescriptors) {
                try SerialPort.open("/dev/ptmx", Way.format, heeding: nil)
            }
        }
    }

    @Test func `a prepared process has 1024 descriptors and survives SIGPIPE`() async {
        await #expect(processExitsWith: .success) {
            raiseDescriptorLimit()
            Descriptors.prepareProcess()
            var limits = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
            #expect(limits.rlim_cur == rlim_t(Descriptors.limit))
            kill(getpid(), SIGPIPE)
            let server = try addressServer(.tcp)
            while dup(2) >= 0 {}
            var link = Link(to: server.endpoint)
            #expect(throws: ModbusError.tooManyDescriptors) {
                try link.connect(within: .seconds(2))
            }
        }
    }
}

private func raiseDescriptorLimit() {
    var limits = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    getrlimit(resource, &limits)
    limits.rlim_cur = min(limits.rlim_max, 4096)
    setrlimit(resource, &limits)
}

/// A port that is bound, so that nobody else takes it, but where nobody listens.
private final class RefusedPort {
    let port: UInt16
    private let descriptor: Int32

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = Loopback.bind(descriptor)
    }

    deinit { close(descriptor) }
}

/// A listener whose queue is full: the kernel leaves further connections unanswered.
final class FullListener {
    let port: UInt16
    private var descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = Loopback.bind(listener)
        listen(listener, 0)
        descriptors = [listener]
        for _ in 0..<3 {
            let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue
            let descriptor = socket(AF_INET, Int32(kind), 0)
            Loopback.withAddress(port) { _ = connect(descriptor, $0, $1) }
            descriptors.append(descriptor)
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

private enum Loopback {
    static func withAddress(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Void
    ) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                body($0.baseAddress, socklen_t(bytes.count))
            }
        }
    }

    static func bind(_ descriptor: Int32) -> UInt16 {
        withAddress(0) { _ = Glibc.bind(descriptor, $0, $1) }
        return Entrance.port(of: descriptor)
    }
}
