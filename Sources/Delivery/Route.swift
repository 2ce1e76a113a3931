// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import HTTPTypes

/// What a request's path names. A value: it says nothing of whether the thing exists.
enum Route: Hashable, Sendable {
    case statusPage
    case styleSheet
    case batches
    case batch(String)
    case consumers
    case consumer(String)
    case consumerBatches(String)
    case consumerCursor(String)
    case allEquipment
    case equipment(String)
    case status
    case frames(String)
    case metrics
    case alive
    case ready

    /// `nil` where nothing lives. Segments are percent-decoded once; an empty one names nothing.
    init?(path: some StringProtocol) {
        guard path.first == "/" else { return nil }
        var segments: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = PercentEncoding.decode(segment) else { return nil }
            segments.append(decoded)
        }
        switch (segments.count, segments.first ?? "") {
        case (1, ""): self = .statusPage
        case (1, "style.css"): self = .styleSheet
        case (1, "livez"): self = .alive
        case (1, "readyz"): self = .ready
        case (1, "metrics"): self = .metrics
        case (2..., "v1"): self.init(version1: segments.dropFirst())
        default: return nil
        }
    }

    private init?(version1 segments: ArraySlice<String>) {
        guard segments.allSatisfy({ !$0.isEmpty }) else { return nil }
        let rest = Array(segments.dropFirst())
        switch (segments.first, rest.count, rest.last) {
        case ("batches", 0, _): self = .batches
        case ("batches", 1, _): self = .batch(rest[0])
        case ("consumers", 0, _): self = .consumers
        case ("consumers", 1, _): self = .consumer(rest[0])
        case ("consumers", 2, "batches"): self = .consumerBatches(rest[0])
        case ("consumers", 2, "cursor"): self = .consumerCursor(rest[0])
        case ("equipment", 0, _): self = .allEquipment
        case ("equipment", 1, _): self = .equipment(rest[0])
        case ("status", 0, _): self = .status
        case ("connections", 2, "frames"): self = .frames(rest[0])
        default: return nil
        }
    }

    /// The methods that it knows, as `Allow` lists them.
    var methods: [HTTPRequest.Method] {
        switch self {
        case .consumer: [.get, .head, .put, .delete]
        case .consumerCursor: [.put]
        default: [.get, .head]
        }
    }
}

/// Percent-encoding (RFC 3986, §2.1).
enum PercentEncoding {
    /// The text; `nil` if an escape is broken, or the bytes are not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
