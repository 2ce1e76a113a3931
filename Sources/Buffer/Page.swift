// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Where reading begins.
package enum Position: Hashable, Sendable {
    /// Before the oldest that is kept, and before what is lost just before it; but after all that
    /// was removed because every consumer had acknowledged it.
    case earliest
    /// After the newest.
    case latest
    /// After this cursor, which is exclusive.
    case after(Cursor)
}

/// An answer to `read`.
package struct Page: Sendable {
    /// A batch, or what stands between two.
    package enum Item: Sendable {
        case lost(LostRange)
        /// The stream goes on in another epoch.
        case epoch(from: Epoch, to: Epoch, reason: String)
        case batch(Batch)
    }
    /// In the order of the stream.
    package var items: [Item]
    /// The last cursor delivered, or where the position resolved to.
    package var next: Cursor
    /// Whether there is more after `next` already.
    package var more: Bool

    package init(items: [Item], next: Cursor, more: Bool) {
        self.items = items
        self.next = next
        self.more = more
    }
}

extension Page {
    /// The page as NDJSON: lost, epoch, batch and record lines, then the end line.
    package func appendNDJSON(to output: inout [UInt8]) {
        for item in items { item.appendNDJSON(to: &output) }
        output += endLine
    }

    /// The line after which a reader may advance, with its newline.
    package var endLine: [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("type", "end")
            json.member("next", next)
            json.member("more", more)
        }
        json.endLine()
        return json.bytes
    }

    /// The page as one JSON object.
    package func appendJSON(to output: inout [UInt8]) {
        var head = JSONText()
        head.object { json in
            json.member("epoch", next.epoch.text)
            json.array("discontinuities") { json in
                for item in items { item.discontinuity.map { json.element(json: $0) } }
            }
            json.array("batches") { _ in }
        }
        output += head.bytes.dropLast(2)
        var isFirst = true
        for case .batch(let batch) in items {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            batch.appendJSON(to: &output)
        }
        output += "],\"next\":\"\(next)\",\"more\":\(more)}".utf8
    }

    /// The page's readings as CSV, with the header line.
    package func appendCSV(to output: inout [UInt8]) {
        output += Batch.csvHeader.utf8
        for case .batch(let batch) in items { batch.appendCSV(to: &output) }
    }
}

extension Page.Item {
    /// Appends the item's lines as NDJSON.
    package func appendNDJSON(to output: inout [UInt8]) {
        if case .batch(let batch) = self { return batch.appendNDJSON(to: &output) }
        if let object = discontinuity {
            output += object
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// The object of a lost range or a new epoch; `nil` for a batch.
    package var discontinuity: [UInt8]? {
        var json = JSONText()
        switch self {
        case .lost(let range):
            json.object { json in
                json.member("type", "lost")
                json.member("from", range.from)
                json.member("to", range.to)
                json.member("records", range.records)
                json.member("first", range.first)
                json.member("last", range.last)
                json.member("reason", range.reason.rawValue)
            }
        case .epoch(let from, let to, let reason):
            json.object { json in
                json.member("type", "epoch")
                json.member("from", from.text)
                json.member("to", to.text)
                json.member("reason", reason)
            }
        case .batch: return nil
        }
        return json.bytes
    }
}
