// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Testing

@testable import Millpond

/// When a growing loss is told.
@Suite struct ReminderTests {
    @Test func `a loss is told when it begins, then hourly, and anew in each epoch`() throws {
        let first = try #require(Epoch("aaaaaaaa"))
        let second = try #require(Epoch("bbbbbbbb"))
        let start = ContinuousClock.now
        var reminder = Reminder()
        func more(_ count: Int, _ epoch: Epoch, _ seconds: Int) -> Int? {
            reminder.more(than: count, in: epoch, at: start + .seconds(seconds))
        }
        #expect(more(500, first, 0) == nil, "what was lost before")
        #expect(more(500, first, 10) == nil)
        #expect(more(510, first, 20) == 10)
        #expect(more(520, first, 30) == nil, "told a moment ago")
        #expect(more(530, first, 3_620) == 20)
        // A new epoch counts from 0, far below the old total.
        #expect(more(7, second, 7_220) == 7)
        #expect(more(9, second, 10_820) == 2)
        // What counted for this reason is told under another one.
        #expect(more(4, second, 14_420) == nil)
        #expect(more(5, second, 14_430) == 1)
    }
}
