// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Sits in each connection's pipeline, for what Hummingbird does not do: it answers what cannot be
/// parsed with a problem document, tells when the client has gone, and closes after an answer
/// that says `Connection: close`.
final class Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var answersDue = 0
    private var isReadingRequest = false
    private var closesAfterAnswer = false
    /// What to say once the answers before it are out.
    private var complaint: Problem?
    private var hasGone = false
    /// Ends when the client goes; only the request being answered watches for it.
    private var watch: AsyncStream<Never>.Continuation?

    /// Ends when the client has closed its side, or the connection is no more.
    static func departure(on channel: any Channel) -> AsyncStream<Never> {
        let (departure, watch) = AsyncStream<Never>.makeStream()
        channel.eventLoop.execute {
            // A pipeline without this handler has ended already.
            let connection = try? channel.pipeline.syncOperations.handler(type: Connection.self)
            if let connection, !connection.hasGone {
                connection.watch?.finish()
                connection.watch = watch
            } else {
                watch.finish()
            }
        }
        return departure
    }

    private func clientWent() {
        hasGone = true
        watch?.finish()
        watch = nil
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clientWent()
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientWent()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { clientWent() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            answersDue += 1
            isReadingRequest = true
        case .body: break
        case .end: isReadingRequest = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.headerFields[.connection] == "close" { closesAfterAnswer = true }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            answersDue -= 1
            if closesAfterAnswer {
                context.writeAndFlush(data, promise: promise)
                hangUp(context)
            } else {
                context.write(data, promise: promise)
                if answersDue == 0, let complaint { answer(complaint, context) }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let complaint = Problem(parsing: error), !isReadingRequest else {
            context.fireErrorCaught(error)
            return
        }
        if answersDue == 0 {
            answer(complaint, context)
        } else {
            self.complaint = complaint
        }
    }

    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        let body = ByteBuffer(bytes: problem.json)
        var head = HTTPResponse(status: problem.status, headerFields: problem.headers)
        head.headerFields[.contentType] = Problem.mediaType
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        hangUp(context)
    }

    /// Closes our side now and the other soon: closing both with bytes unread would reset the
    /// connection, and the client would lose the answer.
    private func hangUp(_ context: ChannelHandlerContext) {
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Limits.farewell) { channel.close(promise: nil) }
    }
}

extension Problem {
    /// What an error of the HTTP parser means; `nil` if the error is of another kind.
    init?(parsing error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: self = .headersTooLarge
        case HTTPParserError.invalidMethod:
            self = .methodNotAllowed([.get, .head, .put, .delete])
            headers[.connection] = "close"
        case let error as HTTPParserError: self = .malformed("The parser says \(error)")
        default: return nil
        }
    }
}
