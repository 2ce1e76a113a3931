// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import FoundationEssentials

/// Reads the content of a drop, line by line, as the far side has it: counts it, and hashes the file
/// and each batch.
struct DropCheck {
    /// What is wrong, as sentences; empty if nothing is.
    private(set) var faults: [String] = []
    private var digest = Digest.Running()
    private var bytes = 0
    private var counts = Drop.Counts()
    /// The last sequence that was accounted for.
    private var last: Cursor
    /// What is left of a line.
    private var rest: [UInt8] = []
    /// The batch whose records are being read.
    private var open: (head: Line, digest: Digest.Running, records: Int)?

    private init(after: Cursor) { last = after }

    /// What is wrong with a drop in `folder`.
    static func faults(of drop: Drop, in folder: DropFolder) throws(DropFolder.Failure) -> [String]
    {
        var check = DropCheck(after: drop.after)
        try folder.visit(drop.name.content) { check.take($0) }
        check.finish(drop)
        return check.faults
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer) {
        digest.add(piece)
        bytes += piece.count
        var start = 0
        for index in piece.indices where piece[index] == UInt8(ascii: "\n") {
            rest += piece[start...index]
            start = index + 1
            line(rest)
            rest.removeAll(keepingCapacity: true)
        }
        rest += piece[start...]
    }

    private mutating func line(_ line: [UInt8]) {
        if open != nil, !Self.isHead(line) {
            open?.records += 1
            line.withUnsafeBytes { open?.digest.add($0) }
            if line.starts(with: Self.reading) { counts.readings += 1 }
            return
        }
        close()
        guard let head = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
            return faults.append("a line after \(last) is not what a drop has")
        }
        switch head.type {
        case "batch":
            account(from: head.cursor, to: head.cursor)
            counts.batches += 1
            open = (head, Digest.Running(), 0)
        case "lost":
            account(from: head.from, to: head.to)
            if head.reason != LossReason.acknowledged.rawValue { counts.lost += head.records ?? 0 }
        case "epoch":
            if let epoch = head.to.flatMap({ Epoch($0) }) {
                last = Cursor(epoch: epoch, sequence: 0)
            }
        default: faults.append("a line after \(last) says it is a \(head.type)")
        }
    }

    /// Every sequence comes once, and in order.
    private mutating func account(from: String?, to: String?) {
        guard let from = from.flatMap({ Cursor($0) }), let to = to.flatMap({ Cursor($0) }) else {
            return faults.append("a line after \(last) has no cursor")
        }
        if from.epoch != last.epoch || from.sequence != last.sequence + 1 {
            faults.append("\(from) comes after \(last)")
        }
        last = to
    }

    private mutating func close() {
        guard let (head, running, records) = open else { return }
        open = nil
        counts.records += records
        if records != head.records {
            faults.append("\(last) says \(head.records ?? 0) records and has \(records)")
        }
        var digest = running
        if Digest.hex(digest.digest()) != head.sha256 {
            faults.append("the records of \(last) do not hash to its seal")
        }
    }

    private mutating func finish(_ drop: Drop) {
        close()
        if !rest.isEmpty { faults.append("the last line is torn") }
        if bytes != drop.bytes { faults.append("\(bytes) bytes instead of \(drop.bytes)") }
        if Digest.hex(digest.digest()) != drop.sha256 {
            faults.append("the file does not hash to its manifest's sha256")
        }
        if last != drop.to { faults.append("it ends at \(last), its manifest says \(drop.to)") }
        for (name, found, said) in [
            ("batches", counts.batches, drop.counts.batches),
            ("records", counts.records, drop.counts.records),
            ("readings", counts.readings, drop.counts.readings),
            ("records lost", counts.lost, drop.counts.lost),
        ] where found != said {
            faults.append("\(found) \(name), its manifest says \(said)")
        }
    }

    /// A line that belongs to no batch, or begins one.
    private static func isHead(_ line: [UInt8]) -> Bool {
        heads.contains { line.starts(with: $0) }
    }

    private static let heads = ["batch", "lost", "epoch"].map { Array("{\"type\":\"\($0)\"".utf8) }
    private static let reading = Array("{\"type\":\"reading\"".utf8)

    /// What is used of a line.
    private struct Line: Decodable {
        var type: String
        var cursor: String?
        var from: String?
        var to: String?
        var records: Int?
        var reason: String?
        var sha256: String?
    }
}
