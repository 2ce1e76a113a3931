// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

@main
struct Millpond: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millpond",
        abstract: "A telemetry gateway for factories: polls Modbus equipment, keeps what it read, and hands it on.",
        discussion: """
            millpond demo                      see it work, without hardware or configuration
            millpond check /etc/millpond/millpond.yaml
            millpond run                       the gateway itself, in the foreground
            millpond status                    what the running gateway says now
            """
    )
}
