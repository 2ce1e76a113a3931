// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// The small body of a request: one JSON object of texts, or a bare cursor.
struct SmallBody: Sendable {
    private enum Kind { case json, text, undeclared }

    private let text: String
    private let kind: Kind

    /// Reads all of it; throws a problem if it is too large, not UTF-8 or of a foreign type.
    init(_ request: Request) async throws {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= Limits.bodyBytes else { throw Problem.bodyTooLarge }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: Limits.bodyBytes)
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge
        } catch let error as HTTPParserError {
            throw Problem(parsing: error) ?? .unexpected
        }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw Problem.badBody("Send UTF-8.")
        }
        self.text = text
        self.kind = try Self.kind(request.headers[.contentType])
    }

    private static func kind(_ contentType: String?) throws(Problem) -> Kind {
        let type = contentType?.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        switch type {
        case "application/json": return .json
        case "text/plain": return .text
        // What `curl --data` says of any body unless told otherwise.
        case nil, "", "application/x-www-form-urlencoded": return .undeclared
        default: throw .unsupportedType
        }
    }

    /// Where a new consumer starts: nothing, `{}` or `{"start":…}`.
    func start() throws(Problem) -> Position {
        guard !isBlank else { return .earliest }
        let members = try members(known: "start")
        guard let start = members["start"] else { return .earliest }
        guard let position = Position(start) else {
            throw .badBody("\"start\" must be \"earliest\", \"latest\" or a cursor.")
        }
        return position
    }

    /// The cursor to acknowledge: bare, or `{"cursor":…}`.
    func cursor() throws(Problem) -> Cursor {
        let plain = text.filter { !$0.isWhitespace && !$0.isNewline }
        let isObject = kind == .json || (kind == .undeclared && plain.first == "{")
        guard let word = isObject ? try members(known: "cursor")["cursor"] : plain, !word.isEmpty
        else {
            throw .badBody("Send a cursor as text/plain, or {\"cursor\":\"…\"} as JSON.")
        }
        guard let cursor = Cursor(word) else { throw .badCursor(word) }
        return cursor
    }

    private var isBlank: Bool { text.allSatisfy(\.isWhitespace) }

    private func members(known: String) throws(Problem) -> [String: String] {
        let members: [String: String]
        do {
            members = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        } catch {
            throw .badBody("Send one JSON object such as {\"\(known)\":\"q7m2k9xd.9001\"}.")
        }
        guard let stranger = members.keys.first(where: { $0 != known }) else { return members }
        throw .badBody(
            "The member \"\(stranger.prefix(40))\" is unknown: here there is \"\(known)\".")
    }
}
