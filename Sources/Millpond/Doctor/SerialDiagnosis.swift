// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Whether a serial port of the configuration can be had, and stays what it is.
struct SerialDiagnosis {
    let connection: String
    let path: String
    let state: State
    /// A name for it that does not change with the order of plugging in; `nil` if there is none, or
    /// the configuration has it already.
    var stableName: String?
    /// How long its USB adapter keeps back what came, in milliseconds; `nil` where it has no such.
    var latency: Int?
    /// The kernel's name of it, such as `ttyUSB0`.
    var kernelName: String
    /// Who has it open, other gateways than this program's aside.
    var holders: [Holder]

    /// What is at `path`.
    enum State: Hashable, Sendable {
        case absent
        case notAPort
        /// This user may not read and write it; `group` may.
        case closed(group: String)
        case open
    }

    /// Longer, and an answer at 19200 baud waits longer than it takes.
    private static let longestLatency = 4

    var diagnoses: [Diagnosis] {
        guard state == .open else { return [refusal] }
        let troubles = [name, delay, rivals].compactMap(\.self)
        return troubles.isEmpty ? [.ok(.serial, "\(connection): \(path) can be opened")] : troubles
    }

    private var refusal: Diagnosis {
        switch state {
        case .closed(let group):
            .warning(
                .serial, "\(connection): this user may not open \(path)",
                do:
                    "it is for the group \(group): `sudo usermod -aG \(group) millpond`, then restart "
                    + "the gateway")
        case .notAPort:
            .warning(
                .serial, "\(connection): \(path) is no serial port",
                do: "see `ls -l /dev/serial/by-id` for what it should be")
        case .absent, .open:
            .warning(
                .serial, "\(connection): \(path) is not there",
                do: "plug the adapter in; `ls /dev/serial/by-id` says what it is called")
        }
    }

    private var name: Diagnosis? {
        guard let stableName else { return nil }
        return .note(
            .serial, "\(connection): \(path) may be another port after the next start",
            do: "let `serial` be \(stableName)")
    }

    private var delay: Diagnosis? {
        guard let latency, latency > Self.longestLatency else { return nil }
        let file = "/sys/class/tty/\(kernelName)/device/latency_timer"
        return .note(
            .serial,
            "\(connection): its adapter hands on what came after \(latency) ms only, at "
                + "every poll",
            do:
                "`echo 1 | sudo tee \(file)`, and a udev rule with ATTR{latency_timer}=\"1\" to keep it"
        )
    }

    private var rivals: Diagnosis? {
        guard let holder = holders.first else { return nil }
        return .warning(
            .serial, "\(connection): \(holder.name) (process \(holder.process)) has \(path) open",
            do: "end it, or keep it away from that port: two programs on one line garble both")
    }
}
