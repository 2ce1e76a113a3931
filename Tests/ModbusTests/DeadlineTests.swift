// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

/// No read outlasts its deadline by more than a tenth, whatever the wire does before, meanwhile or
/// instead. Time in which this thread was ready and another one had the processor is not counted.
@Suite struct DeadlineTests {
    private static let timeout = Duration.milliseconds(600)
    private static let longest = timeout * 11 / 10

    struct Trouble: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let framing: Endpoint.Framing
        /// One that was tried before, in vain, leaves a debt.
        var triedBefore = false
        let script: @Sendable (Conversation) -> Void
    }

    private static func babble(_ bytes: [UInt8], _ conversation: Conversation) {
        let noise = Array(repeating: bytes, count: 4096 / bytes.count).flatMap { $0 }
        while (try? conversation.wire.send(noise, by: .now + .seconds(1))) != nil {}
    }

    /// Unit 1, function 3, four bytes: an answer that only ever begins.
    private static let beginning: [UInt8] = [1, 3, 4, 0]

    static let troubles = [Endpoint.Framing.tcp, .rtu].flatMap { framing in
        [
            Trouble(testDescription: "\(framing): silence", framing: framing) {
                $0.waitForEnd()
            },
            Trouble(testDescription: "\(framing): babble unasked", framing: framing) {
                babble(framing == .tcp ? Frame.tcp(0, unit: 1, [3, 2, 0, 1]) : [0x55], $0)
            },
            Trouble(testDescription: "\(framing): babble when asked", framing: framing) {
                guard $0.hear() != nil else { return }
                babble(framing == .tcp ? Frame.tcp(0, unit: 1, [3, 2, 0, 1]) : beginning, $0)
            },
            Trouble(testDescription: "\(framing): drip by drip", framing: framing) {
                guard let bytes = $0.hear() else { return }
                for byte in Heard(bytes, framing).answer {
                    $0.say([byte])
                    guard
                        (try? $0.wire.wait(for: POLLIN, until: .now + .milliseconds(200))) == false
                    else { return }
                }
            },
            Trouble(testDescription: "\(framing): half an answer", framing: framing) {
                guard let bytes = $0.hear() else { return }
                $0.say(Array(Heard(bytes, framing).answer.prefix(6)))
                $0.waitForEnd()
            },
            Trouble(
                testDescription: "\(framing): answered only when the question is another",
                framing: framing, triedBefore: true
            ) { conversation in
                conversation.converse(framing) { heard, _ in
                    heard.count == 4 ? [] : heard.answer
                }
            },
        ]
    }

    @Test(arguments: troubles)
    func `no trouble on a socket outlasts the deadline`(trouble: Trouble) throws {
        let peer = try RawPeer(trouble.script)
        var link = try connected(trouble.framing == .tcp ? tcp(peer) : rtu(peer))
        if trouble.triedBefore {
            #expect(throws: ModbusError.self) {
                try link.holding(100, 4, within: .milliseconds(50))
            }
        }
        expectInTime(&link)
    }

    /// The new connection is made by the kernel, but nobody answers there.
    @Test(arguments: [Endpoint.Framing.tcp, .rtu])
    func `a connection made anew has what is left of the time`(framing: Endpoint.Framing) throws {
        let first = Bell()
        let peer = try RawPeer { conversation in
            if !first.isRung { first.ring() } else { conversation.waitForEnd() }
        }
        var link = try connected(framing == .tcp ? tcp(peer) : rtu(peer))
        let ended = try link.seesEnd(within: .seconds(2))
        try #require(ended)
        expectInTime(&link)
        #expect(link.counts.connections == 2)
    }

    @Test(arguments: [Fault.silent, .drip(.milliseconds(150)), .garbage, .late(.seconds(5))])
    func `no trouble on a port outlasts the deadline`(fault: Fault) throws {
        let server = try addressServer(.serial)
        var link = try connected(server.endpoint)
        server.commit(fault, unit: 1)
        for _ in 0..<3 { expectInTime(&link) }
    }

    private func expectInTime(_ link: inout Link) {
        let (began, waited) = (ContinuousClock.now, Self.timeWithoutProcessor)
        #expect(throws: ModbusError.self) { try link.holding(200, 4, within: Self.timeout) }
        let took = .now - began - (Self.timeWithoutProcessor - waited)
        #expect(took <= Self.longest)
    }

    /// For how long this thread has been ready to run and did not (proc_pid_schedstat(5)); it stands
    /// still where the kernel keeps no count.
    private static var timeWithoutProcessor: Duration {
        let file = open("/proc/thread-self/schedstat", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = max(read(file, &bytes, bytes.count), 0)
        let fields = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        return .nanoseconds(fields.count > 1 ? Int64(fields[1]) ?? 0 : 0)
    }
}
