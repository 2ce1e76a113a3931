// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Whether one connection is there, and how patience grows while it is not.
///
/// A link that was made has yet to prove itself: a peer may accept and hang up. A value: times come
/// in, and each change that is worth telling comes out once.
struct LinkWatch: Equatable, Sendable {
    /// Links that break in a row, without an answer between, until the connection counts as lost.
    static let patience = 3

    /// What a link that broke under a request means.
    enum Verdict: Equatable, Sendable {
        /// Often only an idle connection that its peer has closed: ask the same again.
        case askAgain
        /// It broke again under the same request: that unit's doing, as far as can be known.
        case blameDevice
        case lost
    }

    private enum Standing: Equatable, Sendable {
        case untried
        /// Made, but nothing was exchanged over it yet.
        case unproven(downSince: Moment?)
        case up
        case down(since: Moment, retry: Duration)
    }

    private var standing = Standing.untried
    private var backoff = Backoff.connection
    private var breaks = 0

    /// When to make the connection; `nil` while there is one.
    var connectDue: Duration? {
        switch standing {
        case .untried: .zero
        case .down(_, let retry): retry
        case .unproven, .up: nil
        }
    }

    /// It is made; returns whether there was none before, so that everything is asked afresh.
    mutating func made() -> Bool {
        switch standing {
        case .untried: standing = .unproven(downSince: nil)
        case .down(let since, _): standing = .unproven(downSince: since)
        case .unproven, .up: return false
        }
        return true
    }

    /// Something came over it, or nothing in good time: it is sound. Returns whether that is news,
    /// and how long it was not there, if it ever was not.
    mutating func proved(at now: Moment) -> (isNews: Bool, absence: Duration?) {
        breaks = 0
        guard case .unproven(let since) = standing else { return (false, nil) }
        standing = .up
        backoff.reset()
        return (true, since.map(now.elapsed(since:)))
    }

    /// It broke under a request.
    mutating func broke() -> Verdict {
        breaks += 1
        if standing != .up || breaks == Self.patience { return .lost }
        return breaks == 1 ? .askAgain : .blameDevice
    }

    /// It is gone or could not be made; returns whether that is news.
    mutating func lost(at now: Moment, using dice: inout Dice) -> Bool {
        breaks = 0
        let retry = now.monotonic + backoff.wait(using: &dice)
        switch standing {
        case .down(let since, _), .unproven(let since?):
            standing = .down(since: since, retry: retry)
            return false
        case .untried, .unproven(nil), .up:
            standing = .down(since: now, retry: retry)
            return true
        }
    }
}
