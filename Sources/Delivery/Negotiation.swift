// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// The forms in which batches are handed out.
enum Format: String, CaseIterable, Sendable {
    // In the order of preference where a client does not care.
    case json, ndjson, csv

    /// As it stands in `Content-Type`.
    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }

    private var type: (String, String) {
        switch self {
        case .json: ("application", "json")
        case .ndjson: ("application", "x-ndjson")
        case .csv: ("text", "csv")
        }
    }

    /// The form that `accept` likes best (RFC 9110, §12.5.1); `nil` if it likes none.
    ///
    /// For each form the most specific range counts, as the standard says, so that
    /// `*/*, text/csv;q=0` means anything but CSV.
    init?(accept: String?) {
        guard let accept, !accept.allSatisfy(\.isWhitespace) else {
            self = .json
            return
        }
        let ranges = WeightedList(accept).elements
        func weight(of format: Format) -> Double {
            let (kind, subtype) = format.type
            for name in ["\(kind)/\(subtype)", "\(kind)/*", "*/*"] {
                if let range = ranges.first(where: { $0.name == name }) { return range.weight }
            }
            return 0
        }
        let weights = Self.allCases.map { ($0, weight(of: $0)) }
        guard let best = weights.map(\.1).max(), best > 0,
            let choice = weights.first(where: { $0.1 == best })
        else { return nil }
        self = choice.0
    }
}

extension Format {
    /// A page of the stream; as NDJSON it ends in a line without which nobody has seen all.
    func text(of page: Page) -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .json:
            page.appendJSON(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        case .ndjson: page.appendNDJSON(to: &bytes)
        case .csv: page.appendCSV(to: &bytes)
        }
        return bytes
    }

    /// One batch alone: it says nothing of what follows, so that it is the same for ever.
    func text(of batch: Batch) -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .json:
            batch.appendJSON(to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        case .ndjson: batch.appendNDJSON(to: &bytes)
        case .csv:
            bytes += Batch.csvHeader.utf8
            batch.appendCSV(to: &bytes)
        }
        return bytes
    }
}

/// How an answer's bytes are coded on the way.
enum ContentCoding: String, Sendable {
    case identity, gzip

    /// gzip where the client takes it at least as gladly as none (RFC 9110, §12.5.3).
    init(acceptEncoding: String?) {
        let codings = WeightedList(acceptEncoding ?? "").elements
        func weight(_ names: [String]) -> Double? {
            names.lazy.compactMap { name in codings.first { $0.name == name }?.weight }.first
        }
        let gzip = weight(["gzip", "x-gzip", "*"]) ?? 0
        let identity = weight(["identity"]) ?? 0
        self = gzip > 0 && gzip >= identity ? .gzip : .identity
    }
}

/// A header's list of names with weights, such as `text/csv;q=0.5, */*`.
private struct WeightedList {
    /// Lower-cased names; parameters other than `q` are ignored, elements with a broken one left
    /// out.
    var elements: [(name: String, weight: Double)] = []

    init(_ text: String) {
        for element in text.split(separator: ",").prefix(Limits.listElements) {
            let parts = element.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard let name = parts.first, !name.isEmpty else { continue }
            let marked = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
            guard let weight = marked.map({ Self.weight($0.dropFirst(2)) }) ?? 1 else { continue }
            elements.append((name.lowercased(), weight))
        }
    }

    /// 0 to 1 with at most three decimals (RFC 9110, §12.4.2).
    private static func weight(_ text: some StringProtocol) -> Double? {
        guard text.utf8.count <= 5, text.first?.isNumber == true, let weight = Double(String(text)),
            (0...1).contains(weight)
        else { return nil }
        return weight
    }
}
