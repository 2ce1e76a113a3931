// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import FoundationEssentials
import Glibc
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

struct FrameShelfTests {
    @Test func `a connection keeps its newest files`() {
        var shelf = FrameShelf(files: ["meters-20261119T000000000Z.txt", "notes.txt"])
        #expect(shelf.files == ["meters-20261119T000000000Z.txt"], "what is not ours stays")
        var removed: [String] = []
        for minute in 0..<6 {
            let admitted = shelf.admit("meters", because: .lost, at: .at(Double(60 * minute)))
            removed += admitted?.leaving ?? []
        }
        #expect(shelf.files.count == FrameShelf.limitOfConnection)
        #expect(removed.first == "meters-20261119T000000000Z.txt")
        #expect(shelf.files.last == "meters-20261120T000500000Z.txt")
    }

    @Test func `one fault in a minute is told, and noise once in ten`() {
        var shelf = FrameShelf(files: [])
        #expect(shelf.admit("a", because: .garbled, at: .at(0)) != nil)
        #expect(shelf.admit("a", because: .lost, at: .at(59)) == nil)
        #expect(shelf.admit("b", because: .lost, at: .at(59)) != nil, "others are not concerned")
        #expect(shelf.admit("a", because: .lost, at: .at(60)) != nil)
        #expect(shelf.admit("a", because: .garbled, at: .at(600)) == nil)
        #expect(shelf.admit("a", because: .garbled, at: .at(660)) != nil)
    }

    @Test func `when everything fails at once, for ever, the disk is spared`() {
        var shelf = FrameShelf(files: [])
        var (written, largest) = (0, 0)
        for second in stride(from: 0, to: 7200, by: 60) {
            for line in 0..<300 {
                let name = "line-\(line)"
                if shelf.admit(name, because: .lost, at: .at(Double(second))) != nil {
                    written += 1
                }
            }
            largest = max(largest, shelf.files.count)
        }
        #expect(written <= 12 * FrameShelf.limitOfTenMinutes)
        #expect(largest * FrameShelf.longestFile <= 8 << 20)
    }
}

/// A real line whose peer misbehaves, and the files that this leaves.
struct FrameFolderTests {
    @Test func `a device that vanishes leaves its frames, and its event names the file`() throws {
        let folder = "/tmp/millpond-frames-\(UInt64.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try ModbusServer(.rtuOverTCP(port: 0))
        server.set([1, 2, 3, 4, 5], unit: 1, table: .holding, at: 0)
        let configuration = Configuration.sample(
            RoundsTests.devices(1, every: .milliseconds(20)), endpoint: server.endpoint,
            timeout: .milliseconds(500))
        let plan = PollPlan(configuration).lines[0]
        let frames = LineFrames(plan, version: "1.2.3", folder: FrameFolder(folder))
        let clock = PlantClock()
        var poller = LinePoller(
            Rounds(plan, share: 0, dice: Dice(seed: 1)),
            source: Link(to: plan.endpoint, recording: frames.recorder), timeout: plan.timeout,
            frames: frames, now: { clock.now })
        var events: [PlantEvent] = []
        while events.last?.frames == nil {
            let report = try #require(
                poller.advance { until in
                    usleep(UInt32(max(.zero, until - clock.now.monotonic) / .microseconds(1)))
                    return .due
                })
            events += report.events
            if report.poll?.outcome == .answer { server.commit(.silent, unit: 1) }
        }
        let path = try #require(events.last?.frames)
        #expect(path.hasPrefix("\(folder)/line-2"))
        let text = try Self.contents(of: path)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "millpond-frames 1")
        #expect(lines.contains("connection line") && lines.contains("framing rtu"))
        #expect(lines.contains("version 1.2.3"))
        #expect(lines.contains("because device-offline press-1/d1 no-answer"))
        #expect(lines.last?.hasSuffix(" = no-answer") == true)
        #expect(lines.contains { $0.contains(" < 01 03 ") })
        #expect(text.utf8.count < FrameShelf.longestFile)
    }

    /// Waits for the thread that writes.
    private static func contents(of path: String) throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if let data = try? Data(contentsOf: URL(filePath: path)), !data.isEmpty {
                return String(decoding: data, as: UTF8.self)
            }
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

extension PlantEvent {
    /// The file with the frames of what it tells.
    fileprivate var frames: String? {
        switch self {
        case .disconnected(_, _, let frames), .deviceVanished(_, _, _, let frames): frames
        case .answerGarbled(_, _, let frames): frames
        default: nil
        }
    }
}
