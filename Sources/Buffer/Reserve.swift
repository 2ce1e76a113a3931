// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// `millpond.reserve`: room on the disk that nobody else can take, given up when the disk is full,
/// so that deleting, acknowledging and working the log off can go on.
///
/// It is cut to nothing and not removed: where inodes are used up, too, it could not come back.
struct Reserve {
    let path: String
    /// Bytes that it is to have.
    let wanted: Int

    /// As much as the log has at most, and one MiB: what a full log needs to be worked off. A
    /// sixteenth of a small disk, and what a small buffer could need of it.
    init(path: String, limit: Int, disk: Quota.Disk?) {
        self.path = path
        let most = min(Store.logLimit + (1 << 20), limit)
        wanted = min(most, max((disk?.size ?? .max) / 16, 256 << 10))
    }

    /// Bytes that it has.
    var kept: Int { FileSystem.allocated(by: path) }

    var isWhole: Bool { kept >= wanted }

    /// Takes the room; false where there is none.
    func take() -> Bool {
        let file = opened(O_CREAT)
        guard file >= 0 else { return false }
        defer { close(file) }
        if posix_fallocate(file, 0, wanted) == 0 { return true }
        // A part would be no use, and takes from those who can use it.
        _ = ftruncate(file, 0)
        return false
    }

    /// Gives the room up, if there is any.
    func release() {
        let file = opened()
        guard file >= 0 else { return }
        defer { close(file) }
        // Where even that fails, the disk stays full, and whoever writes is told.
        _ = ftruncate(file, 0)
    }

    /// Never what a link in its place leads to: its content would be gone.
    private func opened(_ flags: CInt = 0) -> CInt {
        open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | flags, 0o640)
    }
}
