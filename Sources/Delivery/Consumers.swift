// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import HTTPTypes
internal import Hummingbird

/// Named readers: makes, shows, moves and removes them.
struct Consumers: Sendable {
    let buffer: BatchBuffer

    /// `^[a-z0-9][a-z0-9-]{0,62}$`
    static func isName(_ name: String) -> Bool {
        let alphanumeric: (UInt8) -> Bool = {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
        }
        return Limits.nameBytes ~= name.utf8.count && name.utf8.first.map(alphanumeric) == true
            && name.utf8.allSatisfy { alphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    func answer(to request: Request, _ route: Route) async throws -> Answer {
        switch (route, request.method) {
        case (.consumer(let name), .put): try await register(name, request)
        case (.consumer(let name), .delete): try await remove(name)
        case (.consumer(let name), _): try await show(name, request)
        case (.consumerCursor(let name), _): try await acknowledge(name, request)
        default: try await list()
        }
    }

    private func list() async throws -> Answer {
        let consumers = try await buffer.consumers()
        var json = JSONText()
        json.object { json in
            json.array("consumers") { json in
                for consumer in consumers { json.object { consumer.write(to: &$0) } }
            }
        }
        json.endLine()
        return .json(json.bytes)
    }

    private func register(_ name: String, _ request: Request) async throws -> Answer {
        guard Self.isName(name) else { throw Problem.badName(name) }
        let start = try await SmallBody(request).start()
        let (consumer, isNew) = try await buffer.register(name, start: start)
        return consumer.answer(status: isNew ? .created : .ok)
    }

    private func show(_ name: String, _ request: Request) async throws -> Answer {
        let consumer = try await buffer.requireConsumer(name)
        if let list = request.headers[.ifNoneMatch], consumer.tag.isNamed(in: list) {
            return Answer(status: .notModified, headers: [.eTag: consumer.tag.description])
        }
        return consumer.answer()
    }

    private func remove(_ name: String) async throws -> Answer {
        guard Self.isName(name) else { throw Problem.badName(name) }
        guard try await buffer.remove(name) else { throw Problem.unknownConsumer(name) }
        return Answer(status: .noContent)
    }

    private func acknowledge(_ name: String, _ request: Request) async throws -> Answer {
        let consumer = try await buffer.requireConsumer(name)
        let cursor = try await SmallBody(request).cursor()
        var believed: Cursor?
        if let list = request.headers[.ifMatch] {
            guard EntityTag.isList(list) else { throw Problem.badTag(list, consumer.tag) }
            guard consumer.tag.isStronglyNamed(in: list) else {
                throw Problem.changed(consumer.cursor)
            }
            // Held against the cursor once more within the buffer's transaction.
            believed = consumer.cursor
        }
        do {
            let (consumer, moved) = try await buffer.acknowledge(
                cursor, for: name, ifMatch: believed)
            return consumer.answer(moved: moved)
        } catch .beyondNewest(let newest) {
            throw Problem.beyondNewest(newest, status: .unprocessableContent)
        } catch .consumer(.unknown) {
            throw Problem.unknownConsumer(name)
        }
    }
}

extension Consumer {
    /// Its cursor is its whole state.
    var tag: EntityTag { EntityTag(opaque: cursor.description) }

    fileprivate func answer(status: HTTPResponse.Status = .ok, moved: Bool? = nil) -> Answer {
        var json = JSONText()
        json.object { json in
            write(to: &json)
            json.member("moved", ifAny: moved)
        }
        json.endLine()
        var answer = Answer.json(json.bytes, status: status)
        answer.headers[.eTag] = tag.description
        return answer
    }

    /// Writes the members that the contract gives it.
    func write(to json: inout JSONText) {
        json.member("name", name)
        json.member("cursor", cursor)
        json.member("lag_batches", lagBatches)
        json.member("lag_readings", lagReadings)
        json.member("lag_seconds", lag.roundedSeconds)
        json.member("holds_back_bytes", holdsBackBytes)
    }
}

extension Duration {
    /// In seconds, to the nanosecond: what was measured in microseconds must not become 0.
    var seconds: Double { Double(nanoseconds) / 1e9 }

    /// In seconds, to the millisecond, for people and their JSON.
    var roundedSeconds: Double { Double(milliseconds) / 1_000 }
}
