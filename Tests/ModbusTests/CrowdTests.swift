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
            let before = connecting(to: port)
            let lines = (0..<40).map { _ in
                Line(name: "connects") { line in
                    var link = Link(to: .tcp(host: "127.0.0.1", port: port), heeding: line)
                    try? link.connect(within: .seconds(30))
                }
            }
            while Connection.turnstile.waiting < 40 - Connection.limitAtOnce {
                await Task.yield()
            }
            while connecting(to: port) - before < Connection.limitAtOnce {
                await Task.yield()
            }
            #expect(connecting(to: port) - before == Connection.limitAtOnce)
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
            try link.connect(within: .milliseconds(400))
            #expect(try link.holding(1) == [1])
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

/// Connections to a port of this machine that wait for their first answer (state 2, SYN-SENT).
private func connecting(to port: UInt16) -> Int {
    guard let file = fopen("/proc/net/tcp", "r") else { return 0 }
    defer { fclose(file) }
    var (count, line) = (0, [CChar](repeating: 0, count: 256))
    let digits = String(port, radix: 16, uppercase: true)
    let end = ":" + String(repeating: "0", count: 4 - digits.count) + digits
    while fgets(&line, CInt(line.count), file) != nil {
        let text = String(
            decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ")
        if fields.count > 3, fields[2].hasSuffix(end), fields[3] == "02" { count += 1 }
    }
    return count
}
