// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Modbus

/// What many links do at once: they wait for each other, in order, and no longer than they must.
@Suite struct CrowdTests {
    @Test func `a turnstile lets a few through, and the rest in the order of their coming`() async {
        let turnstile = Turnstile(width: 2)
        let order = Mutex<[Int]>([])
        #expect((try? turnstile.enter(heeding: nil)) == true)
        #expect((try? turnstile.enter(heeding: nil)) == true)
        var lines: [Line] = []
        for number in 0..<5 {
            lines.append(
                Line(name: "waits") { line in
                    guard (try? turnstile.enter(heeding: line)) == true else { return }
                    order.withLock { $0.append(number) }
                    turnstile.leave()
                })
            while turnstile.waiting <= number { await Task.yield() }
        }
        turnstile.leave()
        for line in lines { await line.finished() }
        #expect(order.withLock(\.self) == [0, 1, 2, 3, 4])
        #expect(turnstile.waiting == 0)
    }

    @Test func `who waits for a place gives up in time, or when asked to stop`() async throws {
        let turnstile = Turnstile(width: 1)
        #expect(try turnstile.enter(heeding: nil) == true)
        #expect(try turnstile.enter(by: .now + .milliseconds(20), heeding: nil) == false)
        let failure = Mutex<ModbusError?>(nil)
        let line = Line(name: "waits") { line in
            do throws(ModbusError) {
                _ = try turnstile.enter(heeding: line)
            } catch {
                failure.withLock { $0 = error }
            }
        }
        while turnstile.waiting == 0 { await Task.yield() }
        line.stop()
        await line.finished()
        #expect(failure.withLock(\.self) == .broken(errno: ECANCELED))
        turnstile.leave()
        #expect(try turnstile.enter(by: .now, heeding: nil) == true, "the place is not lost")
    }

    /// In a process of its own: all links of a process share the places.
    @Test func `no more than 32 connections are made at once, and a stop ends the queue`() async {
        await #expect(processExitsWith: .success) {
            let full = try FullListener()
            let port = full.port
            let before = connecting()
            let lines = (0..<40).map { _ in
                Line(name: "connects") { line in
                    var link = Link(to: .tcp(host: "127.0.0.1", port: port), heeding: line)
                    try? link.connect(within: .seconds(30))
                }
            }
            while Connection.turnstile.waiting < 40 - Connection.limitAtOnce {
                await Task.yield()
            }
            while connecting() - before < Connection.limitAtOnce {
                await Task.yield()
            }
            #expect(connecting() - before == Connection.limitAtOnce)
            for line in lines { line.stop() }
            for line in lines { await line.finished() }
            #expect(Connection.turnstile.waiting == 0)
            withExtendedLifetime(full) {}
        }
    }

    @Test func `time in the queue is not taken from a connection's own`() async {
        await #expect(processExitsWith: .success) {
            let server = try addressServer(.tcp)
            for _ in 0..<Connection.limitAtOnce { _ = try Connection.turnstile.enter(heeding: nil) }
            let line = Line(name: "connects") { line in
                var link = Link(to: server.endpoint, heeding: line)
                try? link.connect(within: .seconds(1))
                guard link.isConnected else { exit(1) }
            }
            while Connection.turnstile.waiting == 0 { await Task.yield() }
            try await ContinuousClock().sleep(for: .milliseconds(1200))
            Connection.turnstile.leave()
            await line.finished()
        }
    }

    @Test func `names are looked up by a few threads, in order, and all in the end`() async {
        let (resolver, bell) = (Resolver(), Bell())
        let counts = Mutex((begun: 0, ended: 0))
        for _ in 0..<40 {
            resolver.add {
                counts.withLock { $0.begun += 1 }
                _ = bell.wait(until: .now + .seconds(60))
                counts.withLock { $0.ended += 1 }
            }
        }
        while counts.withLock(\.begun) < Resolver.limitAtOnce { await Task.yield() }
        #expect(counts.withLock(\.begun) == Resolver.limitAtOnce)
        bell.ring()
        while counts.withLock(\.ended) < 40 { await Task.yield() }
    }

    /// In a process of its own, whose resolver is blocked as a mute name server blocks it.
    @Test func `a mute name server costs a known host nothing but time`() async {
        await #expect(processExitsWith: .success) {
            let server = try addressServer(.tcp)
            guard case .tcp(_, let port) = server.endpoint else { exit(1) }
            var link = try connected(.tcp(host: "localhost", port: port))
            let bell = Bell()
            for _ in 0..<Resolver.limitAtOnce {
                Lookup.resolver.add { _ = bell.wait(until: .now + .seconds(60)) }
            }
            try link.connect(within: .seconds(2))
            #expect(try link.holding(1) == [1])
            // What is written in numbers needs nobody's answer.
            var literal = Link(to: .tcp(host: "127.0.0.1", port: port))
            try literal.connect(within: .seconds(2))
            #expect(try literal.holding(1) == [1])
            for host in ["::1", "::ffff:127.0.0.1", "fe80::1%lo"] {
                let lookup = Lookup.start(host: host, port: port)
                let found = try #require(try lookup.addresses(by: .now, heeding: nil))
                #expect(found.map(\.family) == [AF_INET6])
                #expect(Array(found[0].bytes[2..<4]) == [UInt8(port >> 8), UInt8(port & 0xFF)])
                #expect(found[0].bytes.count == MemoryLayout<sockaddr_in6>.size)
            }
            var other = Link(to: .tcp(host: "localhost", port: port))
            #expect(throws: ModbusError.broken(errno: ETIMEDOUT)) {
                try other.connect(within: .milliseconds(100))
            }
            bell.ring()
            try other.connect(within: .seconds(5))
            #expect(try other.holding(2) == [2])
        }
    }
}

/// Connections of this process that wait for their first answer. The kernel is asked about each: a
/// table of all connections skips and repeats lines when others come and go meanwhile.
private func connecting() -> Int {
    let waiting = 2  // TCP_SYN_SENT
    return (3..<Descriptors.limit).count { descriptor in
        var (state, size) = (UInt8(0), socklen_t(1))
        let result = getsockopt(Int32(descriptor), Int32(IPPROTO_TCP), TCP_INFO, &state, &size)
        return result == 0 && state == waiting
    }
}
