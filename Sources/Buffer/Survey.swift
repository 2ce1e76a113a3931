// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A buffer's directory looked at from outside, whether a gateway has it or not: nothing in it is
/// opened but to read its first bytes, and nothing is changed.
package struct Survey: Hashable, Sendable {
    /// What lies where the database belongs.
    package enum Content: Hashable, Sendable {
        case absent, ours, foreign
        /// Bytes in the place of a database of ours: the next start moves them into quarantine.
        case damaged
        case newer(schema: Int)
        case unreadable(errno: Int32)
    }

    /// What the high-water mark says.
    package enum MarkState: Hashable, Sendable { case absent, sound, damaged }

    package var content: Content
    package var mark: MarkState
    /// Whether a process holds the directory; false too where we may not look.
    package var isHeld: Bool
    /// The lock's file, by which the process can be found.
    package var lock: String
    /// Bytes that a damaged database in quarantine takes of the disk.
    package var quarantine: Int
    /// Bytes that all of it takes of the disk.
    package var taken: Int
    /// Bytes that the file system still gives, and those that it has; `nil` where it does not say.
    package var free: Int?
    package var size: Int?
    /// Whether the file system has a name left for another file.
    package var hasNames: Bool

    /// Looks at a directory that is there.
    package init(of path: String) {
        let directory = BufferDirectory(path: path)
        // What cannot be read is as good as damaged: an opener believes the database then.
        let file = try? MarkFile(directory)
        mark = file?.isThere == false ? .absent : file?.mark == nil ? .damaged : .sound
        content = Self.content(of: directory, isKnown: file?.isThere != false)
        isHeld = directory.isLocked
        lock = directory.lockFile
        quarantine = Quarantine.bytes(in: directory)
        taken = [directory.database, directory.log, directory.index, directory.reserve]
            .reduce(quarantine) { $0 + FileSystem.allocated(by: $1) }
        let disk = FileSystem.disk(of: path)
        (free, size) = (disk?.free, disk?.size)
        hasNames = FileSystem.hasNames(path)
    }

    private static func content(of directory: BufferDirectory, isKnown: Bool) -> Content {
        do throws(BufferError) {
            switch try directory.content() {
            case .absent: return .absent
            case .ours: return .ours
            case .foreign: return .foreign
            case .newer(let schema): return .newer(schema: schema)
            case .unreadable(.errno(let code)): return .unreadable(errno: code)
            case .unreadable: return isKnown ? .damaged : .foreign
            }
        } catch .unusable(_, .errno(let code)) {
            return .unreadable(errno: code)
        } catch {
            return .unreadable(errno: EIO)
        }
    }

    /// What the directory may take of the disk with a buffer of `limit` bytes, the log, the reserve
    /// and a quarantine included.
    package static func most(limit: Int) -> Int { limit + Quota.overhead }

    /// Bytes of a disk of `size` that a buffer leaves free for others.
    package static func margin(size: Int) -> Int { Quota.Disk(size: size, free: 0).margin }
}
