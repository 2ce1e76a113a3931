// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// `millpond.mark`: two slots, written in turn, each write on the disk when it returns.
final class MarkFile {
    private let directory: String
    private let path: String
    /// What the file said last; `nil` if neither slot checked.
    private(set) var mark: Mark?
    /// Whether there was a file at all.
    let isThere: Bool
    private var turn: UInt64
    private var file: CInt = -1
    /// Whether the file is to be made anew, whatever lies there.
    private var isGone = false
    /// Both slots, as they were read or written: whole sectors, aligned as direct writes ask for.
    private let slots: UnsafeMutableRawPointer

    /// Reads what is there; nothing is made or changed. Throws if a newer program wrote it: what
    /// that one knows of the database would be overwritten.
    init(_ directory: BufferDirectory) throws(BufferError) {
        self.directory = directory.path
        path = directory.mark
        slots = .allocate(byteCount: 2 * Mark.slotSize, alignment: 4_096)
        slots.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * Mark.slotSize)
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        isThere = file >= 0
        turn = 0
        guard isThere else {
            guard errno == ENOENT else { throw .unusable(path: path, reason: .errno(errno)) }
            return
        }
        defer { Glibc.close(file) }
        let count = File.beginning(of: file, into: slots, 2 * Mark.slotSize)
        guard count >= 0 else {
            // A bad sector is like a damaged slot; what can never be a mark is refused.
            guard errno == EIO else { throw .unusable(path: path, reason: .errno(errno)) }
            return
        }
        let bytes = Array(UnsafeRawBufferPointer(start: slots, count: 2 * Mark.slotSize))
        for slot in [bytes[..<Mark.slotSize], bytes[Mark.slotSize...]] {
            if let version = Mark.newerVersion(of: slot) {
                throw .unusable(path: path, reason: .newerSchema(version))
            }
            guard let found = Mark(slot: slot), mark == nil || Mark.turn(of: slot) > turn else {
                continue
            }
            (mark, turn) = (found, Mark.turn(of: slot))
        }
    }

    deinit {
        if file >= 0 { Glibc.close(file) }
        slots.deallocate()
    }

    /// What the file said stays known; where it lay, another directory may be by now. It is written
    /// as a new one, the next time.
    func letGo() {
        if file >= 0 { Glibc.close(file) }
        (file, isGone) = (-1, true)
    }

    /// Puts `mark` on the disk: 0, or the errno of what failed. Then the slot that was to be
    /// written may hold anything, the other one is as it was, and the next call tries again.
    func write(_ mark: Mark) -> CInt {
        let isNew = self.mark == nil || isGone
        if file < 0 {
            file = open(
                path,
                O_RDWR | O_CREAT | O_DSYNC | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | Self.direct,
                0o640)
            // Not every file system writes without its cache (open(2), "O_DIRECT").
            if file < 0, errno == EINVAL { reopenCached() }
            guard file >= 0 else { return errno }
        }
        let next = turn + 1
        let code = isNew ? writeBoth(mark, turn: next) : write(mark, turn: next)
        guard code == 0 else {
            Glibc.close(file)
            file = -1
            return code
        }
        (self.mark, turn, isGone) = (mark, next, false)
        return 0
    }

    private func write(_ mark: Mark, turn: UInt64) -> CInt {
        let place = Int(turn % 2) * Mark.slotSize
        slots.advanced(by: place).copyMemory(
            from: mark.slot(turn: turn), byteCount: Mark.slotSize)
        var count = pwrite(file, slots + place, Mark.slotSize, off_t(place))
        if count == -1, errno == EINVAL {
            // Sectors of this disk are larger than a slot.
            Glibc.close(file)
            reopenCached()
            guard file >= 0 else { return errno }
            count = pwrite(file, slots + place, Mark.slotSize, off_t(place))
        }
        guard count >= 0 else { return errno }
        return count == Mark.slotSize ? 0 : EIO
    }

    /// A file of a size that does not change again, with a name that lasts.
    private func writeBoth(_ mark: Mark, turn: UInt64) -> CInt {
        for turn in [turn - 1, turn] {
            let code = write(mark, turn: turn)
            guard code == 0 else { return code }
        }
        guard fsync(file) == 0 else { return errno }
        return BufferDirectory.sync(directory)
    }

    private func reopenCached() {
        file = open(path, O_RDWR | O_CREAT | O_DSYNC | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o640)
    }

    /// O_DIRECT, which Swift's Glibc leaves out (asm/fcntl.h): a sector, and not a page of 4 KiB.
    #if arch(arm64)
        private static let direct: CInt = 0o200_000
    #else
        private static let direct: CInt = 0o40_000
    #endif
}
