// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Modbus

/// One line's frames: what went over it last, as a text, and as a file after a fault.
struct LineFrames: Sendable {
    /// Of the text; a later one will say so.
    private static let format = 1

    let recorder: FlightRecorder
    private let connection: String
    private let framing: Endpoint.Framing
    private let devices: [DeviceName]
    private let version: String
    private let folder: FrameFolder

    init(_ plan: LinePlan, version: String, folder: FrameFolder) {
        recorder = FlightRecorder(for: plan.endpoint.framing)
        connection = plan.name
        framing = plan.endpoint.framing
        devices = plan.devices.map(\.name)
        self.version = version
        self.folder = folder
    }

    /// The head, then a line for each piece of bytes, the oldest first; times are UTC.
    func text(because reason: String, at now: Moment) -> String {
        """
        millpond-frames \(Self.format)
        connection \(connection)
        framing \(framing == .tcp ? "tcp" : "rtu")
        version \(version)
        dumped \(now.time.rfc3339)
        because \(reason)

        """
            + recorder.text(at: .now) { age in
                Self.stamp(now.time.milliseconds * 1_000 - age.nanoseconds / 1_000)
            }
    }

    /// Leaves the frames in a file for each fault of the report, and names it there.
    func keep(_ report: inout Report) {
        let now = report.at
        for index in report.events.indices {
            switch report.events[index] {
            case .disconnected(let connection, let error, _):
                let frames = keep(.lost, because: "connection-lost", at: now)
                report.events[index] = .disconnected(
                    connection: connection, because: error, frames: frames)
            case .deviceVanished(let device, let reason, let since, _):
                let name = "\(device.equipment)/\(device.device)"
                let frames = keep(.lost, because: "device-offline \(name) \(reason.word)", at: now)
                report.events[index] = .deviceVanished(
                    device, because: reason, since: since, frames: frames)
            default: break
            }
        }
        guard let poll = report.poll, poll.outcome == .garbled else { return }
        let device = devices[poll.device]
        let because = "garbled \(device.equipment)/\(device.device)"
        if let frames = keep(.garbled, because: because, at: now) {
            report.events.append(.answerGarbled(device, poll.request, frames: frames))
        }
    }

    private func keep(
        _ cause: FrameShelf.Cause, because reason: String, at now: Moment
    ) -> String? {
        // A connection that was never there has none.
        guard !recorder.isEmpty else { return nil }
        return folder.keep(connection, because: cause, at: now) { text(because: reason, at: now) }
    }

    /// RFC 3339 with microseconds.
    private static func stamp(_ microseconds: Int64) -> String {
        let (milliseconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000)
        let zeros = rest < 10 ? "00" : rest < 100 ? "0" : ""
        return "\(Timestamp(milliseconds: milliseconds).rfc3339.dropLast())\(zeros)\(rest)Z"
    }
}
