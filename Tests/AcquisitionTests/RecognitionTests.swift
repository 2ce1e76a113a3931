// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Testing

@testable import Acquisition
@testable import Plant

@Suite struct RecognitionTests {
    private func identity(
        vendor: String? = nil, product: String? = nil, serverID: String? = nil
    ) -> Identity {
        Identity(vendor: vendor, product: product, serverID: serverID, registers: [])
    }

    private func said(_ objects: [UInt8: String], id: String? = nil) -> SelfDescription {
        var description = SelfDescription()
        if !objects.isEmpty {
            description.identification = DeviceIdentification(
                objects: objects.mapValues { Array($0.utf8) })
        }
        description.serverID = id.map { Array($0.utf8) }
        return description
    }

    @Test(
        arguments: [
            ([0: "ABB", 1: "ASCLx", 4: "ACS580"], "ABB", "ACS580", true),
            ([0: "abb oy ", 1: "acs580-01-02a6"], "ABB", "ACS580", true),
            ([0: "ABB", 5: "ACS580"], "ABB", "ACS580", true),
            ([0: "ABB", 1: "ACS880"], "ABB", "ACS580", false),
            ([0: "Other", 1: "ACS580"], "ABB", "ACS580", false),
            ([1: "ACS580"], "ABB", "ACS580", false),
            ([1: "ACS580"], nil, "ACS580", true),
            ([:], "ABB", "ACS580", false),
        ] as [([UInt8: String], String?, String, Bool)])
    func `a device is known by what it says of itself`(
        objects: [UInt8: String], vendor: String?, product: String, isKnown: Bool
    ) {
        let known = [(id: "abb/acs580", identity: identity(vendor: vendor, product: product))]
        let found = said(objects).matches(among: known)
        #expect(found.map(\.profile) == (isKnown ? ["abb/acs580"] : []))
    }

    @Test func `a server id is enough by itself`() {
        let known = [
            (id: "a/one", identity: identity(serverID: "EXD-1")),
            (id: "a/two", identity: identity(serverID: "EXD-2")),
        ]
        let found = said([:], id: "\u{1}exd-2 rev B\u{FF}").matches(among: known)
        #expect(found == [Recognition(profile: "a/two", evidence: .serverID("EXD-2"))])
    }

    @Test func `what it says to Read Device Identification comes before its server id`() {
        let known = [
            (id: "a/one", identity: identity(serverID: "EXD")),
            (id: "b/two", identity: identity(vendor: "Example", product: "EXD")),
        ]
        let found = said([0: "Example", 1: "EXD-7"], id: "EXD-7").matches(among: known)
        #expect(found.map(\.profile) == ["b/two", "a/one"])
    }

    @Test(
        arguments: [
            (.uint16, 1, .number(0x70), [0x70], true),
            (.uint16, 1, .number(0x70), [0x71], false),
            (.int32, 2, .number(-2), [0xFFFF, 0xFFFE], true),
            (.string, 2, .text("SunS"), [0x5375, 0x6E53], true),
            (.string, 3, .text("Sun"), [0x5375, 0x6E53, 0x2031], true),
            (.string, 2, .text("SunS"), [0x5375, 0x6E54], false),
            (.uint16, 1, .number(0x70), [], false),
        ] as [(RegisterLayout.Encoding, Int, Identity.Mark.Content, [UInt16], Bool)])
    func `a mark holds for exactly its content`(
        encoding: RegisterLayout.Encoding, width: Int, content: Identity.Mark.Content,
        words: [UInt16], holds: Bool
    ) {
        let mark = Identity.Mark(
            table: .holding, address: 7,
            layout: RegisterLayout(encoding: encoding, order: .abcd, width: width),
            content: content)
        #expect(mark.holds(words) == holds)
        #expect(mark.request(of: 9).start == 7)
    }

    @Test(arguments: [
        ("ABB", "ABB"), (" a b \0\0", "a b"), ("a\u{1B}[2Jb", "a?[2Jb"), ("é", "??"), ("\0", ""),
    ])
    func `a device's text is made harmless`(bytes: String, shown: String) {
        #expect(DeviceText.printable(Array(bytes.utf8)) == shown)
    }
}
