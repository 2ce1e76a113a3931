// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Plant
import Settings
import Testing

@Suite struct SampleTests {
    private func sample() throws -> Configuration {
        try Configuration.read(file: Repository.sample, profilesBeside: Repository.executable).0
    }

    @Test func `the reference manual states the defaults that the code has`() throws {
        let configuration = try sample()
        typealias Default = Configuration.Default
        #expect(configuration.buffer.directory == Default.directory)
        #expect(configuration.buffer.limit == Default.limit)
        #expect(configuration.buffer.sealEvery == Default.sealEvery)
        #expect(configuration.buffer.keepAcknowledged == Default.keepAcknowledged)
        #expect(configuration.pull.host == Default.host)
        #expect(configuration.pull.port == Default.listenPort)
        #expect(configuration.pull.insecureLAN == Default.insecureLAN)
        #expect(configuration.connections[0].timeout == Default.timeout)
        #expect(
            configuration.connections[0].endpoint == .tcp(host: "192.0.2.21", port: Default.port))
        guard case .serial(_, let format) = configuration.connections[1].endpoint else {
            Issue.record("the second connection is the serial line")
            return
        }
        #expect(format == Default.serial)
    }

    @Test func `what the code takes by itself is what the manual writes out`() throws {
        let text = """
            connections: { plc: { tcp: 192.0.2.21 }, bus: { serial: /dev/null } }
            equipment: { press: { devices: { drive: { profile: abb/acs580, via: plc, unit: 1 } } } }
            """
        let (bare, _) = try Configuration.read(
            text: text, file: "m.yaml", profilesBeside: Repository.executable)
        let written = try sample()
        #expect(bare.buffer == written.buffer)
        #expect(bare.pull == written.pull)
        #expect(bare.connections[0].timeout == written.connections[0].timeout)
        #expect(bare.profiles == written.profiles)
        #expect(bare.profiles.first == "/etc/millpond/devices")
        #expect(!bare.gateway.isEmpty)
        #expect(bare.site == nil)
        #expect(bare.equipment[0].label == nil)
        #expect(bare.equipment[0].criticality == nil)
    }

    @Test func `the manual explains every key`() {
        let text = Repository.text(of: "config/millpond.yaml")
        for key in Set(Configuration.keys.values.joined()) {
            #expect(text.contains("\(key):"), "\(key)")
        }
    }

    @Test func `the guide to profiles explains every key`() {
        let text = Repository.text(of: "devices/README.md")
        for key in Set(Profile.keys.values.joined()).union(Capture.keys.values.joined()) {
            #expect(text.contains("`\(key)`"), "\(key)")
        }
    }

    @Test(arguments: Repository.shipped)
    func `a shipped profile is right, and its capture reads every signal of it`(id: String) throws {
        let folder = "\(Repository.devices)/\(id)"
        let profile = try Profile.read(file: folder + "/profile.yaml", id: id)
        let capture = try Capture.read(file: folder + "/capture.yaml", of: profile)
        #expect(capture.unproven(of: profile).isEmpty)
        #expect(profile.maxRegisters <= 60)
    }

    @Test(arguments: [
        (Capture.Content.good(.number(230.5)), Reading.Content.good(.number(230.5)), true),
        (.good(.number(0.1)), .good(.number(Double(Float(0.1)))), true),
        (.good(.number(0.1)), .good(.number(0.10001)), false),
        (.good(.number(0)), .good(.number(1e-9)), false),
        (.good(.number(-3)), .good(.number(3)), false),
        (.good(.boolean(true)), .good(.boolean(true)), true),
        (.good(.boolean(true)), .good(.number(1)), false),
        (.good(.text("A")), .good(.text("A ")), false),
        (.good(.unsigned(.max)), .good(.unsigned(.max)), true),
        (.good(.number(1)), .uncertain(.number(1), .outOfService), false),
        (.good(.number(1)), .bad(.outOfRange), false),
        (.bad(.notAvailable), .bad(.notAvailable), true),
        (.bad(.notAvailable), .bad(.outOfRange), false),
        (.bad(.notAvailable), .good(.number(0)), false),
    ])
    func `a capture holds a reading against its words`(
        expected: Capture.Content, read: Reading.Content, matches: Bool
    ) {
        #expect(expected.matches(read) == matches)
    }

    @Test func `the shipped profiles are all that is shipped`() {
        let library = ProfileLibrary(directories: [Repository.devices])
        #expect(library.ids() == Repository.shipped)
        #expect(library.ids().allSatisfy { library.capture(of: $0) != nil })
    }
}
