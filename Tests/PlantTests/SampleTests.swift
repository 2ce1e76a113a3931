// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Settings
import Testing

@Suite struct SampleTests {
    @Test func `the reference manual is accepted`() throws {
        do {
            let (configuration, notes) = try Configuration.read(
                file: Repository.sample, profilesBeside: Repository.executable)
            #expect(configuration.connections.count == 3)
            for note in notes { print(note) }
        } catch {
            for mistake in error.mistakes { print(mistake) }
            Issue.record("\(error.mistakes)")
        }
    }
    @Test(arguments: Repository.shipped)
    func `a shipped profile and its capture are without mistakes`(id: String) throws {
        let folder = "\(Repository.devices)/\(id)"
        let profile = try Profile.read(file: folder + "/profile.yaml", id: id)
        let capture = try Capture.read(file: folder + "/capture.yaml", of: profile)
        #expect(capture.unproven(of: profile).isEmpty)
    }
}
