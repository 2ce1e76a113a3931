// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Every bound of the pull API in one place, each with its reason.
enum Limits {
    /// Batches that one answer may hold: product.md, "Pull API".
    static let batches = 1...1_000
    static let defaultBatches = 100
    /// Bytes of NDJSON that one answer aims at: the contract's 1 KiB to 8 MiB.
    static let answerBytes = 1_024...8_388_608
    static let defaultAnswerBytes = 1_048_576
    /// Seconds that a long poll may last: shorter than the idle time-outs of common proxies.
    static let waitSeconds = 0...60
    /// Long polls at a time; more are told to come back, so that connections stay for others.
    static let waiters = 32
    /// Answers being read and written as text at a time; the others queue. Two cores do not do
    /// more at once, and each may take some 20 MiB for the moment.
    static let pullsAtATime = 2
    /// Bytes of answers under way at a time, all clients together: what slow readers may cost of
    /// the 64 MB that the gateway may take.
    static let bytesUnderWay = 24 * 1_048_576
    /// Seconds after which a client that was told "too many" may come back.
    static let retryAfterSeconds = 2

    /// A cursor, or a small JSON object with one.
    static let bodyBytes = 4_096
    /// The longest sensible request target is below 300 bytes.
    static let targetBytes = 4_096
    /// One header field, and all of them: a browser on a shared host name sends a few KiB of them.
    /// NIO counts the request target among them.
    static let headerBytes = 16_384
    static let headerFields = 100
    /// Open connections; further ones wait in the kernel's queue. Modbus needs the rest of the
    /// 1024 descriptors.
    static let connections = 128
    /// How long a connection may say nothing before or between requests, and within one.
    static let idle = TimeAmount.seconds(75)
    /// How long a client may go on sending after it was told that the connection ends.
    static let farewell = TimeAmount.seconds(1)
    /// Elements of an `Accept`, `Accept-Encoding` or entity tag list that are looked at.
    static let listElements = 32

    /// Consumers' names: `^[a-z0-9][a-z0-9-]{0,62}$`.
    static let nameBytes = 1...63
    /// Bytes compressed between two chances for other tasks to run.
    static let compressionStep = 131_072

    /// Good signals shown on the status page; beyond it, only those that are not good are.
    static let pageSignals = 400
    /// Signals that are not good, shown for each equipment of a large plant.
    static let pageBadSignals = 20
    /// Connections shown on the status page; beyond it, those that are not there come first.
    static let pageConnections = 64
    /// What a device was found not to give, shown for each device; there may be a hundred.
    static let pageLearntFacts = 5
    /// How often the status page asks for itself again.
    static let pageRefreshSeconds = 5
}
