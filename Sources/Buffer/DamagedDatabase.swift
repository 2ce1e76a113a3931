// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// A database and its log that SQLite is not to be trusted with, read as pages. Nobody else changes
/// the files meanwhile. For one thread; it blocks.
final class DamagedDatabase {
    let format: PageFormat
    /// -1 if there is only a log.
    let database: Int32
    /// -1 if there is no log.
    let log: Int32
    /// Pages of the file, the last of which may be torn.
    let pages: Int
    let frames: LogFrames
    /// Where in the log each page is, the likeliest first: by all frames that check, by all there
    /// are, by those that SQLite would believe, and by none.
    let views: [[UInt32: Int]]

    /// `nil` if there is neither a database nor a log, or none that can be opened.
    init?(database path: String, log logPath: String) {
        database = Self.open(path)
        log = Self.open(logPath)
        guard database >= 0 || log >= 0 else { return nil }
        let size = Self.size(of: database)
        format = PageFormat(
            header: Self.read(database, at: 0, PageFormat.headerSize),
            log: Self.read(log, at: 0, PageFormat.headerSize))
        // Page numbers have 32 bits, of which SQLite uses all but two values.
        pages = min((size + format.pageSize - 1) / format.pageSize, Int(UInt32.max) - 1)
        frames = LogFrames(
            log < 0 ? [] : Self.read(log, at: 0, min(Self.size(of: log), LogFrames.maxBytes)),
            pageSize: format.pageSize)
        views = Self.views(frames)
    }

    deinit {
        if database >= 0 { close(database) }
        if log >= 0 { close(log) }
    }

    /// Writable where that is allowed, so that space can be given back.
    private static func open(_ path: String) -> Int32 {
        let file = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        return file >= 0 ? file : Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }

    private static func views(_ frames: LogFrames) -> [[UInt32: Int]] {
        guard !frames.frames.isEmpty else { return [[:]] }
        func view(_ isIn: (Int, LogFrames.Frame) -> Bool) -> [UInt32: Int] {
            var view: [UInt32: Int] = [:]
            for (index, frame) in frames.frames.enumerated() where isIn(index, frame) {
                view[frame.page] = frame.offset
            }
            return view
        }
        let all = view { _, _ in true }
        guard frames.believed < frames.frames.count else { return [all, [:]] }
        return [
            view { _, frame in frame.checks }, all, view { index, _ in index < frames.believed },
            [:],
        ]
    }

    private static func size(of file: Int32) -> Int {
        var status = stat()
        return fstat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    /// `count` bytes, with zeros for sectors that cannot be read and for what lies behind the end.
    static func read(_ file: Int32, at offset: Int, _ count: Int) -> [UInt8] {
        var failures = 0
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count, let base = buffer.baseAddress {
                let got = pread(file, base + done, count - done, off_t(offset + done))
                if got == -1, errno == EINTR { continue }
                // What fails once is no bad sector.
                if got == -1, failures == 0 {
                    failures += 1
                    continue
                }
                if got > 0 {
                    done += got
                    continue
                }
                let sectorEnd = ((offset + done) / sector + 1) * sector - offset
                let next = got == 0 ? count : min(count, sectorEnd)
                (base + done).initialize(repeating: 0, count: next - done)
                done = next
            }
        }
    }

    private static let sector = 512
}

// MARK: Looking through it

extension DamagedDatabase {
    /// Bytes that are read at once.
    private static let piece = 1 << 20

    /// Looks at what comes next of the file; returns the page to go on with, `nil` at the end.
    func look(from page: Int, into scan: inout PageScan) -> Int? {
        let size = format.pageSize
        let count = min(max(1, Self.piece / size), pages - page + 1)
        guard count > 0 else { return nil }
        let bytes = Self.read(database, at: (page - 1) * size, count * size)
        for index in 0..<bytes.count / size where page + index > 1 {
            scan.look(
                at: bytes[index * size..<(index + 1) * size], number: UInt32(page + index), format)
        }
        return page + count <= pages ? page + count : nil
    }

    /// Looks at the frames of the log, all or some.
    func lookAtLog(_ part: Range<Int>? = nil, into scan: inout PageScan) {
        for index in part ?? frames.frames.indices where frames.frames[index].page > 1 {
            let frame = frames.frames[index]
            let bytes = Self.read(log, at: frame.offset, format.pageSize)
            scan.look(at: bytes[...], number: frame.page, frame: index, format)
        }
    }
}

extension DamagedDatabase {
    /// What its pages say of an epoch of which nothing else does: how far it had come at least, and
    /// what its rows say that it kept. `nil` where no batch of it is sound.
    func ending(of epoch: Epoch?, because reason: EndedEpoch.Reason) -> EndedEpoch? {
        var scan = PageScan(after: 0)
        lookAtLog(into: &scan)
        var page: Int? = 1
        while let next = page { page = look(from: next, into: &scan) }
        scan.finish()
        let finds = scan.finds.filter { $0.sequence > scan.floor && !scan.isLost($0.sequence) }
        let sound = finds.lazy.compactMap { self.batch($0, of: epoch) }
        guard let oldest = sound.first,
            let newest = finds.reversed().lazy.compactMap({ self.batch($0, of: epoch) }).first
        else { return nil }
        var records: [Int64: Int32] = [:]
        for find in finds where find.sequence <= newest.row.sequence {
            records[find.sequence] = find.records
        }
        var ending = EndedEpoch(
            epoch: newest.batch.head.cursor.epoch, newest: newest.row.sequence, reason: reason,
            time: newest.batch.head.sealed,
            owed: records.values.reduce(0) { $0 + Int64($1) })
        ending.first = min(oldest.row.first, ending.time)
        ending.salvaged = scan.floor
        return ending
    }
}

// MARK: Giving back

extension DamagedDatabase {
    /// Gives a part of the file back to the file system; where that cannot be done it stays.
    func punch(_ range: Range<Int>) {
        FileSystem.punch(range, of: database)
    }
}
