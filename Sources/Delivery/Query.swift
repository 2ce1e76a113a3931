// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// A request's query parameters, each of which somebody must take: what nobody took is a mistake.
struct Query {
    private var parameters: [(name: String, value: String)] = []

    /// Throws on broken escapes and on a parameter given twice.
    init(_ text: String?) throws(Problem) {
        for part in (text ?? "").split(separator: "&", omittingEmptySubsequences: false)
        where !(text ?? "").isEmpty {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0]),
                let value = PercentEncoding.decode(pair.count == 2 ? pair[1] : "")
            else {
                throw .badParameter(String(part), "its percent-encoding is broken")
            }
            guard !parameters.contains(where: { $0.name == name }) else {
                throw .badParameter(name, "it is given more than once")
            }
            parameters.append((name, value))
        }
    }

    /// Takes a parameter out; `nil` if it was not given.
    mutating func take(_ name: String) -> String? {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else { return nil }
        return parameters.remove(at: index).value
    }

    /// Takes a whole number, written in decimal digits only.
    mutating func take(
        _ name: String, in range: ClosedRange<Int>, default preset: Int
    ) throws(Problem) -> Int {
        guard let text = take(name) else { return preset }
        let plain = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard plain, text == "0" || text.first != "0", let number = Int(text), range ~= number
        else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw .badParameter(name, "it must be a whole number from \(bounds)")
        }
        return number
    }

    /// Throws if anything is left, naming what is known here.
    func finish(known: [String]) throws(Problem) {
        guard let stranger = parameters.first else { return }
        let here =
            known.isEmpty
            ? "there are no parameters here" : "here there are \(known.joined(separator: ", "))"
        throw .badParameter(stranger.name, "it is unknown: \(here)")
    }
}

/// What to do where the stream has a hole or goes on in another epoch.
enum GapPolicy: String, CaseIterable, Sendable { case report, error }

/// What a pull asks for.
struct PullQuery: Equatable, Sendable {
    var limit = Limits.defaultBatches
    var maxBytes = Limits.defaultAnswerBytes
    var wait = Duration.zero
    var onGap = GapPolicy.report

    /// The parameters of `GET /v1/consumers/{name}/batches`.
    init(_ text: String?) throws(Problem) {
        var query = try Query(text)
        try self.init(taking: &query)
        try query.finish(known: Self.names)
    }

    /// The parameters of `GET /v1/batches`: the same, and where to begin.
    static func withPosition(_ text: String?) throws(Problem) -> (Position, PullQuery) {
        var query = try Query(text)
        let after = query.take("after") ?? "earliest"
        guard let position = Position(after) else {
            throw .badParameter(
                "after", "it must be earliest, latest or a cursor such as q7m2k9xd.9001")
        }
        let pull = try PullQuery(taking: &query)
        try query.finish(known: ["after"] + Self.names)
        return (position, pull)
    }

    private init(taking query: inout Query) throws(Problem) {
        limit = try query.take("limit", in: Limits.batches, default: limit)
        maxBytes = try query.take("max_bytes", in: Limits.answerBytes, default: maxBytes)
        wait = .seconds(try query.take("wait", in: Limits.waitSeconds, default: 0))
        if let text = query.take("on_gap") {
            guard let policy = GapPolicy(rawValue: text) else {
                throw .badParameter("on_gap", "it must be report or error")
            }
            onGap = policy
        }
    }

    private static let names = ["limit", "max_bytes", "wait", "on_gap"]
}

extension Position {
    /// `earliest`, `latest` or a cursor; `nil` if `text` is none of them.
    init?(_ text: String) {
        switch text {
        case "earliest": self = .earliest
        case "latest": self = .latest
        default:
            guard let cursor = Cursor(text) else { return nil }
            self = .after(cursor)
        }
    }
}
