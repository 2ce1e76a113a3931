// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Something that changed what the disk holds, or what it will hold after a power cut.
enum Operation: Sendable {
    /// A file is known by this number from now on; it was there before.
    case opened(file: Int, name: String)
    case created(file: Int, name: String)
    case written(file: Int, offset: Int, bytes: [UInt8])
    /// What was written there is on disk: the file is open with O_DSYNC.
    case durable(file: Int, range: Range<Int>)
    case truncated(file: Int, size: Int)
    case allocated(file: Int, range: Range<Int>)
    case punched(file: Int, range: Range<Int>)
    case synced(file: Int)
    /// The kernel told an error and calls the pages clean: they will never be written.
    case syncFailed(file: Int)
    case renamed(from: String, to: String)
    case linked(from: String, to: String)
    case unlinked(name: String)
    case directoryMade(name: String)
    case directoryRemoved(name: String)
    case directorySynced(name: String)
    /// The program's own word between the others.
    case noted(Int)
}

extension Operation {
    /// The bytes of a header of `disk.c`: kind and file of 4, then offset, extent and payload of 8.
    private static let headerLength = 32

    /// Reads the shim's log, which is whole.
    static func all(in log: UnsafeRawBufferPointer) -> [Operation] {
        var operations: [Operation] = []
        var position = 0
        while position + headerLength <= log.count {
            func number(_ offset: Int) -> Int {
                Int(log.loadUnaligned(fromByteOffset: position + offset, as: UInt64.self))
            }
            let end = position + headerLength + number(24)
            operations.append(
                Operation(
                    kind: log.loadUnaligned(fromByteOffset: position, as: UInt32.self),
                    file: Int(log.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)),
                    offset: number(8), extent: number(16),
                    payload: Array(log[position + headerLength..<end])))
            position = end
        }
        return operations
    }

    private init(kind: UInt32, file: Int, offset: Int, extent: Int, payload: [UInt8]) {
        let range = offset..<offset + extent
        let names = payload.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let (name, other) = (names.first ?? "", names.last ?? "")
        switch kind {
        case 1: self = .opened(file: file, name: name)
        case 2: self = .created(file: file, name: name)
        case 3: self = .written(file: file, offset: offset, bytes: payload)
        case 4: self = .durable(file: file, range: range)
        case 5: self = .truncated(file: file, size: offset)
        case 6: self = .allocated(file: file, range: range)
        case 7: self = .punched(file: file, range: range)
        case 8: self = .synced(file: file)
        case 9: self = .syncFailed(file: file)
        case 10: self = .renamed(from: name, to: other)
        case 11: self = .linked(from: name, to: other)
        case 12: self = .unlinked(name: name)
        case 13: self = .directoryMade(name: name)
        case 14: self = .directoryRemoved(name: name)
        case 15: self = .directorySynced(name: name)
        case 16: self = .noted(payload.reversed().reduce(0) { $0 << 8 | Int($1) })
        default: preconditionFailure("disk.c and Operation.swift have one list")
        }
    }
}
