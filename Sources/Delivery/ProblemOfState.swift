// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import HTTPTypes

/// What the request asks for is not (or no longer) so.
extension Problem {
    static let nothingThere = Problem(
        status: .notFound, slug: "not-found", title: "Nothing lives at this path",
        detail: "Begin with /v1/batches, /v1/consumers, /v1/equipment, /v1/status or /metrics.")

    static func unknownEquipment(_ id: String) -> Problem {
        Problem(
            status: .notFound, slug: "unknown-equipment", title: "No such equipment",
            detail: "The configuration has none of this id; GET /v1/equipment lists those it has.")
    }

    static func unknownConnection(_ name: String) -> Problem {
        Problem(
            status: .notFound, slug: "unknown-connection", title: "No such connection",
            detail: "Nothing is polled over one of this name; GET /v1/status lists those it has.")
    }

    static func unknownConsumer(_ name: String) -> Problem {
        Problem(
            status: .notFound, slug: "unknown-consumer", title: "No such consumer",
            detail: "Make it first: PUT /v1/consumers/\(name).")
    }

    static func neverExisted(newest: Cursor) -> Problem {
        Problem(
            status: .notFound, slug: "unknown-batch", title: "There has never been such a batch",
            detail: "The newest is \(newest); GET /v1/batches lists what there is.")
    }

    static func foreignBatch(of epoch: Epoch) -> Problem {
        let start = Cursor(epoch: epoch, sequence: 0)
        return Problem(
            status: .notFound, slug: "unknown-batch", title: "There is no batch of that epoch",
            detail:
                "The buffer's epoch is \(epoch.text). If it was another, the buffer was replaced:"
                + " go on after \(start).",
            resume: start)
    }

    static func lost(records: Int?, reason: String?, resume: Cursor) -> Problem {
        let what = records.map { "\($0) records are" } ?? "This part of the stream is"
        let why = reason.map { " (\($0))" } ?? ""
        return Problem(
            status: .gone, slug: "lost", title: "This part of the stream is lost",
            detail: "\(what) gone for good\(why). Take note of it, and go on after \(resume).",
            resume: resume)
    }

    static func otherEpoch(resume: Cursor, reason: String? = nil) -> Problem {
        let why = reason.map { " (\($0))" } ?? ""
        return Problem(
            status: .conflict, slug: "other-epoch", title: "The cursor is of another epoch",
            detail: "The buffer was replaced\(why). Take note of it, and go on after \(resume).",
            resume: resume)
    }

    static func beyondNewest(
        _ newest: Cursor, status: HTTPResponse.Status = .badRequest
    ) -> Problem {
        Problem(
            status: status, slug: "beyond-newest", title: "The cursor is beyond what is sealed",
            detail: "The newest is \(newest). Send a cursor that this gateway has given.",
            resume: newest)
    }

    static func changed(_ cursor: Cursor) -> Problem {
        Problem(
            status: .preconditionFailed, slug: "consumer-moved",
            title: "The consumer has moved meanwhile",
            detail: "Its cursor is \(cursor): another worker has acknowledged. Read from there.",
            resume: cursor)
    }

    static let tooManyConsumers = Problem(
        status: .conflict, slug: "too-many-consumers", title: "There are too many consumers",
        detail: "DELETE one that is no longer used; GET /v1/consumers lists them.")

    static func busy(_ what: String) -> Problem {
        Problem(
            status: .tooManyRequests, slug: "too-many-requests", title: "Too many at a time",
            detail: "\(what). Come back in \(Limits.retryAfterSeconds) seconds.",
            headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])
    }

    static let storage = Problem(
        status: .serviceUnavailable, slug: "buffer-unavailable",
        title: "The buffer cannot be used at the moment",
        detail:
            "The gateway's log and /readyz say why. Nothing acknowledged is affected; try again.",
        headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])

    static let stopping = Problem(
        status: .serviceUnavailable, slug: "stopping", title: "The gateway is stopping",
        detail: "Try again when it runs again; the request changed nothing.",
        headers: [.retryAfter: "\(Limits.retryAfterSeconds)"])

    static let unexpected = Problem(
        status: .internalServerError, slug: "unexpected", title: "The gateway made a mistake",
        detail: "Its log says more. The request changed nothing that it did not report; try again.")
}

extension Problem {
    /// What a failing buffer means to a client that is reading.
    init(reading error: BufferError) {
        switch error {
        case .otherEpoch(let resume): self = .otherEpoch(resume: resume)
        case .beyondNewest(let newest): self = .beyondNewest(newest)
        case .consumer(.changed(let cursor)): self = .changed(cursor)
        case .consumer(.tooMany): self = .tooManyConsumers
        case .consumer(.unknown): self = .nothingThere
        case .consumer(.badName): self = .badName("")
        case .locked, .unusable, .storage: self = .storage
        }
    }
}
