// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("timeuot", "timeout"), ("Timeout", "timeout"), ("time-out", "timeout"),
        ("bauds", "baud"), ("tpc", "tcp"), ("serail", "serial"),
    ])
    func `a slip finds the word that was meant`(word: String, meant: String) {
        let keys = ["tcp", "serial", "rtu-over-tcp", "baud", "format", "timeout"]
        #expect(Suggestion.nearest(to: word, among: keys) == meant)
    }

    @Test(arguments: ["", "xyzzy", "port", String(repeating: "t", count: 1_000)])
    func `another word finds none`(word: String) {
        let keys = ["tcp", "serial", "rtu-over-tcp", "baud", "format", "timeout"]
        #expect(Suggestion.nearest(to: word, among: keys) == nil)
    }
}
