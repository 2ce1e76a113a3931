// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// Writes what a buffer has after a cursor as drops, each of at most `size` bytes, or one batch.
struct DropWriter {
    let folder: DropFolder
    let size: Int
    /// Of what is being written, all but its digest.
    private var drop: Drop
    private var file: NewFile?
    private var digest = Digest.Running()
    /// Those that are done.
    private(set) var written: [Drop] = []

    /// They follow `after`, which is where the drop of digest `sha256` has ended, if there is one.
    init(into folder: DropFolder, size: Int, after: Cursor, sha256: String?) {
        self.folder = folder
        self.size = size
        drop = Drop(after: after, afterSHA256: sha256, to: after)
    }

    /// Adds what comes next in the stream.
    mutating func add(_ item: Page.Item) throws(DropFolder.Failure) {
        var lines: [UInt8] = []
        item.appendNDJSON(to: &lines)
        if drop.bytes > 0, drop.bytes + lines.count > size { try finish() }
        let file = if let file { file } else { try NewFile(in: folder.path) }
        self.file = file
        try file.write(lines)
        lines.withUnsafeBytes { digest.add($0) }
        drop.bytes += lines.count
        drop.take(item)
    }

    /// Ends the drop that is being written, if there is one.
    mutating func finish() throws(DropFolder.Failure) {
        guard let file else { return }
        drop.sha256 = Digest.hex(digest.digest())
        let manifest = drop.json
        let sum = manifest.utf8.withContiguousStorageIfAvailable {
            Digest.sha256(UnsafeRawBufferPointer($0))
        }
        try file.finish(as: drop.name + Drop.content)
        try folder.put(drop.sums(ofManifest: Digest.hex(sum ?? [])), as: drop.name + Drop.sums)
        try folder.put(manifest, as: drop.name + Drop.manifest)
        written.append(drop)
        drop = Drop(after: drop.to, afterSHA256: drop.sha256, to: drop.to)
        self.file = nil
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
