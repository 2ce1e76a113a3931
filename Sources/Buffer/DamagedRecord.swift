// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

// What a page scan has found in a damaged database, read and proven.

extension DamagedDatabase {
    /// A batch whose payload checks and whose seal holds.
    struct Sound {
        var row: Stream.Row
        var payload: [UInt8]
        var batch: Batch
        var seal: Seal
        /// The pages of the file that hold the rest of it, and nothing else.
        var pages: [UInt32]
    }

    /// What a find says, if it says it truly, and is of `epoch`, where that is known.
    func batch(_ find: PageScan.Find, of epoch: Epoch?) -> Sound? {
        for view in views {
            if let sound = batch(find, of: epoch, in: view) { return sound }
        }
        return nil
    }

    /// The same, where the log has what `view` says.
    func batch(
        _ find: PageScan.Find, of epoch: Epoch?, in view: [UInt32: Int]
    ) -> Sound? {
        guard let (bytes, pages) = record(find, in: view),
            let (row, payload) = Self.row(bytes, sequence: find.sequence),
            let (head, columns) = try? BatchCodec.decode(payload),
            head.cursor.sequence == find.sequence, head.cursor.epoch == epoch ?? head.cursor.epoch,
            let proof = try? Proof(Batch(head: head, columns: columns))
        else { return nil }
        return Sound(
            row: row, payload: payload, batch: proof.batch, seal: proof.seal, pages: pages)
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

    /// A page, of the log where `view` has it there.
    func page(_ number: UInt32, in view: [UInt32: Int]) -> [UInt8] {
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
        // What is counted wrong is counted anew where the batch is sound.
        func quantity(_ index: Int) -> Int64 {
            let value = integer(index)
            return Database.Row.quantities.contains(value) ? value : 0
        }
        let row = Stream.Row(
            sequence: sequence, sealed: Timestamp(milliseconds: integer(1)),
            first: Timestamp(milliseconds: integer(2)), last: Timestamp(milliseconds: integer(3)),
            records: Int(quantity(4)), readings: Int(quantity(5)), lines: Int(quantity(6)),
            totalRecords: quantity(7), totalReadings: quantity(8), totalBytes: quantity(9),
            bytes: payload.count,
            transitions: stored.columns.count > 11 ? stored.integer(11).map(Int.init) : nil)
        return (row, Array(payload))
    }
}
