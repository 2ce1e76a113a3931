// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// A page of the stream in the forms in which it is handed out.
extension Page {
    func text(_ format: Format) -> [UInt8] {
        switch format {
        case .json: json
        case .ndjson: ndjson
        case .csv: csv
        }
    }

    private var ndjson: [UInt8] {
        var bytes: [UInt8] = []
        for item in items {
            switch item {
            case .lost, .epoch: bytes += item.gapLine + [UInt8(ascii: "\n")]
            case .batch(let batch): batch.appendNDJSON(to: &bytes)
            }
        }
        // Whoever does not see this line has not seen all.
        var end = JSONText()
        end.object { json in
            json.member("type", "end")
            json.member("next", next)
            json.member("more", more)
        }
        end.endLine()
        return bytes + end.bytes
    }

    private var json: [UInt8] {
        var bytes = Array(#"{"epoch":"\#(next.epoch.text)","discontinuities":["#.utf8)
        bytes += items.map(\.gapLine).filter { !$0.isEmpty }.joined(separator: [UInt8(ascii: ",")])
        bytes += Array(#"],"batches":["#.utf8)
        var isFirst = true
        for case .batch(let batch) in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            batch.appendJSON(to: &bytes)
        }
        bytes += Array(#"],"next":"\#(next)","more":\#(more)}"#.utf8)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private var csv: [UInt8] {
        var bytes = Array(Batch.csvHeader.utf8)
        for case .batch(let batch) in items { batch.appendCSV(to: &bytes) }
        return bytes
    }
}

extension Batch {
    /// One batch alone: it says nothing of what follows, so that it is the same for ever.
    func text(_ format: Format) -> [UInt8] {
        var bytes: [UInt8] = []
        switch format {
        case .json:
            appendJSON(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        case .ndjson: appendNDJSON(to: &bytes)
        case .csv:
            bytes += Array(Self.csvHeader.utf8)
            appendCSV(to: &bytes)
        }
        return bytes
    }
}
