// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Writes a batch's record lines: the canonical NDJSON that the seal is computed over.
///
/// All that a column's lines have in common is written once, so that a line is four copies and a
/// number. Key order is product.md's: type, time, equipment, signal, value, unit, quality, reason,
/// exception (only with `refused`).
struct RecordLines {
    private let columns: Columns
    private let end: UInt8
    private let pieces: LinePieces
    /// The most bytes that the lines take, all of them and any one.
    private var capacity = 0
    private var longestLine = 0

    /// `end` is what stands after each line: a newline in NDJSON, a comma inside JSON.
    init(_ columns: Columns, end: UInt8) {
        self.columns = columns
        self.end = end
        pieces = LinePieces(columns.names, Set(columns.states.map(\.state)), end: end)
        measure()
    }

    /// Appends all lines.
    func append(to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: capacity))
        let written = output.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { write(to: $0 + start, turningAt: .max) { _ in } } ?? 0
        }
        output.removeLast(capacity - written)
    }

    /// SHA-256 of all lines, and their length in bytes.
    func digest() -> (digest: [UInt8], length: Int) {
        var sum = Digest.Running()
        var length = 0
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.page + longestLine) { page in
            guard let base = page.baseAddress else { return }
            let rest = write(to: base, turningAt: Self.page) { full in
                sum.add(full)
                length += full.count
            }
            sum.add(UnsafeRawBufferPointer(start: base, count: rest))
            length += rest
        }
        return (sum.digest(), length)
    }

    /// What is digested at a time: small enough to stay in the processor's nearest memory.
    private static let page = 16_384

    private mutating func measure() {
        let around = Self.stampLength + NumberText.maxLength + pieces.longestTail
        var longestText = 0
        for (index, column) in columns.columns.enumerated() {
            let line = around + pieces.length(of: columns.names.columns[index])
            capacity += Int(column.readings) * line
            longestLine = max(longestLine, line)
        }
        for case .text(let text) in columns.literals {
            let bytes = text.utf8.count * 6 + 2
            capacity += bytes
            longestText = max(longestText, bytes)
        }
        longestLine += longestText
        for record in columns.entries {
            let line = record.entry.line.utf8.count + 1
            capacity += line
            longestLine = max(longestLine, line)
        }
    }

    private static let head = Array(#"{"type":"reading","time":""#.utf8)
}

extension RecordLines {
    /// Where the next byte goes. Room was made before, for all lines or for a page and one more.
    private struct Pen {
        let page: UnsafeMutablePointer<UInt8>
        var target: UnsafeMutablePointer<UInt8>

        /// Begins the page anew, after it was handed over, if it holds `limit` bytes or more.
        @inline(__always)
        mutating func turn(at limit: Int, _ full: (UnsafeRawBufferPointer) -> Void) {
            guard target - page >= limit else { return }
            full(UnsafeRawBufferPointer(start: page, count: target - page))
            target = page
        }

        @inline(__always)
        mutating func copy(_ source: UnsafePointer<UInt8>, _ count: Int) {
            target.update(from: source, count: count)
            target += count
        }
    }

    /// Writes all lines, at most `capacity` bytes; hands them over and begins anew at `target` when
    /// there are `limit` bytes or more. Returns how many are left there.
    private func write(
        to target: UnsafeMutablePointer<UInt8>, turningAt limit: Int,
        full: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        pieces.bytes.withUnsafeBufferPointer { pieces in
            guard let pieces = pieces.baseAddress else { return 0 }
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.stampLength) {
                guard let stamp = $0.baseAddress else { return 0 }
                var pen = Pen(page: target, target: target)
                write(with: &pen, pieces: pieces, stamp: stamp) { $0.turn(at: limit, full) }
                return pen.target - target
            }
        }
    }

    /// Length of what a reading's line begins with, up to its time.
    private static var stampLength: Int { head.count + Timestamp.rfc3339Length }

    /// `next` is called after each line.
    private func write(
        with pen: inout Pen, pieces: UnsafePointer<UInt8>, stamp: UnsafeMutablePointer<UInt8>,
        next: (inout Pen) -> Void
    ) {
        let stampLength = Self.stampLength
        stamp.update(from: Self.head, count: Self.head.count)
        var stamped: Int64?
        columns.walk { step in
            if stamped != step.time {
                Timestamp(milliseconds: step.time).write(
                    into: UnsafeMutableBufferPointer(
                        start: stamp + Self.head.count, count: Timestamp.rfc3339Length))
                stamped = step.time
            }
            pen.copy(stamp, stampLength)
            let name = columns.names.columns[step.column]
            let device = self.pieces.devices[Int(name.device)]
            pen.copy(pieces + Int(device.lowerBound), device.count)
            let signal = self.pieces.signals[Int(name.quantity)]
            pen.copy(pieces + Int(signal.lowerBound), signal.count)
            if step.state.isBad {
                pen.copy(Self.null, Self.null.count)
            } else {
                value(step, with: &pen)
            }
            let unit = self.pieces.units[Int(name.quantity)]
            pen.copy(pieces + Int(unit.lowerBound), unit.count)
            let tail = self.pieces.tail(of: step.state)
            pen.copy(pieces + Int(tail.lowerBound), tail.count)
            next(&pen)
        } entry: { index in
            var line = columns.entries[index].entry.line
            line.withUTF8 { if let base = $0.baseAddress { pen.copy(base, $0.count) } }
            pen.target[0] = end
            pen.target += 1
            next(&pen)
        }
    }

    private static let null = Array("null".utf8)

    @inline(__always)
    private func value(_ step: Columns.Step, with pen: inout Pen) {
        let column = columns.columns[step.column]
        let bits = columns.cells[step.cell]
        switch column.kind {
        case .scaled:
            pen.target += NumberText.write(
                scaled: Int64(bitPattern: bits), decimals: Int(column.decimals),
                to: pen.target)
        case .float, .double:
            pen.target += NumberText.write(Double(bitPattern: bits), to: pen.target)
        case .none, .boolean, .literal:
            var json = JSONText()
            columns.value(at: step.cell, of: column).write(to: &json)
            pen.copy(json.bytes, json.bytes.count)
        }
    }
}
