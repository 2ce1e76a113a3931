// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Which dumps of frames may be kept, and which make room for them. A value: it touches no disk.
///
/// What it promises: no more than `limit` files, of which no more than `limitOfConnection` belong
/// to one connection, so that all of them stay under 8 MiB; and a plant that fails in many places
/// at once, or in one place for ever, does not wear out the disk.
struct FrameShelf: Equatable, Sendable {
    /// A ring of 8 KiB is at most 26 KiB of text.
    static let longestFile = 32 * 1024
    static let limit = 256
    static let limitOfConnection = 4
    /// Between two dumps of one connection after it or a device was lost.
    static let shortestInterval = Duration.seconds(60)
    /// Between a dump and one for a garbled answer: noise goes on for as long as it likes.
    static let intervalOfGarbled = Duration.seconds(600)
    /// Dumps of all connections in any ten minutes: a switch that fails takes hundreds with it,
    /// and a few of them tell it all.
    static let limitOfTenMinutes = 30

    enum Cause { case lost, garbled }

    /// The files, the oldest first.
    private(set) var files: [String]
    private var lastOfConnection: [String: Duration] = [:]
    private var recent: [Duration] = []

    /// `files` are those that lie there already, in any order.
    init(files: [String]) {
        self.files = files.filter(Self.isOurs).sorted { Self.stamp(of: $0) < Self.stamp(of: $1) }
    }

    /// The name of the next file and the files to remove before it is written; nil if none is to
    /// be written now.
    mutating func admit(
        _ connection: String, because cause: Cause, at now: Moment
    ) -> (name: String, leaving: [String])? {
        let interval = cause == .garbled ? Self.intervalOfGarbled : Self.shortestInterval
        if let last = lastOfConnection[connection], now.monotonic - last < interval { return nil }
        recent.removeAll { now.monotonic - $0 >= .seconds(600) }
        guard recent.count < Self.limitOfTenMinutes else { return nil }
        lastOfConnection[connection] = now.monotonic
        recent.append(now.monotonic)
        let name = Self.name(connection, at: now.time)
        files.removeAll { $0 == name }
        let own = files.filter { Self.connection(of: $0) == connection }
        var leaving = Array(own.dropLast(Self.limitOfConnection - 1))
        files.removeAll(where: leaving.contains)
        let surplus = Array(files.prefix(max(0, files.count - Self.limit + 1)))
        files.removeFirst(surplus.count)
        leaving += surplus
        files.append(name)
        return (name, leaving)
    }

    /// `meters-20261120T010403120Z.txt`; a connection's name has letters, digits, `-` and `_`.
    private static func name(_ connection: String, at time: Timestamp) -> String {
        "\(connection)-\(time.rfc3339.filter { !"-:.".contains($0) }).txt"
    }

    private static func isOurs(_ file: String) -> Bool {
        file.hasSuffix("Z.txt") && stamp(of: file).count == "-20261120T010403120Z.txt".count
    }

    private static func connection(of file: String) -> Substring {
        file[..<(file.lastIndex(of: "-") ?? file.endIndex)]
    }

    private static func stamp(of file: String) -> Substring {
        file[(file.lastIndex(of: "-") ?? file.endIndex)...]
    }
}
