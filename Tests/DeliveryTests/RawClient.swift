// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Testing

/// Speaks HTTP/1.1 byte by byte, so that a test can also send what no client library would.
struct RawClient: Sendable {
    let port: Int

    /// Sends `bytes` on a connection of its own and reads until the server closes it.
    func exchange(_ bytes: String) async throws -> Reply {
        let reply = try await connect { connection in
            try await connection.send(bytes)
            return try await connection.rest()
        }
        return try Reply(parsing: reply)
    }

    /// One request on a connection of its own.
    func request(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: String? = nil
    ) async throws -> Reply {
        let head = Self.head(method, target, headers.merging(["Connection": "close"]) { $1 }, body)
        let reply = try await exchange(head + (body ?? ""))
        if method != "HEAD", let length = reply.headers["content-length"] {
            #expect(Int(length) == reply.body.count, "\(method) \(target)")
        }
        return reply
    }

    func get(_ target: String, _ headers: [String: String] = [:]) async throws -> Reply {
        try await request("GET", target, headers)
    }

    static func head(
        _ method: String, _ target: String, _ headers: [String: String], _ body: String?
    ) -> String {
        var all = ["Host": "127.0.0.1"].merging(headers) { $1 }
        if let body { all["Content-Length"] = "\(body.utf8.count)" }
        let lines = all.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "\(method) \(target) HTTP/1.1\r\n\(lines)\r\n"
    }

    /// Runs `use` with a connection, and closes it afterwards.
    func connect<Value: Sendable>(
        _ use: (inout Connection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = Connection(
                iterator: inbound.makeAsyncIterator(), outbound: outbound)
            return try await use(&connection)
        }
    }

    struct Connection {
        fileprivate var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var received: [UInt8] = []

        fileprivate init(
            iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
            outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.iterator = iterator
            self.outbound = outbound
        }

        func send(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
        }

        /// The reply to something that the server may not want to read to its end.
        mutating func reply(whileSending text: String) async throws -> Reply {
            let outbound = outbound
            return try await withThrowingTaskGroup(of: Void.self) { group in
                // The server may hang up before all is sent; a client reads nevertheless.
                group.addTask { try? await outbound.write(ByteBuffer(string: text)) }
                defer { group.cancelAll() }
                return try await reply()
            }
        }

        /// Everything up to the end; a reset ends it, too.
        mutating func rest() async throws -> [UInt8] {
            do {
                while let bytes = try await iterator.next(isolation: #isolation) {
                    received += bytes.readableBytesView
                }
            } catch is IOError {
                // What came before the reset is what a client has.
            }
            return received
        }

        /// The next reply on a connection that stays open.
        mutating func reply() async throws -> Reply {
            while true {
                if let (reply, used) = Reply.complete(in: received) {
                    received.removeFirst(used)
                    return reply
                }
                guard let bytes = try await iterator.next(isolation: #isolation) else {
                    throw Ended()
                }
                received += bytes.readableBytesView
            }
        }
    }

    struct Ended: Error {}
}

/// A reply, taken apart.
struct Reply: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    init(parsing bytes: [UInt8]) throws {
        let end = try #require(Self.endOfHead(in: bytes), "there is a reply")
        self.init(head: bytes[..<end], body: Array(bytes[(end + 4)...]))
    }

    private init(head: ArraySlice<UInt8>, body: [UInt8]) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        headers = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = String(parts[1].drop(while: { $0 == " " }))
        }
        self.body = body
    }

    /// The first reply in `bytes` and its length, once all of it is there.
    static func complete(in bytes: [UInt8]) -> (Reply, Int)? {
        guard let end = endOfHead(in: bytes) else { return nil }
        let reply = Reply(head: bytes[..<end], body: [])
        let length = reply.headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= end + 4 + length else { return nil }
        var whole = reply
        whole.body = Array(bytes[(end + 4)..<(end + 4 + length)])
        return (whole, end + 4 + length)
    }

    private static func endOfHead(in bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { Array(bytes[$0..<($0 + 4)]) == mark }
    }
}
