// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file that is read as it is, past SQLite; only while no connection to it is open in this
/// process, as to close any descriptor of a file gives up all of the process' locks on it
/// (fcntl(2)).
final class File {
    private let descriptor: CInt

    /// `nil` if it is not there, or may not be read.
    convenience init?(reading path: String) { self.init(path, O_RDONLY) }

    /// `nil` if it is not there, or may not be written.
    convenience init?(changing path: String) { self.init(path, O_RDWR) }

    private init?(_ path: String, _ access: CInt) {
        descriptor = open(path, access | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// As many bytes as there are at `place`, `count` at most; `nil` if they cannot be read.
    func bytes(at place: Int, count: Int) -> [UInt8]? {
        var isRead = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            while filled < count {
                let more = pread(
                    descriptor, target.baseAddress.map { $0 + filled }, count - filled,
                    off_t(place + filled))
                if more < 0, errno == EINTR { continue }
                isRead = more >= 0
                guard more > 0 else { return }
                filled += more
            }
        }
        return isRead ? bytes : nil
    }

    /// Writes what is at a place once more, for `sync`; whether it could.
    func renew(at place: Int, count: Int) -> Bool {
        guard let bytes = bytes(at: place, count: count) else { return false }
        return pwrite(descriptor, bytes, bytes.count, off_t(place)) == bytes.count
    }

    /// Makes what was written last; whether it could. Where it could not, the kernel has forgotten
    /// what it was to write, and would say yes the next time.
    func sync() -> Bool { fsync(descriptor) == 0 }

    /// The first bytes of a file, all of a small one; `nil` if they cannot be read.
    static func bytes(of path: String, most: Int) -> [UInt8]? {
        guard let file = File(reading: path) else { return nil }
        return file.bytes(at: 0, count: min(most, BufferDirectory.size(of: path)))
    }
}

extension File {
    /// Reads the beginning of an open file, as pread(2) does, and once more where the disk fails: what
    /// fails once is no bad sector, and without its beginning a file says nothing.
    static func beginning(
        of descriptor: CInt, into bytes: UnsafeMutableRawPointer, _ count: Int
    ) -> Int {
        let read = pread(descriptor, bytes, count, 0)
        return read < 0 && errno == EIO ? pread(descriptor, bytes, count, 0) : read
    }
}
