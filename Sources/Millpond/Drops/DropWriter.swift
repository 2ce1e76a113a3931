// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// Writes what a buffer has after a cursor as drops, each of at most `size` bytes, or one batch.
struct DropWriter {
    let folder: DropFolder
    let size: Int
    private let purpose: Purpose
    /// Of what is being written, all but its digest.
    private var drop: Drop
    private var file: NewFile?
    private var digest = Digest.Running()
    /// Those that are done.
    private(set) var written: [Drop] = []

    /// What the records are for.
    enum Purpose {
        case writing
        /// Their file is there, but for its manifest.
        case completing
    }

    /// They follow `after`, which is where the drop of digest `sha256` has ended, if there is one.
    init(
        _ purpose: Purpose, into folder: DropFolder, size: Int, after: Cursor, sha256: String?
    ) {
        self.purpose = purpose
        self.folder = folder
        self.size = size
        drop = Drop(after: after, afterSHA256: sha256, to: after)
    }

    /// Adds what comes next in the stream.
    mutating func add(_ item: Page.Item) throws(DropFolder.Failure) {
        var lines: [UInt8] = []
        item.appendNDJSON(to: &lines)
        if drop.bytes > 0, drop.bytes + lines.count > size { try finish() }
        if purpose == .writing { try write(lines) }
        lines.withUnsafeBytes { digest.add($0) }
        drop.bytes += lines.count
        drop.take(item)
    }

    private mutating func write(_ lines: [UInt8]) throws(DropFolder.Failure) {
        let file = if let file { file } else { try NewFile(in: folder.path) }
        self.file = file
        try file.write(lines)
    }

    /// Ends the drop that is being written, if there is one.
    mutating func finish() throws(DropFolder.Failure) {
        guard let file else { return }
        drop.sha256 = Digest.hex(digest.digest())
        try file.finish(as: drop.name.content)
        self.file = nil
        try sign()
    }

    /// Gives the file of that name its manifest, if it holds just what was added; whether it does.
    mutating func complete(_ name: DropName) throws(DropFolder.Failure) -> Bool {
        drop.sha256 = Digest.hex(digest.digest())
        guard drop.name == name, try folder.sha256(of: name.content) == drop.sha256 else {
            return false
        }
        try sign()
        return true
    }

    private mutating func sign() throws(DropFolder.Failure) {
        let manifest = drop.json
        let sum = manifest.utf8.withContiguousStorageIfAvailable {
            Digest.sha256(UnsafeRawBufferPointer($0))
        }
        try folder.put(drop.sums(ofManifest: Digest.hex(sum ?? [])), as: drop.name.sums)
        try folder.put(manifest, as: drop.name.manifest)
        written.append(drop)
        drop = Drop(after: drop.to, afterSHA256: drop.sha256, to: drop.to)
        digest = Digest.Running()
    }
}

extension Drop {
    /// Counts what was added.
    fileprivate mutating func take(_ item: Page.Item) {
        switch item {
        case .epoch(_, let epoch, _): to = Cursor(epoch: epoch, sequence: 0)
        case .lost(let range):
            to = range.to
            if range.reason != .acknowledged { counts.lost += range.records }
            widen(range.first...max(range.first, range.last))
        case .batch(let batch):
            to = batch.head.cursor
            gateway = batch.head.gateway
            site = batch.head.site
            counts.batches += 1
            counts.records += batch.head.records
            counts.readings += batch.readings
            if let span = batch.times { widen(span) }
        }
    }

    private mutating func widen(_ span: ClosedRange<Timestamp>) {
        let before = times ?? span
        times = min(before.lowerBound, span.lowerBound)...max(before.upperBound, span.upperBound)
    }
}
