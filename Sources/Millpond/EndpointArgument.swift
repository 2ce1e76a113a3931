// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Modbus
internal import Plant
internal import Settings

/// The place that `probe` and `scan` ask.
struct EndpointArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "tcp://HOST[:502], rtu+tcp://HOST:PORT or serial:///dev/ttyUSB0?baud=9600&format=8E1.",
            valueName: "endpoint"))
    var text: String

    func validate() throws { _ = try syntax }

    /// What it says and leaves open; a usage error if it is no endpoint.
    var syntax: EndpointSyntax {
        get throws {
            do throws(EndpointSyntax.Failure) {
                return try EndpointSyntax(parsing: text)
            } catch {
                throw ValidationError(error.reason)
            }
        }
    }
}

/// A duration as settings write it: 300ms, 2s.
struct DurationArgument: CustomStringConvertible, Sendable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    /// For an option's `transform`: throws what would be a duration.
    static func parse(_ text: String) throws -> DurationArgument {
        guard let duration = Duration(setting: text) else {
            throw ValidationError("a duration is a whole number and its unit, as 300ms, 2s or 5m")
        }
        return DurationArgument(duration)
    }

    var description: String { duration.setting }
}

/// Numbers and ranges of them, as `1-10,17,247`.
enum NumberRanges {
    /// In the order as written, none twice; `nil` if it is none, or one lies outside `bounds`.
    static func read(_ text: String, in bounds: ClosedRange<Int>) -> [ClosedRange<Int>]? {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(number)
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
                first <= last, bounds.contains(first), bounds.contains(last),
                !ranges.contains(where: { $0.overlaps(first...last) })
            else { return nil }
            ranges.append(first...last)
        }
        return ranges
    }

    private static func number(_ text: Substring) -> Int? {
        text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }
}
