// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Plant
import Settings
import Testing

@Suite struct MistakeTests {
    @Test(arguments: MistakeCase.load("configuration.txt"))
    func `a wrong configuration gets every mistake, with its place`(row: MistakeCase) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.read(
                text: row.text, file: "/nowhere/m.yaml", profilesBeside: Repository.executable)
        }
        #expect(told(error?.mistakes) == row.mistakes)
    }

    @Test(arguments: MistakeCase.load("profile.txt"))
    func `a wrong profile gets every mistake, with its place`(row: MistakeCase) {
        let error = #expect(throws: ProfileError.self) {
            try Profile.read(text: row.text, file: "/nowhere/m.yaml", id: "example/drive")
        }
        #expect(told(error?.mistakes) == row.mistakes)
    }

    @Test(arguments: MistakeCase.load("capture.txt"))
    func `a wrong capture gets every mistake, with its place`(row: MistakeCase) throws {
        let profile = try Profile.read(
            text: Self.profile, file: "/nowhere/p.yaml", id: "example/drive")
        let error = #expect(throws: ProfileError.self) {
            try Capture.read(text: row.text, file: "/nowhere/m.yaml", of: profile)
        }
        #expect(told(error?.mistakes) == row.mistakes)
    }

    @Test func `there are enough cases to be worth their file`() {
        #expect(MistakeCase.load("configuration.txt").count >= 90)
        #expect(MistakeCase.load("profile.txt").count >= 60)
        #expect(MistakeCase.load("capture.txt").count >= 15)
    }

    @Test func `the documents that the cases change are right`() throws {
        _ = try Configuration.read(
            text: MistakeCase.base(of: "configuration.txt"), file: "/nowhere/m.yaml",
            profilesBeside: Repository.executable)
        _ = try Profile.read(
            text: MistakeCase.base(of: "profile.txt"), file: "/nowhere/m.yaml", id: "example/drive")
        let profile = try Profile.read(
            text: Self.profile, file: "/nowhere/p.yaml", id: "example/drive")
        _ = try Capture.read(
            text: MistakeCase.base(of: "capture.txt"), file: "/nowhere/m.yaml", of: profile)
    }

    /// Without the file's name, as the cases are written.
    private func told(_ mistakes: [Mistake]?) -> [String] {
        (mistakes ?? []).map { mistake in
            #expect(mistake.file == "/nowhere/m.yaml")
            return String(mistake.description.dropFirst("/nowhere/m.yaml:".count))
        }
    }

    private static let profile = """
        vendor: Example
        model: Drive 100
        source: Example Drive 100 register list
        modbus: { table: holding, type: uint16 }
        signals:
          speed: { at: 2 }
          status: { at: 3, bits: { 0: ready } }
          energy: { at: 10, type: float32 }
          serial: { at: 20, type: string, registers: 2 }
          door: { at: 5, table: discrete }
          torque: { at: 4, scale-factor: { at: 6 } }
        derived:
          slip: { difference: [speed, status] }
          drag: { ratio: [torque, slip] }
        """
}
