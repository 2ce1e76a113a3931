// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `profile`: the device profiles that this millpond knows.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "List, show or test device profiles.",
        discussion: """
            millpond profile list
            millpond profile show eastron/sdm630
            millpond profile test                   every profile against its capture
            """,
        subcommands: [ProfileList.self, ProfileShow.self, ProfileTest.self])
}
