// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Equipment

struct DurationTests {
    @Test(
        arguments: [
            (.zero, 0, 0), (.milliseconds(-1_500), -1_500, -1_500_000_000),
            (.nanoseconds(1_999_999), 1, 1_999_999), (.nanoseconds(-1_999_999), -1, -1_999_999),
            (.nanoseconds(Int64.max), .max / 1_000_000, .max),
            (.nanoseconds(Int64.min), .min / 1_000_000, .min),
            (.nanoseconds(Int64.max) + .nanoseconds(1), .max / 1_000_000, .max),
            (.milliseconds(Int64.max), .max, .max), (.milliseconds(Int64.min), .min, .min),
            (.seconds(Int64.max), .max, .max), (.seconds(Int64.min), .min, .min),
        ] as [(Duration, Int64, Int64)])
    func `every duration is a number`(_ duration: Duration, milliseconds: Int64, nanoseconds: Int64)
    {
        #expect(duration.milliseconds == milliseconds)
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test func `the farthest times are some time apart`() {
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(last.elapsed(since: first) > .milliseconds(Int64.max))
        #expect(first.elapsed(since: last) == .zero)
    }
}
