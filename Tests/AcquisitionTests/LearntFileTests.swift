// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Foundation
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct LearntFileTests {
    static let facts = [
        LearntFact(
            table: .holding, matter: .value(37..<39), refusal: .exception(2),
            since: Moment.at(0).time),
        LearntFact(
            table: .input, matter: .across(20), refusal: .exception(3),
            since: Moment.at(1.25).time),
        LearntFact(
            table: .coil, matter: .more(than: 160), refusal: .silence, since: Moment.at(2).time),
    ]

    static func entry(_ facts: [LearntFact], device: String = "d1") -> LearntFile.Entry {
        LearntFile.Entry(
            device: DeviceName(equipment: "press-1", device: device), connection: "line", unit: 1,
            profile: "00ff", facts: facts)
    }

    private func withFile(_ body: (LearntFile) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "millpond-learnt-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(LearntFile(in: directory))
    }

    @Test func `what is written is read again`() throws {
        try withFile { file in
            let none = try file.read()
            #expect(none == [], "there is none yet")
            let entries = [Self.entry(Self.facts), Self.entry([Self.facts[0]], device: "d2")]
            #expect(file.write(entries) == 0)
            let read = try file.read()
            #expect(read == entries)
            #expect(file.write([Self.entry([])]) == 0)
            let left = try file.read()
            #expect(left == [], "what has no facts is not written")
        }
    }

    @Test func `it is for people too`() {
        #expect(
            LearntFile.text(of: [Self.entry([Self.facts[0]])]).hasSuffix(
                """
                version: 1
                devices:
                  - equipment: "press-1"
                    device: "d1"
                    connection: "line"
                    unit: 1
                    profile: 00ff
                    facts:
                      - { table: holding, value: 37, count: 2, exception: 2, since: \
                "2026-11-20T00:00:00.000Z" }

                """))
    }

    @Test(arguments: [
        "\u{0}\u{1}binary", "version: 2\ndevices: []\n", "devices:\n  - nonsense\n", "a: [b",
        "version: 1\ndevices:\n  - { equipment: a, device: b, connection: c, unit: 300 }\n", "",
    ])
    func `what is damaged or foreign cannot be used and says why`(text: String) throws {
        try withFile { file in
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            let result = Result { () throws(LearntFile.Unreadable) in try file.read() }
            guard case .failure(let error) = result else {
                Issue.record("it was read")
                return
            }
            #expect(error.mistake.contains("learnt.yaml:"))
        }
    }

    @Test func `it is bounded`() throws {
        let many = (0..<10_000).map {
            LearntFact(
                table: .holding, matter: .value($0..<$0 + 1), refusal: .exception(2),
                since: Moment.at(0).time)
        }
        try withFile { file in
            #expect(file.write([Self.entry(many)]) == 0)
            let read = try file.read()
            #expect(read.flatMap(\.facts).count == LearntFile.factLimit)
        }
    }

    @Test func `a file that cannot be written is no harm`() {
        #expect(LearntFile(in: "/proc/no-such-folder").write([]) != 0)
    }

    @Test func `what changed since is dropped`() throws {
        let profile = LearningTests.block()
        let plan = PollPlan(.sample([profile, profile]))
        let fact = LearntFact(
            table: .holding, matter: .value(5..<6), refusal: .exception(2), since: Moment.at(0).time
        )
        func known(_ change: (inout Configuration) -> Void = { _ in }) -> [Int: Learnt] {
            var shelf = LearntShelf(plan)
            shelf.take(.init(device: 0, facts: [fact]), at: .zero)
            var configuration = Configuration.sample([profile, profile])
            change(&configuration)
            let other = PollPlan(configuration)
            var later = LearntShelf(other)
            return later.recall(shelf.entries, of: other)
        }
        #expect(known() == [0: Learnt([fact])])
        #expect(known { $0.equipment[0].devices[0].unit = 9 }.isEmpty)
        #expect(known { $0.equipment[0].devices[0].profile.text = "new" }.isEmpty)
        #expect(known { $0.equipment[0].devices[0].name = "other" }.isEmpty)
        #expect(known { $0.equipment[0].devices.removeFirst() }.isEmpty)
        #expect(
            known { $0.equipment[0].devices[0].profile.signals.remove(at: 5) }.isEmpty,
            "the value is not in the plan any more")
    }

    @Test func `several facts in a row are written once`() {
        var shelf = LearntShelf(PollPlan(.sample([LearningTests.block()])))
        #expect(shelf.due(at: .zero) == nil)
        for count in 1...3 {
            shelf.take(
                .init(device: 0, facts: Array(Self.facts.prefix(count))), at: .seconds(count))
        }
        #expect(shelf.due(at: .milliseconds(5900)) == nil)
        #expect(shelf.due(at: .seconds(6))?.first?.facts.count == 3)
        #expect(shelf.due(at: .seconds(20)) == nil)
    }
}
