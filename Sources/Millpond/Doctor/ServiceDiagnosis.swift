// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// Whether the gateway comes back by itself, gets its descriptors, and keeps its secrets.
struct ServiceDiagnosis {
    /// The text of the unit; `nil` if it is not installed.
    let unit: String?
    let isEnabled: Bool
    let hasSystemd: Bool
    /// The most files that a process may have open here.
    let descriptors: Int
    let connections: Int
    let secrets: [Secret]

    /// A file that not everyone may read.
    struct Secret: Hashable, Sendable {
        /// The key of the configuration that names it.
        let key: String
        let path: String
        /// Its permissions; `nil` if it is not there.
        let mode: UInt32?
    }

    /// Clients, what connections share, event loops, buffer and log (`Plant` counts them).
    private static let others = 168

    var diagnoses: [Diagnosis] {
        [service, limit] + secrets.map(Self.diagnosis)
    }

    private var service: Diagnosis {
        guard hasSystemd else {
            return .note(
                .unit, "systemd does not run here",
                do: "see that something starts `millpond run` after a power cut, and after a crash")
        }
        guard let unit else {
            return .note(
                .unit, "millpond.service is not installed",
                do: "`sudo make install` brings it; without it nobody starts the gateway again")
        }
        guard isEnabled else {
            return .note(
                .unit, "millpond.service does not start with the box",
                do: "`sudo systemctl enable --now millpond`")
        }
        let watchdog = unit.split(separator: "\n").first { $0.hasPrefix("WatchdogSec=") }
        return .ok(
            .unit,
            "millpond.service starts with the box"
                + (watchdog.map { ", watched every \($0.dropFirst(12)) s" } ?? ""))
    }

    private var limit: Diagnosis {
        let needed = min(connections + Self.others, Descriptors.limit)
        guard descriptors < needed else {
            return .ok(.descriptors, "\(descriptors) files may be open, \(needed) are needed")
        }
        return .warning(
            .descriptors, "\(descriptors) files may be open, and \(needed) are needed",
            do: "raise LimitNOFILE of the unit, or `ulimit -n`, to \(Descriptors.limit)")
    }

    private static func diagnosis(of secret: Secret) -> Diagnosis {
        guard let mode = secret.mode else {
            return .note(
                .secrets, "\(secret.key): \(secret.path) is not there", do: "make it for this box")
        }
        guard mode & 0o007 != 0 else {
            return .ok(.secrets, "\(secret.key): \(secret.path) is not for everyone")
        }
        return .warning(
            .secrets, "\(secret.key): everyone on this box may use \(secret.path)",
            do: "`sudo chmod o= \(secret.path)`")
    }
}
