// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Testing

@testable import Acquisition

struct CaptureTests {
    static let devices =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        + "/devices"

    @Test(arguments: ["abb/acs580", "banner/qm42vt2", "eastron/sdm630"])
    func `a shipped profile decodes its capture as stated`(_ id: String) throws {
        let folder = "\(Self.devices)/\(id)"
        let profile = try Profile.read(file: "\(folder)/profile.yaml", id: id)
        let capture = try Capture.read(file: "\(folder)/capture.yaml", of: profile)
        let test = CaptureTest(capture, of: profile)
        #expect(test.outcomes.count >= profile.signals.count)
        for outcome in test.outcomes {
            #expect(
                outcome.isRight,
                "\(outcome.name): \(outcome.signal) is \(String(describing: outcome.found))")
        }
    }

    @Test func `a wrong profile is found out`() throws {
        let folder = "\(Self.devices)/eastron/sdm630"
        var profile = try Profile.read(file: "\(folder)/profile.yaml", id: "eastron/sdm630")
        let capture = try Capture.read(file: "\(folder)/capture.yaml", of: profile)
        profile.signals[0].layout.order = .cdab
        profile.signals[1].name = "renamed"
        let wrong = CaptureTest(capture, of: profile).outcomes.filter { !$0.isRight }
        #expect(Set(wrong.map(\.signal)).count == 2)
    }
}
