// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// What a link counts of its wire.
@Suite struct CountTests {
    /// Where bytes come at once, on a machine that may be busy.
    private static let fair = Duration.seconds(1)

    @Test(arguments: Way.allCases)
    func `a sound wire counts nothing but its connection`(way: Way) throws {
        let server = try addressServer(way)
        var link = try connected(server.endpoint)
        for start in UInt16(0)..<10 { #expect(try link.holding(start, 3).count == 3) }
        var counts = LinkCounts()
        counts.connections = 1
        #expect(link.counts == counts)
    }

    @Test func `noise, echoes and strangers are stray bytes`() throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.rtu) { heard, _ in
                let echo = Frame.rtu(unit: heard.unit, [3] + Frame.bytes(heard.start) + [0, 1])
                return echo + [0] + heard.answer([3, 2, 7, 7], unit: 9) + heard.answer
            }
        }
        var link = try connected(rtu(peer))
        for start in UInt16(1)...3 { #expect(try link.holding(start) == [start]) }
        #expect(link.counts.strayBytes == 3 * (8 + 1 + 7))
        #expect(link.counts.damagedFrames == 0)
    }

    /// Its length is that of the answer, so nothing better is waited for.
    @Test func `a damaged frame counts, and costs less than the timeout`() throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.rtu) { heard, number in
                number == 0 ? heard.answer.dropLast() + [0x55] : heard.answer
            }
        }
        var link = try connected(rtu(peer))
        let began = ContinuousClock.now
        #expect(throws: ModbusError.garbled) { try link.holding(100, 2, within: .seconds(30)) }
        #expect(.now - began < .seconds(15))
        #expect(link.counts.damagedFrames == 1)
        #expect(link.counts.strayBytes == 9)
    }

    @Test func `a header that cannot be true is a damaged frame`() throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.tcp) { heard, _ in Array(heard.answer.dropFirst()) }
        }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.garbled) { try link.holding(100, 2, within: Self.fair) }
        #expect(link.counts.damagedFrames == 1)
        #expect(link.counts.otherFraming == 0)
    }

    @Test func `clarifications are counted`() throws {
        // The first answer comes only with the second.
        let peer = try RawPeer { conversation in
            var late: [UInt8] = []
            conversation.converse(.rtu) { heard, number in
                defer { late = number == 0 ? heard.answer : [] }
                return number == 0 ? [] : late + heard.answer
            }
        }
        var link = try connected(rtu(peer))
        #expect(throws: ModbusError.silent) { try link.holding(100, 4, within: .milliseconds(20)) }
        #expect(try link.holding(200, 4) == [200, 201, 202, 203])
        #expect(link.counts.clarifications == 1)
        #expect(link.counts.strayBytes == 13)
    }

    @Test(arguments: [false, true])
    func `an answer in the other framing is told`(refuses: Bool) throws {
        let peer = try RawPeer { conversation in
            conversation.converse(.tcp) { heard, _ in
                Frame.rtu(unit: heard.unit, refuses ? [0x83, 2] : heard.message)
            }
        }
        var link = try connected(tcp(peer))
        #expect(throws: ModbusError.garbled) { try link.holding(100, 2, within: Self.fair) }
        #expect(link.counts.otherFraming == 1)
    }

    @Test func `a second copy that comes with the answer costs nothing`() throws {
        let peer = try RawPeer { conversation in
            var before: [UInt8] = []
            conversation.converse(.rtu) { heard, _ in
                defer { before = heard.answer }
                return before + heard.answer
            }
        }
        var link = try connected(rtu(peer))
        for start in UInt16(0)..<20 { #expect(try link.holding(start, 3)[0] == start) }
        #expect(link.counts.clarifications == 0)
        #expect(link.counts.strayBytes == 19 * 11)
    }

    /// The copy comes first and alone; the answer to the question comes with that to the next.
    @Test func `a second copy that comes alone is asked about`() throws {
        let peer = try RawPeer { conversation in
            var before: [UInt8] = []
            conversation.converse(.rtu) { heard, number in
                defer { before = heard.answer }
                return number == 1 ? before : number == 2 ? before + heard.answer : heard.answer
            }
        }
        var link = try connected(rtu(peer))
        #expect(try link.holding(10, 3) == [10, 11, 12])
        #expect(try link.holding(20, 3) == [20, 21, 22])
        #expect(link.counts.clarifications == 1)
    }
}
