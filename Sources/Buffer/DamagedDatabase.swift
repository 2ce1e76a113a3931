// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc

/// A database and its log that SQLite is not to be trusted with, read as pages. Nobody else changes
/// the files meanwhile. For one thread; it blocks.
final class DamagedDatabase {
    let format: PageFormat
    private let database: Int32
    /// -1 if there is no log.
    private let log: Int32
    /// Pages of the file, the last of which may be torn.
    let pages: Int
    let frames: LogFrames
    /// Where in the log each page is, the likeliest first: by all frames that check, by all there
    /// are, by those that SQLite would believe, and by none.
    let views: [[UInt32: Int]]

    /// `nil` if there is no such database, or it cannot be opened.
    init?(database path: String, log logPath: String) {
        let file = Self.open(path)
        guard file >= 0 else { return nil }
        database = file
        log = Self.open(logPath)
        var status = stat()
        let size = fstat(file, &status) == 0 ? Int(status.st_size) : 0
        format = PageFormat(header: Self.read(file, at: 0, PageFormat.headerSize))
        // Page numbers have 32 bits, of which SQLite uses all but two values.
        pages = min((size + format.pageSize - 1) / format.pageSize, Int(UInt32.max) - 1)
        frames = LogFrames(
            log < 0 ? [] : Self.read(log, at: 0, LogFrames.maxBytes), pageSize: format.pageSize)
        views = Self.views(frames)
    }

    deinit {
        close(database)
        if log >= 0 { close(log) }
    }

    /// Writable where that is allowed, so that space can be given back.
    private static func open(_ path: String) -> Int32 {
        let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
        return file >= 0 ? file : Glibc.open(path, O_RDONLY | O_CLOEXEC)
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

    /// As much of `count` bytes as there is and can be read.
    private static func read(_ file: Int32, at offset: Int, _ count: Int) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { return [] }
        let wanted = max(0, min(count, Int(status.st_size) - offset))
        var failures = 0
        return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, done in
            while done < wanted, let base = buffer.baseAddress {
                let got = pread(file, base + done, wanted - done, off_t(offset + done))
                if got == -1, errno == EINTR { continue }
                // What fails once is no bad sector.
                if got == -1, failures == 0 {
                    failures += 1
                    continue
                }
                guard got > 0 else { return }
                done += got
            }
        }
    }
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
        var bytes = Self.read(database, at: (page - 1) * size, count * size)
        // Sectors that cannot be read, and a torn end, cost their pages only.
        if bytes.count < count * size { bytes = (page..<page + count).flatMap(paddedPage) }
        for index in 0..<bytes.count / size where page + index > 1 {
            scan.look(
                at: bytes[index * size..<(index + 1) * size], number: page + index,
                isInLog: false, format)
        }
        return page + count <= pages ? page + count : nil
    }

    /// Looks at all frames of the log.
    func lookAtLog(into scan: inout PageScan) {
        for (index, frame) in frames.frames.enumerated() where frame.page > 1 {
            let bytes = Self.read(log, at: frame.offset, format.pageSize)
            scan.look(at: bytes[...], number: index, isInLog: true, format)
        }
    }

    private func paddedPage(_ page: Int) -> [UInt8] {
        let bytes = Self.read(database, at: (page - 1) * format.pageSize, format.pageSize)
        return bytes + [UInt8](repeating: 0, count: format.pageSize - bytes.count)
    }
}

// MARK: Giving back

extension DamagedDatabase {
    /// Gives a part of the file back to the file system; where that cannot be done it stays.
    func punch(_ range: Range<Int>) {
        Database.punch(range, of: database)
    }
}

// MARK: Reading what was found

extension DamagedDatabase {
    /// A batch whose payload checks and whose seal holds.
    struct Sound {
        var row: Stream.Row
        var payload: [UInt8]
        var batch: Batch
        /// The pages of the file that hold the rest of it, and nothing else.
        var pages: [UInt32]
    }

    /// What a find says, if it says it truly, and is of `epoch`.
    func batch(_ find: PageScan.Find, of epoch: Epoch) -> Sound? {
        for view in views {
            if let sound = batch(find, of: epoch, in: view) { return sound }
        }
        return nil
    }

    private func batch(
        _ find: PageScan.Find, of epoch: Epoch, in view: [UInt32: Int]
    ) -> Sound? {
        guard let (bytes, pages) = record(find, in: view),
            let (row, payload) = Self.row(bytes, sequence: find.sequence),
            let (head, columns) = try? BatchCodec.decode(payload),
            head.cursor == Cursor(epoch: epoch, sequence: find.sequence)
        else { return nil }
        let (digest, _) = RecordLines(columns, end: UInt8(ascii: "\n")).digest()
        guard Digest.hex(digest) == head.sha256 else { return nil }
        return Sound(
            row: row, payload: payload, batch: Batch(head: head, columns: columns), pages: pages)
    }

    /// All bytes of a find's record, and the pages of the file that they are in.
    private func record(
        _ find: PageScan.Find, in view: [UInt32: Int]
    ) -> (bytes: [UInt8], pages: [UInt32])? {
        let frame = find.isInLog ? frames.frames[Int(find.page)] : nil
        let first = frame?.page ?? find.page
        let page =
            frame.map { Self.read(log, at: $0.offset, format.pageSize) }
            ?? self.page(find.page, in: [:])
        let content = PageBytes(page[...])
        guard let cell = format.cell(Int(find.cell), of: content), cell.rowid == find.sequence,
            let local = content.slice(cell.place, cell.local)
        else { return nil }
        var bytes = Array(local)
        bytes.reserveCapacity(cell.size)
        var taken: Set<UInt32> = [first]
        var next = cell.overflow
        while bytes.count < cell.size {
            // A chain that comes back to itself is none.
            guard next > 1, taken.insert(next).inserted else { return nil }
            let page = self.page(next, in: view)
            let rest = min(cell.size - bytes.count, format.pageSize - 4)
            guard let link = PageBytes(page[...]).number(at: 0, size: 4),
                let part = PageBytes(page[...]).slice(4, rest)
            else { return nil }
            bytes += part
            next = UInt32(link)
        }
        taken.remove(first)
        return (bytes, Array(taken))
    }

    private func page(_ number: UInt32, in view: [UInt32: Int]) -> [UInt8] {
        if let offset = view[number] { return Self.read(log, at: offset, format.pageSize) }
        return Self.read(database, at: (Int(number) - 1) * format.pageSize, format.pageSize)
    }

    /// A row of `batch`, and its payload.
    private static func row(
        _ record: [UInt8], sequence: Int64
    ) -> (Stream.Row, payload: [UInt8])? {
        guard let types = StoredRecord.types(of: record[...], size: record.count)?.types,
            PageScan.isBatch(types), let stored = StoredRecord(record[...]),
            case .blob(let payload) = stored.columns[10]
        else { return nil }
        func integer(_ index: Int) -> Int64 { stored.integer(index) ?? 0 }
        let row = Stream.Row(
            sequence: sequence, sealed: Timestamp(milliseconds: integer(1)),
            first: Timestamp(milliseconds: integer(2)), last: Timestamp(milliseconds: integer(3)),
            records: Int(integer(4)), readings: Int(integer(5)), lines: Int(integer(6)),
            totalRecords: integer(7), totalReadings: integer(8), totalBytes: integer(9),
            bytes: payload.count,
            transitions: stored.columns.count > 11 ? stored.integer(11).map(Int.init) : nil)
        return (row, Array(payload))
    }
}
