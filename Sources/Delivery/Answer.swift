// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// What is answered, before it is coded for the way.
struct Answer: Sendable {
    var status = HTTPResponse.Status.ok
    var headers: HTTPFields = [:]
    var body: [UInt8] = []
    /// The client's share of the memory for answers, held until the last byte is out.
    var share: Allowance.Share?

    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Answer {
        // What is true now is stale at once; only sealed batches may be kept.
        Answer(
            status: status,
            headers: [.contentType: Format.json.mediaType, .cacheControl: "no-store"], body: bytes)
    }

    /// Text that is true now and stale at once.
    static func plain(
        _ bytes: [UInt8], as mediaType: String = "text/plain; charset=utf-8"
    ) -> Answer {
        Answer(headers: [.contentType: mediaType, .cacheControl: "no-store"], body: bytes)
    }

    static func problem(_ problem: Problem) -> Answer {
        var answer = Answer(
            status: problem.status, headers: problem.headers, body: problem.json)
        answer.headers[.contentType] = Problem.mediaType
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    /// The answer as it goes out to a request of `method` that takes `coding`.
    consuming func response(
        to method: HTTPRequest.Method, coding: ContentCoding
    ) async -> Response {
        headers[.xContentTypeOptions] = "nosniff"
        if coding == .gzip, status.kind == .successful, !body.isEmpty {
            body = await Gzip.compress(body)
            headers[.contentEncoding] = coding.rawValue
            share?.resize(to: body.count)
        }
        if status.kind == .successful, !body.isEmpty { headers[.vary] = "Accept, Accept-Encoding" }
        if status != .noContent, status != .notModified {
            headers[.contentLength] = "\(body.count)"
        }
        guard method != .head, !body.isEmpty else {
            // Hummingbird would add a length of 0, which 204 and 304 must not have.
            return Response(
                status: status, headers: headers,
                body: ResponseBody { writer in
                    try await writer.finish(nil)
                })
        }
        let bytes = ByteBuffer(bytes: body)
        let share = self.share
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: bytes.readableBytes) { writer in
                try await writer.write(bytes)
                try await writer.finish(nil)
                withExtendedLifetime(share) {}
            })
    }
}

extension HTTPField.Name {
    /// The next cursor, in every format, known before the body is read.
    static let gatewayNextCursor = ours("Gateway-Next-Cursor")
    /// `?1` if the stream has a hole or a new epoch in this answer (RFC 9651, §3.3.6): CSV has no
    /// place to say so.
    static let gatewayDiscontinuity = ours("Gateway-Discontinuity")
    /// Of the W3C's Referrer Policy.
    static let referrerPolicy = ours("Referrer-Policy")

    private static func ours(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("it is a token") }
        return name
    }
}
