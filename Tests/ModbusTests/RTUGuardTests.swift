// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Modbus

/// What a line with noise, echo or a stranger on it can do.
@Suite struct RTUGuardTests {
    /// Where bytes come at once, on a machine that may be busy.
    private static let fair = Duration.seconds(1)

    private func link(_ spoil: @escaping @Sendable (Heard, Int) -> [UInt8]) throws -> (
        RawPeer, Endpoint
    ) {
        let peer = try RawPeer { conversation in conversation.converse(.rtu, spoil) }
        return (peer, rtu(peer))
    }

    struct Company: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spoil: @Sendable (Heard) -> [UInt8]

        init(_ name: String, _ spoil: @escaping @Sendable (Heard) -> [UInt8]) {
            testDescription = name
            self.spoil = spoil
        }
    }

    static let company = [
        Company("echo") {
            Frame.rtu(unit: $0.unit, [3] + Frame.bytes($0.start) + [0, 2]) + $0.answer
        },
        Company("a leading zero") { [0] + $0.answer },
        Company("noise around") { [0xFF, $0.unit, 3] + $0.answer + [0, 0xFF] },
        Company("another unit's answer first") {
            $0.answer([3, 4, 1, 1, 1, 1], unit: 9) + $0.answer
        },
        Company("another unit's refusal first") { $0.answer([0x83, 2], unit: 9) + $0.answer },
        Company("a damaged copy first") { [$0.unit, 3, 4, 9, 9, 9, 9, 0, 0] + $0.answer },
        Company("another count first") { $0.answer([3, 2, 1, 1]) + $0.answer },
        Company("another function first") { $0.answer([4, 4, 1, 1, 1, 1]) + $0.answer },
    ]

    @Test(arguments: company)
    func `the answer is found in company`(company: Company) throws {
        let (peer, endpoint) = try link { heard, _ in company.spoil(heard) }
        var link = try connected(endpoint)
        for start in UInt16(0)..<10 { #expect(try link.holding(start, 2) == [start, start + 1]) }
        withExtendedLifetime(peer) {}
    }

    static let nonsense = [
        Company("a wrong CRC") { $0.answer.dropLast() + [0x55] },
        Company("cut short") { Array($0.answer.dropLast(3)) },
        Company("fewer registers") { $0.answer([3, 2, 1, 1]) },
        Company("more registers") { $0.answer([3, 6, 1, 1, 1, 1, 1, 1]) },
        Company("another function") { $0.answer([4, 4, 1, 1, 1, 1]) },
        Company("exception 0") { $0.answer([0x83, 0]) },
        Company("only the echo of another") {
            Frame.rtu(unit: 9, [3] + Frame.bytes($0.start) + [0, 2])
        },
        Company("noise without end") { _ in Array(repeating: 0x41, count: 3000) },
    ]

    @Test(arguments: nonsense)
    func `nonsense is garbled and keeps the link`(nonsense: Company) throws {
        let (peer, endpoint) = try link { heard, number in
            number == 0 ? nonsense.spoil(heard) : heard.answer
        }
        var link = try connected(endpoint)
        #expect(throws: ModbusError.garbled) { try link.holding(100, 2, within: Self.fair) }
        #expect(link.isConnected == true)
        #expect(try link.holding(200, 2) == [200, 201])
        withExtendedLifetime(peer) {}
    }

    @Test func `an echo alone is silence`() throws {
        let (peer, endpoint) = try link { heard, _ in
            Frame.rtu(unit: heard.unit, [3] + Frame.bytes(heard.start) + [0, UInt8(heard.count)])
        }
        var link = try connected(endpoint)
        #expect(throws: ModbusError.silent) { try link.holding(100, 2, within: Self.fair) }
        withExtendedLifetime(peer) {}
    }

    /// Late for ever: each answer comes only with the next question, before its own time.
    @Test func `a device that is always one answer behind never gives a wrong value`() throws {
        let peer = try RawPeer { conversation in
            var before: [UInt8] = []
            conversation.converse(.rtu) { heard, _ in
                defer { before = heard.answer }
                return before
            }
        }
        var link = try connected(rtu(peer))
        for start in UInt16(0)..<30 {
            if !link.isConnected { try link.connect(within: .seconds(1)) }
            do {
                let values = try link.holding(10 * start, 3, within: .milliseconds(10))
                #expect(values == [10 * start, 10 * start + 1, 10 * start + 2])
            } catch {
                #expect(error == .silent)
            }
        }
    }

    @Test func `babble without end does not hold the line for ever`() throws {
        let peer = try RawPeer { conversation in
            let noise = [UInt8](repeating: 0x55, count: 4096)
            while (try? conversation.wire.send(noise, by: .now + .seconds(1))) != nil {}
        }
        var link = try connected(rtu(peer))
        #expect(throws: ModbusError.garbled) { try link.holding(100, within: Self.fair) }
    }
}
