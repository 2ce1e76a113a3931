// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Delivery
import Equipment
import Glibc
import Testing

@testable import Millpond

/// What the doctor makes of what was found on a box.
@Suite struct DoctorTests {
    private static func mount(_ type: String, _ options: String) throws -> Mount {
        try #require(Mount(mountinfo: "22 1 254:0 / / rw,relatime - \(type) /dev/vda \(options)"))
    }

    @Test(
        arguments: [
            ("ext4", "rw", nil), ("xfs", "rw,barrier", nil), ("ext4", "rw,commit=30", nil),
            ("ext4", "rw,commit=600", .warning), ("ext4", "rw,data=writeback", .warning),
            ("ext4", "rw,data=ordered", nil), ("xfs", "rw,nobarrier", .warning),
            ("f2fs", "rw,fsync_mode=nobarrier", .warning), ("nfs4", "rw", .warning),
            ("overlay", "rw", .warning), ("tmpfs", "rw", .warning), ("vfat", "rw", .warning),
            ("fuse.sshfs", "rw", .warning), ("ext4", "ro", .error),
        ] as [(String, String, Diagnosis.Verdict?)])
    func `a file system that breaks its word is told`(
        type: String, options: String, verdict: Diagnosis.Verdict?
    ) throws {
        let hazards = DiskDiagnosis.hazards(of: try Self.mount(type, options), under: "/var/lib/x")
        #expect(hazards.map(\.verdict) == (verdict.map { [$0] } ?? []))
        #expect(hazards.allSatisfy { $0.remedy != nil })
    }

    @Test(
        arguments: [
            (20, "write back", .note), (20, "write through", .ok), (900, "write back", .ok),
            (400_000, "write back", .warning),
        ] as [(Int, String, Diagnosis.Verdict)])
    func `a disk is judged by how long a write takes`(
        microseconds: Int, cache: String, verdict: Diagnosis.Verdict
    ) throws {
        let disk = DiskDiagnosis(
            path: "/x", mount: try Self.mount("ext4", "rw"), drive: .init(cache: cache, worn: nil),
            syncs: [.zero, .microseconds(microseconds), .seconds(9)])
        #expect(disk.diagnoses.map(\.verdict) == [.ok, verdict])
    }

    @Test(
        arguments: [
            (.synced, 1_800_000_000_000, ["chronyd"], true, [.ok]),
            (.synced, 0, ["chronyd"], true, [.warning]),
            (.unsynced, 1_800_000_000_000, [], true, [.warning]),
            (
                .unsynced, 1_800_000_000_000, ["ntpd", "chronyd"], false,
                [.warning, .warning, .note]
            ),
            (.synced, 1_800_000_000_000, ["ptp4l", "phc2sys"], true, [.ok]),
        ] as [(ClockState, Int64, [String], Bool, [Diagnosis.Verdict])])
    func `a clock is judged by who keeps it`(
        state: ClockState, now: Int64, keepers: [String], hasBattery: Bool,
        verdicts: [Diagnosis.Verdict]
    ) {
        let clock = ClockDiagnosis(
            state: state, now: Timestamp(milliseconds: now), error: nil, keepers: keepers,
            hasBattery: hasBattery)
        #expect(clock.diagnoses.map(\.verdict) == verdicts)
    }

    @Test(arguments: [
        ("SQLite", "3.40.1", true), ("SQLite", "3.44.5", true), ("SQLite", "3.44.6", false),
        ("SQLite", "3.45.0", true), ("SQLite", "3.50.6", true), ("SQLite", "3.50.7", false),
        ("SQLite", "3.51.2", true), ("SQLite", "3.51.3", false), ("SQLite", "4.0.0", false),
        ("libmodbus", "3.1.6", true), ("libmodbus", "3.2.0", false), ("zstd", "1.5.4", false),
    ])
    func `what is known of a library is told`(name: String, version: String, isKnown: Bool) {
        #expect((LibraryDiagnosis.matter(with: name, version) != nil) == isKnown)
    }

    @Test func `a serial port is judged without opening it`() {
        func verdicts(
            _ state: SerialDiagnosis.State, stable: String? = nil, latency: Int? = nil,
            holders: [Holder] = []
        ) -> [Diagnosis.Verdict] {
            SerialDiagnosis(
                connection: "meters", path: "/dev/ttyUSB0", state: state, stableName: stable,
                latency: latency, kernelName: "ttyUSB0", holders: holders
            ).diagnoses.map(\.verdict)
        }
        #expect(verdicts(.open) == [.ok])
        #expect(verdicts(.absent) == [.warning] && verdicts(.notAPort) == [.warning])
        #expect(verdicts(.closed(group: "dialout")) == [.warning])
        #expect(verdicts(.open, stable: "/dev/serial/by-id/x", latency: 16) == [.note, .note])
        #expect(verdicts(.open, latency: 1) == [.ok])
        #expect(verdicts(.open, holders: [Holder(name: "minicom", process: 7)]) == [.warning])
    }

    @Test(
        arguments: [
            (.absent(refusal: nil), .ok), (.absent(refusal: 2), .error), (.notADirectory, .error),
            (.closed(owner: "millpond"), .error),
        ] as [(BufferDiagnosis.Place, Diagnosis.Verdict)])
    func `a buffer that cannot be had is told`(
        place: BufferDiagnosis.Place, verdict: Diagnosis.Verdict
    ) {
        let buffer = BufferDiagnosis(path: "/x", limit: 1 << 30, place: place, holders: [])
        #expect(buffer.diagnoses.map(\.verdict) == [verdict])
    }

    @Test func `a buffer is judged by what lies in it and around it`() throws {
        var survey = Survey(of: "/tmp")
        (survey.content, survey.mark, survey.quarantine) = (.ours, .sound, 0)
        (survey.taken, survey.size, survey.hasNames) = (0, 100 << 30, true)
        func verdicts(_ change: (inout Survey) -> Void) -> [Diagnosis.Verdict] {
            var survey = survey
            survey.free = 50 << 30
            change(&survey)
            return BufferDiagnosis(path: "/x", limit: 1 << 30, place: .open(survey), holders: [])
                .diagnoses.map(\.verdict)
        }
        #expect(verdicts { _ in } == [.ok, .ok])
        #expect(verdicts { $0.content = .foreign } == [.error, .ok])
        #expect(verdicts { $0.content = .newer(schema: 9) } == [.error, .ok])
        #expect(verdicts { $0.mark = .damaged } == [.ok, .warning, .ok])
        #expect(verdicts { $0.quarantine = 5 } == [.ok, .warning, .ok])
        #expect(verdicts { $0.free = 1 << 30 } == [.ok, .warning])
        #expect(verdicts { ($0.free, $0.taken) = (320 << 20, 1 << 30) } == [.ok, .ok])
        #expect(verdicts { $0.hasNames = false } == [.ok, .ok, .warning])
    }

    @Test(
        arguments: [
            (nil, false, .ok), (EADDRINUSE, false, .error), (EADDRINUSE, true, .ok),
            (EACCES, true, .error),
        ] as [(Int32?, Bool, Diagnosis.Verdict)])
    func `an address that is taken is told, unless a gateway has it`(
        errno: Int32?, isServed: Bool, verdict: Diagnosis.Verdict
    ) {
        let address = PullServer.Address(host: "127.0.0.1", port: 8470)
        let listening = ListenDiagnosis(
            address: address, refusal: errno.map { .init(address: address, errno: $0) },
            isServed: isServed)
        #expect(listening.diagnoses.map(\.verdict) == [verdict])
        #expect(listening.diagnoses.allSatisfy { $0.text.contains("127.0.0.1:8470") })
    }

    @Test func `a service is judged by what starts it, and secrets by who may read them`() {
        func verdicts(
            _ unit: String?, isEnabled: Bool = true, hasSystemd: Bool = true, files: Int = 1024,
            mode: UInt32? = 0o640
        ) -> [Diagnosis.Verdict] {
            ServiceDiagnosis(
                unit: unit, isEnabled: isEnabled, hasSystemd: hasSystemd, descriptors: files,
                connections: 850, secrets: [.init(key: "pull: tokens", path: "/t", mode: mode)]
            ).diagnoses.map(\.verdict)
        }
        #expect(verdicts("WatchdogSec=60") == [.ok, .ok, .ok])
        #expect(verdicts(nil) == [.note, .ok, .ok])
        #expect(verdicts("", isEnabled: false) == [.note, .ok, .ok])
        #expect(verdicts("", hasSystemd: false) == [.note, .ok, .ok])
        #expect(verdicts("", files: 1000) == [.ok, .warning, .ok])
        #expect(verdicts("", mode: 0o644) == [.ok, .ok, .warning])
        #expect(verdicts("", mode: nil) == [.ok, .ok, .note])
    }

    @Test func `what keeps run from starting decides the exit code`() {
        let note = Diagnosis.note(.disk, "a", do: "b")
        let disk = Diagnosis.error(.disk, "a", do: "b")
        let configuration = Diagnosis.error(.configuration, "a", do: "b")
        #expect(Diagnoses(all: [note]).exitCode == nil)
        #expect(Diagnoses(all: [note, disk]).exitCode == Sysexits.unavailable)
        #expect(Diagnoses(all: [configuration, disk]).exitCode == Sysexits.configuration)
        #expect(Diagnoses(all: [note]).summary.contains("1 note; `millpond run` can start"))
    }

    @Test(arguments: [
        ("/var/lib/millpond", "/var/lib"), ("/var", "/"), ("buffer", "."), ("a/b/", "a"),
    ])
    func `a folder is in another`(path: String, parent: String) {
        #expect(PathName.parent(of: path) == parent)
    }
}
