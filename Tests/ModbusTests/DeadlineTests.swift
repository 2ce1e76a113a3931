// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Modbus

/// No read outlasts its deadline, whatever the wire does before, meanwhile or instead. The figure
/// to reach is a tenth more; a machine that runs all tests at once is given half.
@Suite struct DeadlineTests {
    private static let timeout = Duration.milliseconds(600)
    private static let longest = timeout * 3 / 2

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
        let began = ContinuousClock.now
        #expect(throws: ModbusError.self) { try link.holding(200, 4, within: Self.timeout) }
        #expect(.now - began <= Self.longest)
    }
}
