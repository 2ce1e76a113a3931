// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import HTTPTypes

/// An error as clients see it: a problem document (RFC 9457) whose `detail` says what to do.
struct Problem: Error, Equatable, Sendable {
    var status: HTTPResponse.Status
    /// The last part of `type`: what a program tells problems apart by.
    var slug: String
    var title: String
    var detail: String
    /// A cursor from which reading can go on.
    var resume: Cursor?
    var headers: HTTPFields = [:]

    static let mediaType = "application/problem+json"

    /// `type` is an identifier, not an address: the gateway may be far from any network.
    var type: String { "urn:millpond:problem:\(slug)" }

    var json: [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("type", type)
            json.member("title", title)
            json.member("status", status.code)
            json.member("detail", detail)
            json.member("resume", ifAny: resume)
        }
        json.endLine()
        return json.bytes
    }
}

/// What is wrong with the request.
extension Problem {
    static func badParameter(_ name: String, _ why: String) -> Problem {
        Problem(
            status: .badRequest, slug: "bad-parameter", title: "A query parameter is wrong",
            detail: "Correct the parameter \(quoted(name)): \(why).")
    }

    static func badCursor(_ text: String) -> Problem {
        Problem(
            status: .badRequest, slug: "bad-cursor", title: "That is not a cursor",
            detail: "\(quoted(text)) is not a cursor. Send one as the gateway gave it, such as "
                + "q7m2k9xd.9001.")
    }

    static func badTag(_ list: String, _ tag: EntityTag) -> Problem {
        Problem(
            status: .badRequest, slug: "bad-entity-tag", title: "If-Match is no entity tag",
            detail: "If-Match is \(quoted(list)). Send the ETag as the gateway gave it, its quotes "
                + "included, such as If-Match: \(tag).")
    }

    static func badName(_ name: String) -> Problem {
        Problem(
            status: .badRequest, slug: "bad-consumer-name", title: "That cannot name a consumer",
            detail: "\(quoted(name)) cannot name a consumer. Use 1 to 63 characters of a-z, 0-9 "
                + "and -, beginning with a letter or digit.")
    }

    static func badBody(_ why: String) -> Problem {
        Problem(
            status: .badRequest, slug: "bad-body", title: "The request body is wrong", detail: why)
    }

    static let bodyTooLarge = Problem(
        status: .contentTooLarge, slug: "body-too-large", title: "The request body is too large",
        detail: "Send at most \(Limits.bodyBytes) bytes.", headers: [.connection: "close"])

    static let targetTooLong = Problem(
        status: .uriTooLong, slug: "target-too-long", title: "The request target is too long",
        detail: "Use a path and query of at most \(Limits.targetBytes) bytes.")

    static let unsupportedType = Problem(
        status: .unsupportedMediaType, slug: "unsupported-media-type",
        title: "The body's media type is not known here",
        detail: "Send application/json, or a bare cursor as text/plain.")

    static func notAcceptable(_ accept: String) -> Problem {
        let forms = "application/json, application/x-ndjson and text/csv"
        return Problem(
            status: .notAcceptable, slug: "not-acceptable",
            title: "None of the wanted forms exists",
            detail: "Accept is \(quoted(accept)), but batches come as \(forms): name one of them.")
    }

    static func wrongHost(_ host: String) -> Problem {
        Problem(
            status: .misdirectedRequest, slug: "wrong-host",
            title: "This gateway does not answer to that host name",
            detail: "Host is \(quoted(host)). Use localhost, 127.0.0.1 or the listen address.")
    }

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed, slug: "method-not-allowed",
            title: "That method is not known here", detail: "Use one of \(list).",
            headers: [.allow: list])
    }

    static func malformed(_ what: String) -> Problem {
        Problem(
            status: .badRequest, slug: "malformed-request", title: "That is not an HTTP request",
            detail: "\(what). Send HTTP/1.1 as RFC 9112 has it.", headers: [.connection: "close"])
    }

    static let headersTooLarge = Problem(
        status: .requestHeaderFieldsTooLarge, slug: "headers-too-large",
        title: "The request's head is too large",
        detail: "Send at most \(Limits.headerFields) header fields and \(Limits.headerBytes) bytes "
            + "of them, the request target included.",
        headers: [.connection: "close"])

    /// Text from a request, so that it can stand in a sentence: short, on one line.
    private static func quoted(_ text: String) -> String {
        let plain = text.prefix(80).map { $0.isNewline || $0.isWhitespace ? " " : $0 }
        return "\"\(String(plain))\(text.count > 80 ? "…" : "")\""
    }
}
