// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// Whether the stamps of this box can be believed, also tomorrow.
struct ClockDiagnosis {
    let state: ClockState
    let now: Timestamp
    /// The most that the kernel believes the clock to be off; `nil` if it does not say.
    let error: Duration?
    /// The time services that run, by their names.
    let keepers: [String]
    /// Whether there is a clock that goes on without power.
    let hasBattery: Bool

    /// Programs that keep a clock, as the kernel names their processes (15 bytes).
    static let services = ["chronyd", "ntpd", "openntpd", "systemd-timesyn", "ptp4l", "phc2sys"]
    /// Before this version was written.
    private static let impossible = Timestamp(milliseconds: 1_767_225_600_000)

    var diagnoses: [Diagnosis] {
        [standing, rivals, battery].compactMap(\.self)
    }

    private var standing: Diagnosis {
        let by = keepers.isEmpty ? "" : " by \(keepers.joined(separator: " and "))"
        if state == .synced, now >= Self.impossible {
            let error = error.map { ", at most \(Wording.milliseconds($0)) off" } ?? ""
            return .ok(.clock, "synchronised\(by)\(error)")
        }
        let what =
            now < Self.impossible
            ? "it is \(now.rfc3339) here, which cannot be"
            : "it is not synchronised, and batches say so (`clock`: unsynced)"
        return .warning(
            .clock, what,
            do: keepers.isEmpty
                ? "no time service runs: install chrony or systemd-timesyncd"
                : "\(keepers.joined(separator: " and ")) runs: let it reach a time server (`chronyc "
                    + "sources`, `timedatectl timesync-status`)")
    }

    private var rivals: Diagnosis? {
        let keepers = keepers.filter { !["ptp4l", "phc2sys"].contains($0) }
        guard keepers.count > 1 else { return nil }
        return .warning(
            .clock, "\(keepers.joined(separator: " and ")) both set it", do: "keep one of them")
    }

    private var battery: Diagnosis? {
        guard !hasBattery else { return nil }
        return .note(
            .clock, "no clock of this box goes on without power (/dev/rtc0)",
            do: "after a power cut, stamps are unsynced until a time server is reached")
    }
}
