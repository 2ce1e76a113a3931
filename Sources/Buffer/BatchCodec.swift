// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// A sealed batch as bytes, and back.
///
/// A batch's bytes are one Zstandard frame with content size and content checksum. Its content
/// holds all that is ever said of the batch: it needs no catalogue and nothing beside it.
/// Numbers are LEB128 varints (`s…` are zigzag), texts are a length and UTF-8.
///
/// ```
/// format        3
/// head          sequence · epoch text · s sealed · clock · boot text · gateway text
///               · site (0 | 1 text) · sha256 (32 bytes)
/// origin        which of these there are, 1 | 2 | 4, not in format 2
///               · 1 s first, milliseconds since boot · from there to sealing
///               · 2 first sequence condensed · from there to the last
///               · 4 sequence · epoch text, of what was salvaged
/// counts        columns · shapes · runs · entries
/// devices       number · of each: equipment text · device text
/// quantities    number · of each: signal text · unit (0 | 1 text)
/// names         of each column: s device - the last one's · s quantity - the one after the last
/// shapes        of each: length · its columns, each as s (column - the one before - 1)
/// runs          of each: 0 an entry | n-th shape
/// times         of each run: s milliseconds, against the same shape's last time and stride
/// entries       of each: kind (0 health, 1 note, 2 summary) · equipment (0 | 1 text) · line text
/// kinds         of each column: kind | decimals << 3 | has states << 6
/// states        of each column that has them: state · length, until all its readings have one
/// scaled        of each cell: s difference to the column's last; 0 is followed by how many more
/// floats        xor of each cell to the column's last, 4 planes: all highest bytes first
/// doubles       likewise, 8 planes
/// booleans      of each cell one bit, lowest first: does it differ from the column's last?
/// literals      of each cell: tag · value
/// ```
///
/// The order of records is the order of runs; how many readings a column has follows from shapes
/// and runs, how many values from its states. Nothing may follow the last literal.
enum BatchCodec {
    static let format: UInt8 = 3
    /// What was written before 2026-11-22: the same but for the origin. It is read for ever.
    static let formatWithoutOrigin: UInt8 = 2
    /// The most records in a batch: a day of one signal, or 100 s of 1,000 a second; it bounds
    /// what one batch costs in memory.
    static let maxRecords = 100_000
    /// The most bytes of content: 100,000 records of 160 bytes incompressible text. Bounds what
    /// a damaged frame can make a reader allocate.
    static let maxContent = 16 << 20

    /// `nil` if it would exceed `maxContent`, or memory ran out.
    static func encode(_ head: BatchHead, digest: [UInt8], _ columns: Columns) -> [UInt8]? {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(1_024 + columns.recordCount * 4)
        writer.bytes.append(format)
        writer.head(head, digest: digest)
        writer.origin(head)
        for count in [
            columns.names.columns.count, columns.shapes.count, columns.runs.count,
            columns.entries.count,
        ] { writer.count(count) }
        writer.names(columns.names)
        writer.order(columns, since: head.sealed.milliseconds)
        writer.entries(columns.entries)
        writer.kindsAndStates(columns)
        writer.values(columns)
        guard writer.bytes.count <= maxContent else { return nil }
        return Compression.compressed(writer.bytes)
    }

    static func decode(_ frame: [UInt8]) throws(Damage) -> (BatchHead, Columns) {
        guard let content = Compression.decompressed(frame, maxSize: maxContent) else {
            throw .frame
        }
        return try decode(content: content)
    }

    /// Never traps, whatever `content` is.
    static func decode(content: [UInt8]) throws(Damage) -> (BatchHead, Columns) {
        var reader = ByteReader(content)
        let version = try reader.byte()
        guard version == format || version == formatWithoutOrigin else { throw .content }
        var head = try reader.head()
        if version == format { try reader.origin(&head) }
        let count = try reader.count()
        let shapes = try reader.count()
        let runs = try reader.count()
        let entries = try reader.count()
        var columns = Columns()
        columns.names = try reader.names(count)
        try reader.order(&columns, shapes: shapes, runs: runs, since: head.sealed.milliseconds)
        try reader.entries(&columns, count: entries)
        try reader.kindsAndStates(&columns)
        try reader.values(&columns)
        guard reader.remaining == 0 else { throw .content }
        head.records = columns.recordCount
        return (head, columns)
    }
}
