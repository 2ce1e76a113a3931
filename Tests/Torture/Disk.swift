// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What stands between this process and the directory that it tortures: `Shim/disk.c`, preloaded.
struct Disk: Sendable {
    typealias Word = @Sendable @convention(c) (UnsafePointer<CChar>?) -> Void
    typealias Begin = @Sendable @convention(c) (Int32) -> Void
    typealias Log = @Sendable @convention(c) (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?
    typealias Note = @Sendable @convention(c) (UnsafePointer<UInt8>, Int) -> Void
    typealias Fail = @Sendable @convention(c) (UInt32, Int32, Int32, Int32, UInt64) -> Void
    typealias Count = @Sendable @convention(c) () -> UInt64
    typealias Free = @Sendable @convention(c) (UInt64, UInt64) -> Void
    typealias Seed = @Sendable @convention(c) (UInt64) -> Void

    private let watchPath: Word
    private let recordFrom: Begin
    private let log: Log
    private let noteBytes: Note
    private let failAt: Fail
    private let failed: Count
    /// Makes all that is random in this process repeat itself.
    let seed: Seed
    private let synchronous: Word
    private let freeBytes: Free

    /// `nil` unless the shim is loaded.
    init?() {
        func symbol<Function>(_ name: String, _: Function.Type) -> Function? {
            dlsym(nil, name).map { unsafeBitCast($0, to: Function.self) }
        }
        guard let watch = symbol("disk_watch", Word.self),
            let record = symbol("disk_record", Begin.self), let log = symbol("disk_log", Log.self),
            let note = symbol("disk_note", Note.self), let fail = symbol("disk_fail", Fail.self),
            let failed = symbol("disk_failed", Count.self),
            let seed = symbol("disk_seed", Seed.self),
            let synchronous = symbol("disk_synchronous", Word.self),
            let free = symbol("disk_free", Free.self)
        else { return nil }
        watchPath = watch
        recordFrom = record
        self.log = log
        noteBytes = note
        failAt = fail
        self.failed = failed
        self.seed = seed
        self.synchronous = synchronous
        freeBytes = free
    }

    /// Watches one directory, and none before it.
    func watch(_ directory: String) { watchPath(directory) }

    /// Has SQLite be told this instead of `FULL`. The word lives as long as the process.
    func weaken(synchronous word: StaticString) {
        synchronous(UnsafeRawPointer(word.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    /// Begins a log.
    func record() { recordFrom(1) }

    /// Ends the log and returns it.
    func recorded() -> [Operation] {
        recordFrom(0)
        var count = 0
        let bytes = UnsafeRawBufferPointer(start: log(&count), count: count)
        return Operation.all(in: bytes)
    }

    /// Has the file system say that it is small, and has so many bytes left; `nil`: what is true.
    func leave(free bytes: Int?) { freeBytes(bytes == nil ? 0 : 64 << 20, UInt64(bytes ?? 0)) }

    /// Puts a number between the operations: what it means is the program's.
    func note(_ number: Int) {
        withUnsafeBytes(of: UInt64(number).littleEndian) { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { bytes in
                if let first = bytes.baseAddress { noteBytes(first, bytes.count) }
            }
        }
    }

    /// Lets calls fail from now on.
    func fail(_ fault: Fault) {
        failAt(
            fault.kind.calls.rawValue, fault.kind.code, fault.kind == .short ? 1 : 0,
            fault.isForEver ? 1 : 0, UInt64(fault.at))
    }

    /// Lets no call fail any more; returns how many have.
    func heal() -> Int {
        let count = failed()
        failAt(0, 0, 0, 0, 0)
        return Int(count)
    }
}

/// What is to go wrong with the disk.
struct Fault: Hashable, Sendable, CustomStringConvertible {
    var kind: Kind
    /// The which of the calls that this kind is about, from 1.
    var at: Int
    /// Whether all after it fail as well.
    var isForEver: Bool

    enum Kind: String, CaseIterable, Sendable {
        /// EIO, of any call.
        case input = "eio"
        /// ENOSPC, of what takes room.
        case space = "enospc"
        /// A write that does half, and then has no room.
        case short
        /// A sync that fails; what it was for is gone with the next power cut.
        case sync
    }

    var description: String { "\(kind.rawValue) at \(at)\(isForEver ? " for ever" : "")" }
}

extension Fault.Kind {
    /// The list of `disk.c`.
    struct Calls: OptionSet, Sendable {
        let rawValue: UInt32
        static let open = Calls(rawValue: 1)
        static let create = Calls(rawValue: 2)
        static let read = Calls(rawValue: 4)
        static let write = Calls(rawValue: 8)
        static let truncate = Calls(rawValue: 16)
        static let allocate = Calls(rawValue: 32)
        static let sync = Calls(rawValue: 64)
        static let name = Calls(rawValue: 128)
        static let unlink = Calls(rawValue: 256)
    }

    var calls: Calls {
        switch self {
        case .input:
            [.open, .create, .read, .write, .truncate, .allocate, .sync, .name, .unlink]
        case .space: [.create, .write, .allocate, .name]
        case .short: [.write]
        case .sync: [.sync]
        }
    }

    var code: Int32 {
        switch self {
        case .input, .sync: EIO
        case .space, .short: ENOSPC
        }
    }
}
