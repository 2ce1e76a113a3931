// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How much the database may have now: its limit, or what the file system can really give.
///
/// - A limit that the file system cannot hold is no limit, and SQLite can neither delete nor
///   acknowledge nor checkpoint on a disk that is full. So the database stops growing while
///   `margin` is still free, and goes on as a ring at the size that it has: never is a batch taken
///   because another program needs the room.
/// - The directory stays under limit + 64 MiB: what lies in quarantine counts, so that damage
///   cannot double what the buffer takes.
/// - Pressed is told when it begins and when it is over by half a margin, so that a file which
///   comes and goes does not make it flap.
///
/// A value: `Space` measures, and does what follows.
struct Quota: Equatable, Sendable {
    /// Bytes that the configuration allows.
    let limit: Int
    /// Bytes that the database may have now.
    private(set) var bytes: Int
    /// Whether the file system, and not the limit, says how much that is.
    private(set) var isPressed = false

    init(limit: Int) {
        self.limit = limit
        bytes = limit
    }

    /// What takes room now, in bytes.
    struct Room: Equatable, Sendable {
        /// The database as its pages count, those that still stand in the log included.
        var present = 0
        /// What its file has on the disk.
        var file = 0
        /// What its log has on the disk.
        var log = 0
        /// What is to be kept back for a full disk.
        var reserve = 0
        /// How much of `reserve` is there.
        var reserved = 0
        var quarantine = 0
        /// `nil` where the file system does not say.
        var disk: Disk?
    }

    /// A file system.
    struct Disk: Equatable, Sendable {
        var size: Int
        /// What a user without privileges may still take of it.
        var free: Int

        /// What the database leaves free: a tenth, as other programs need the disk as well, and not
        /// more than 256 MiB, which is enough for them.
        var margin: Int { min(size / 10, 256 << 20) }
    }

    /// What the directory may take beyond the limit (the contract's).
    static let overhead = 64 << 20
    /// What of `overhead` is for neither reserve nor quarantine: the log at twice the size at which
    /// the writer waits for readers, its index, the mark, and what was learnt of the devices.
    static let others = 2 * Store.logLimit + (4 << 20)

    /// Enough for some minutes of a large plant, should there be more in quarantine than that.
    private static let least = 4 << 20

    /// Looks at what there is.
    mutating func look(at room: Room) {
        let before = isPressed
        let beside = Self.overhead - Self.others - room.reserve - room.quarantine
        let allowed = max(min(limit, limit + beside), min(limit, Self.least))
        bytes = allowed
        isPressed = false
        if let disk = room.disk {
            // What is already promised: pages on their way into the file, the log, the reserve.
            let promised =
                max(0, room.present - room.file) + max(0, Store.logLimit - room.log)
                + max(0, room.reserve - room.reserved)
            let possible = room.present + disk.free - disk.margin - promised
            let most = max(room.present, possible)
            isPressed = most < allowed + (before ? disk.margin / 2 : 0)
            bytes = min(allowed, most)
        }
    }
}
