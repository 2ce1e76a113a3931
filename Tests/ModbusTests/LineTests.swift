// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import Modbus

@Suite struct LineTests {
    @Test func `a pause ends when it is due, not before`() async {
        let wake = Mutex<(Line.Wake, Bool)?>(nil)
        let line = Line(name: "test") { line in
            let due = ContinuousClock.now + .milliseconds(20)
            let reason = line.pause(until: due)
            wake.withLock { $0 = (reason, .now >= due) }
        }
        await line.finished()
        wake.withLock { wake in
            #expect(wake?.0 == .due)
            #expect(wake?.1 == true)
        }
    }

    @Test func `a pause until the past is over at once`() async {
        let line = Line(name: "test") { line in
            #expect(line.pause(until: .now - .seconds(5)) == .due)
        }
        await line.finished()
    }

    @Test func `a stop wakes a pause, and stays`() async {
        let wakes = Mutex<[Line.Wake]>([])
        let line = Line(name: "test") { line in
            for _ in 0..<3 {
                let wake = line.pause(until: .now + .seconds(60))
                wakes.withLock { $0.append(wake) }
            }
        }
        #expect(!line.isStopping)
        line.stop()
        line.stop()
        await line.finished()
        #expect(line.isStopping)
        #expect(wakes.withLock { $0 } == [.stop, .stop, .stop])
    }

    @Test func `many may wait for the end, and late ones need not`() async {
        let line = Line(name: "test") { line in _ = line.pause(until: .now + .seconds(60)) }
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { await line.finished() } }
            line.stop()
        }
        await line.finished()
    }

    @Test func `a thread bears its line's name, cut to what the kernel takes`() async {
        let name = Mutex("")
        let line = Line(name: "line 1: a name far too long") { _ in
            let file = open("/proc/thread-self/comm", O_RDONLY)
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 64)
            // The thread may be named only just after it began.
            repeat { lseek(file, 0, SEEK_SET) } while read(file, &bytes, 64) != 16
            name.withLock { $0 = String(decoding: bytes.prefix(15), as: UTF8.self) }
        }
        await line.finished()
        #expect(name.withLock { $0 } == "line 1: a name ")
    }

    @Test(arguments: Way.allCases)
    func `a stop ends a read that waits for its answer`(way: Way) async throws {
        let server = try addressServer(way)
        server.commit(.silent, unit: 1)
        let endpoint = server.endpoint
        let outcome = Mutex<ModbusError?>(nil)
        let line = Line(name: "test") { line in
            var link = Link(to: endpoint, heeding: line)
            do throws(ModbusError) {
                try link.connect(within: .seconds(2))
                // Only a stop ends this within the patience of any test.
                _ = try link.holding(1, within: .seconds(3600))
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        while server.requests(unit: 1) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        line.stop()
        await line.finished()
        #expect(outcome.withLock { $0 } == .broken(errno: ECANCELED))
    }
}
