// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Hands out batches: runs of them after a cursor, or one by its cursor.
struct Pull: Sendable {
    let buffer: BatchBuffer
    private let waiters = Allowance(of: Limits.waiters)
    private let bytes = Allowance(of: Limits.bytesUnderWay)
    private let turnstile = Turnstile(width: Limits.pullsAtATime)

    init(buffer: BatchBuffer) {
        self.buffer = buffer
    }

    /// Clients in long polls.
    var waiting: Int { waiters.inUse }

    func answer(
        to request: Request, _ route: Route, _ query: String?, _ channel: any Channel
    ) async throws -> Answer {
        switch route {
        case .batch(let text):
            try Query(query).finish(known: [])
            return try await one(text, request.headers)
        case .consumerBatches(let name):
            let pull = try PullQuery(query)
            let format = try format(request.headers)
            let consumer = try await buffer.requireConsumer(name)
            return try await run(after: .after(consumer.cursor), pull, format, channel)
        default:
            let (position, pull) = try PullQuery.withPosition(query)
            return try await run(after: position, pull, format(request.headers), channel)
        }
    }

    private func format(_ headers: HTTPFields) throws(Problem) -> Format {
        guard let format = Format(accept: headers[.accept]) else {
            throw .notAcceptable(headers[.accept] ?? "")
        }
        return format
    }

    private func run(
        after position: Position, _ query: PullQuery, _ format: Format, _ channel: any Channel
    ) async throws -> Answer {
        var found = try await read(after: position, query, format)
        if found.page.items.isEmpty, query.wait > .zero {
            try await wait(beyond: found.page.next.sequence, for: query.wait, channel)
            found = try await read(after: .after(found.page.next), query, format)
        }
        var answer = try Answer(body: found.text, share: share(of: found.text))
        answer.headers = [
            .contentType: format.mediaType, .cacheControl: "no-store",
            .gatewayNextCursor: found.page.next.description,
            .gatewayDiscontinuity: found.page.hasGap ? "?1" : "?0",
        ]
        return answer
    }

    /// What follows `position`, as a page and as text.
    private func read(
        after position: Position, _ query: PullQuery, _ format: Format
    ) async throws -> (page: Page, text: [UInt8]) {
        try await turnstile.pass {
            let page = try await page(after: position, query).applying(query.onGap)
            return (page, try await buffer.aside { format.text(of: page) })
        }
    }

    private func page(after position: Position, _ query: PullQuery) async throws -> Page {
        do throws(BufferError) {
            return try await buffer.read(
                after: position, limit: query.limit, maxBytes: query.maxBytes)
        } catch {
            // A new epoch is told in band, or made a problem, like any other gap.
            guard case .otherEpoch(let resume) = error, case .after(let old) = position else {
                throw error
            }
            var page = try await buffer.read(
                after: .after(resume), limit: query.limit, maxBytes: query.maxBytes)
            let reason = try await buffer.ending(of: old.epoch)
            page.items.insert(
                .epoch(from: old.epoch, to: resume.epoch, reason: reason.rawValue), at: 0)
            return page
        }
    }

    private func wait(
        beyond sequence: Int64, for time: Duration, _ channel: any Channel
    ) async throws(Problem) {
        guard let seat = waiters.share(of: 1) else {
            throw .busy("\(Limits.waiters) clients are waiting already")
        }
        await LongPoll(buffer: buffer, channel: channel).wait(beyond: sequence, for: time)
        seat.resize(to: 0)
    }

    private func share(of text: [UInt8]) throws(Problem) -> Allowance.Share {
        guard let share = bytes.share(of: text.count) else {
            throw .busy("The answers under way to other clients fill the memory for them")
        }
        return share
    }

    // MARK: One batch

    private func one(_ text: String, _ headers: HTTPFields) async throws -> Answer {
        guard let cursor = Cursor(text) else { throw Problem.badCursor(text) }
        let format = try format(headers)
        guard cursor.epoch == buffer.epoch else { throw Problem.foreignBatch(of: buffer.epoch) }
        guard let batch = try await turnstile.pass({ try await buffer.batch(at: cursor) }) else {
            throw try await absence(of: cursor)
        }
        // Each representation has a tag of its own: the batch's digest, the form, and the coding.
        let coding = ContentCoding(acceptEncoding: headers[.acceptEncoding])
        let suffix = coding == .gzip ? "-gzip" : ""
        let tag = EntityTag(opaque: "\(batch.head.sha256)-\(format.rawValue)\(suffix)")
        var answer = Answer()
        answer.headers = [
            .eTag: tag.description, .cacheControl: "private, max-age=31536000, immutable",
        ]
        if let list = headers[.ifNoneMatch], tag.isNamed(in: list) {
            answer.status = .notModified
            answer.headers[.vary] = "Accept, Accept-Encoding"
            return answer
        }
        answer.headers[.contentType] = format.mediaType
        answer.headers[.gatewayNextCursor] = cursor.description
        answer.body = format.text(of: batch)
        answer.share = try share(of: answer.body)
        return answer
    }

    /// Why there is no such batch: it never was, or it is lost.
    private func absence(of cursor: Cursor) async throws -> Problem {
        let newest = Cursor(epoch: buffer.epoch, sequence: buffer.newest)
        guard (1...max(1, newest.sequence)).contains(cursor.sequence) else {
            return .neverExisted(newest: newest)
        }
        let before = Cursor(epoch: cursor.epoch, sequence: cursor.sequence - 1)
        let page = try await buffer.read(after: .after(before), limit: 1, maxBytes: 1)
        return page.items.first?.gapProblem ?? .neverExisted(newest: newest)
    }
}

extension BatchBuffer {
    /// The consumer; throws a problem if the name is none or nobody has it.
    func requireConsumer(_ name: String) async throws -> Consumer {
        guard Consumers.isName(name) else { throw Problem.badName(name) }
        guard let consumer = try await consumer(name) else { throw Problem.unknownConsumer(name) }
        return consumer
    }
}
