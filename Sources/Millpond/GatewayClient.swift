// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Asks a running gateway over its pull API, for `status` and `tail`.
struct GatewayClient {
    let host: String
    let port: Int

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    /// The most that an answer may be long: `max_bytes` at its largest, and then some.
    private static let longestBody = 64 * 1_048_576

    /// One `GET` on a connection of its own.
    ///
    /// Throws what the socket says if nobody listens, or `TooLong`.
    func get(_ path: String, accept: String) async throws -> Answer {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(5))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let headers: HTTPHeaders = [
                "Host": host.authority(port: port), "Accept": accept,
                "Connection": "close",
            ]
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: path, headers: headers)
            // At once: after the head alone the gateway may have answered and hung up already.
            try await outbound.write(contentsOf: [.head(head), .end(nil)])
            var answer = Answer(status: 0, headers: [:], body: [])
            for try await part in inbound {
                switch part {
                case .head(let head):
                    answer.status = Int(head.status.code)
                    answer.headers = head.headers
                case .body(let buffer):
                    answer.body.append(contentsOf: buffer.readableBytesView)
                    guard answer.body.count <= Self.longestBody else { throw TooLong() }
                case .end:
                    return answer
                }
            }
            throw ChannelError.eof
        }
    }

    struct TooLong: Error {}
}
