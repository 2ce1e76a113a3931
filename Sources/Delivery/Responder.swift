// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Turns requests into answers, and every failure into a problem document.
struct Responder: HTTPResponder {
    /// What a request brings beside itself.
    struct Context: InitializableFromSource {
        let channel: any Channel
        let logger: Logger

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
            logger = source.logger
        }
    }

    let hosts: HostNames
    let pull: Pull
    let consumers: Consumers
    let state: StateAnswers
    private let outages = Outages()

    init(hosts: HostNames, pull: Pull, consumers: Consumers, state: StateAnswers) {
        self.hosts = hosts
        self.pull = pull
        self.consumers = consumers
        self.state = state
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let answer: Answer
        do {
            answer = try await self.answer(to: request, context)
            if outages.end(request.method.rawValue) {
                context.logger.notice(
                    "the buffer serves \(request.method.rawValue) again",
                    metadata: ["event": "requests-served"])
            }
        } catch let problem as Problem {
            answer = .problem(problem)
        } catch let error as BufferError {
            let problem = Problem(reading: error)
            if problem == .storage, outages.begin(request.method.rawValue) {
                context.logger.error(
                    """
                    the buffer fails a \(request.method.rawValue), and each is answered with 503 until \
                    it works again: check the disk (mount options, space, kernel log)
                    """, metadata: ["event": "requests-failed", "error": "\(error)"])
            }
            answer = .problem(problem)
        } catch is CancellationError {
            answer = .problem(.stopping)
        } catch {
            context.logger.error(
                "request failed unexpectedly", metadata: ["error": "\(error)"])
            answer = .problem(.unexpected)
        }
        let coding = ContentCoding(acceptEncoding: request.headers[.acceptEncoding])
        return await answer.response(to: request.method, coding: coding)
    }

    private func answer(to request: Request, _ context: Context) async throws -> Answer {
        let target = request.head.path ?? ""
        guard target.utf8.count <= Limits.targetBytes else { throw Problem.targetTooLong }
        // The parser takes the first Host out; one that is left is a second.
        guard let host = request.head.authority,
            !request.headers.contains(where: { $0.name.canonicalName == "host" })
        else {
            throw Problem.malformed("There must be one Host header")
        }
        try hosts.check(host)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let route = Route(path: path) else {
            throw Problem.nothingThere
        }
        guard route.methods.contains(request.method) else {
            throw Problem.methodNotAllowed(route.methods)
        }
        let query = parts.count == 2 ? String(parts[1]) : nil
        switch route {
        case .batches, .batch, .consumerBatches:
            return try await pull.answer(to: request, route, query, context.channel)
        case .consumers, .consumer, .consumerCursor:
            try Query(query).finish(known: [])
            return try await consumers.answer(to: request, route)
        case .statusPage, .styleSheet, .allEquipment, .equipment, .status, .frames, .metrics,
            .alive, .ready:
            try Query(query).finish(known: [])
            return try await state.answer(route)
        }
    }
}

/// The names by which clients may address the server: a browser that was lured to another name
/// that resolves to this address (DNS rebinding) must not read the plant.
struct HostNames: Sendable {
    /// `nil`: any, since beyond loopback nobody can know what names lead here.
    private let allowed: Set<String>?

    init(listen host: String) {
        let loopback: Set = ["localhost", "127.0.0.1", "::1", "[::1]"]
        let isLoopback = loopback.contains(host.lowercased()) || host.hasPrefix("127.")
        allowed = isLoopback ? loopback.union([host.lowercased()]) : nil
    }

    /// Throws if `authority`, with or without a port, is none of them.
    func check(_ authority: String) throws(Problem) {
        guard let allowed else { return }
        let host: Substring
        if authority.first == "[", let end = authority.firstIndex(of: "]") {
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        guard allowed.contains(host.lowercased()) else { throw .wrongHost(authority) }
    }
}

/// What the buffer fails at present: reading and writing fail apart, and each is told when it begins
/// and when it is over. Only methods of a route come this far, which bounds them.
final class Outages: Sendable {
    private let methods = Mutex<Set<String>>([])

    /// A request has failed; whether that is news.
    func begin(_ method: String) -> Bool {
        methods.withLock { $0.insert(method).inserted }
    }

    /// A request was served; whether that is news.
    func end(_ method: String) -> Bool {
        methods.withLock { $0.remove(method) != nil }
    }
}
