// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// When one device is asked again for something that it was found not to give, and for what.
///
/// One thing at a time and rarely: it costs a request in ten minutes, then in an hour. What is
/// given after all was repaired with the rest, most likely, so the next thing is asked for at once.
/// A value: it reads no clock.
struct RareRetry: Equatable, Sendable {
    static let shortest = Duration.seconds(600)
    static let longest = Duration.seconds(3600)
    /// It can wait: whatever else is due within this time goes first.
    static let patience = Duration.seconds(60)

    private(set) var due: Duration
    private var wait = Self.shortest * 2
    private var position = 0

    /// The first retry is due `shortest` after `now`.
    init(from now: Duration) { due = now + Self.shortest }

    /// The thing to ask for, the one after the last one; `nil` if there is none.
    func next<Thing>(of things: [Thing]) -> Thing? {
        things.isEmpty ? nil : things[position % things.count]
    }

    /// It is not given yet.
    mutating func failed(at now: Duration) {
        position += 1
        due = now + wait
        wait = min(wait * 2, Self.longest)
    }

    /// It is given, or the device has been away and may not be what it was: ask at once, for the
    /// thing at `position` if that is said.
    mutating func hurry(at now: Duration, from position: Int? = nil) {
        due = now
        wait = Self.shortest
        self.position = position ?? self.position
    }
}
