// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// Whether the disk under the buffer keeps its word: what it says to be written is there after a
/// power cut (facts of the field: vendor images with `data=writeback` have damaged databases).
struct DiskDiagnosis {
    /// The directory, or its nearest folder that is there.
    let path: String
    let mount: Mount?
    let drive: Drive?
    /// How long writes of a page take until they are on the disk; `nil` where none can be made.
    let syncs: [Duration]?

    /// A block device, as /sys tells of it.
    struct Drive: Hashable, Sendable {
        /// `write back` or `write through`.
        var cache: String?
        /// Tenths of its life that are used up, of the part that is worn the most.
        var worn: Int?
    }

    /// Faster, a drive with a cache that power takes has not written.
    private static let suspicious = Duration.microseconds(100)
    /// Slower, a large plant waits for its disk.
    private static let slow = Duration.milliseconds(250)
    /// From here on makers call an eMMC's life over soon (JESD84-B51, §7.4.47).
    private static let oldAge = 9

    var diagnoses: [Diagnosis] {
        let hazards = mount.map { Self.hazards(of: $0, under: path) } ?? []
        return (hazards.isEmpty ? [place] : hazards) + [speed, wear].compactMap(\.self)
    }

    private var place: Diagnosis {
        guard let mount else {
            return .note(
                .disk, "the kernel does not say what \(path) lies on",
                do: "look at `findmnt -T \(path)`")
        }
        let cache = drive?.cache.map { ", cache \($0)" } ?? ""
        return .ok(.disk, "\(path) lies on \(mount.type)\(cache)")
    }

    private var speed: Diagnosis? {
        guard let syncs, !syncs.isEmpty else { return nil }
        let median = syncs.sorted()[syncs.count / 2]
        let time = Self.text(median)
        if median < Self.suspicious, drive?.cache == "write back" {
            return .note(
                .disk,
                "a write is said to be on the disk after \(time), which is suspiciously fast",
                do: "that is so with a drive that has power of its own, or one that does not keep "
                    + "its word; only cutting its power tells")
        }
        if median > Self.slow {
            return .warning(
                .disk, "a write is on the disk after \(time) only",
                do: "another program may keep it busy, or it is worn out: see `iostat -x 1`")
        }
        return .ok(.disk, "a write is on the disk after \(time) (median of \(syncs.count))")
    }

    private var wear: Diagnosis? {
        guard let worn = drive?.worn else { return nil }
        guard worn >= Self.oldAge else {
            return .ok(.disk, "\(worn * 10) % of its life is used up")
        }
        return .warning(
            .disk, "\(worn * 10) % of its life is used up",
            do: "exchange it; a longer `seal-every` writes less")
    }

    private static func text(_ time: Duration) -> String {
        time < .milliseconds(1)
            ? "\(Wording.decimal(time.inMilliseconds * 1_000, places: 0)) µs"
            : Wording.milliseconds(time)
    }
}

// MARK: What a file system is known for

extension DiskDiagnosis {
    /// What may cost data on `mount`, also while the gateway runs.
    static func hazards(of mount: Mount, under path: String) -> [Diagnosis] {
        var hazards = [hazard(ofType: mount.type, path)].compactMap(\.self)
        if mount.options.contains("ro") {
            hazards.append(
                .error(
                    .disk, "\(path) is mounted read-only",
                    do: "see the kernel log for why, then `mount -o remount,rw \(mount.point)`"))
        }
        let commit = mount.options.lazy.compactMap { option in
            option.hasPrefix("commit=") ? Int(option.dropFirst(7)) : nil
        }.first
        if let commit, commit > longestCommit {
            hazards.append(
                .warning(
                    .disk, "\(mount.point) is mounted with commit=\(commit)",
                    do: "its own books are \(commit) s old after a power cut: take the option away")
            )
        }
        for (option, meaning) in hazardous where mount.options.contains(option) {
            hazards.append(
                .warning(
                    .disk, "\(mount.point) is mounted with \(option): \(meaning)",
                    do: "take the option out of /etc/fstab"))
        }
        return hazards
    }

    private static let longestCommit = 30

    private static let hazardous = [
        ("nobarrier", "what a drive has in its cache is lost with the power"),
        ("barrier=0", "what a drive has in its cache is lost with the power"),
        ("fsync_mode=nobarrier", "what a drive has in its cache is lost with the power"),
        ("data=writeback", "after a power cut files hold what was deleted before"),
        ("norecovery", "its journal is not looked at after a power cut"),
        ("noload", "its journal is not looked at after a power cut"),
    ]

    private static func hazard(ofType type: String, _ path: String) -> Diagnosis? {
        let elsewhere = "let `buffer: directory` be on a disk of this box (ext4, XFS, Btrfs, F2FS)"
        let what: String? =
            switch type {
            case "nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "afs":
                "over the network: locks and syncs are what the other side makes of them"
            case "overlay", "aufs": "a layer that is thrown away with its container or at the boot"
            case "tmpfs", "ramfs", "zram": "in memory: empty after every power cut"
            case "vfat", "exfat", "msdos", "ntfs", "ntfs3", "hfsplus", "ext2":
                "without a journal that a power cut needs"
            case "9p", "virtiofs", "vboxsf", "drvfs": "somebody else's, who says what a sync means"
            case _ where type.hasPrefix("fuse"): "kept by a program, which says what a sync means"
            default: nil
            }
        return what.map { .warning(.disk, "\(path) lies on \(type), \($0)", do: elsewhere) }
    }
}
