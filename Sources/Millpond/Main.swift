// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

@main
struct Millpond: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millpond",
        abstract: "A telemetry gateway: polls Modbus equipment, keeps what it says, hands it on.",
        discussion: """
            millpond demo                     see it work, without hardware or configuration
            millpond check plant.yaml         every mistake at once, and the plan of each wire
            millpond run --config plant.yaml  the gateway itself, in the foreground
            millpond status                   what the running gateway says now
            millpond doctor                   what of this box could cost data
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, DemoCommand.self, SimulateCommand.self, CheckCommand.self,
            ProbeCommand.self, ScanCommand.self, DecodeCommand.self, ReadCommand.self,
            StatusCommand.self,
            TailCommand.self, BatchesCommand.self,
            ProfileCommand.self, DoctorCommand.self,
        ])

    /// Parses the command line and runs what it says.
    @MainActor static func main() async {
        Process.limitMemory()
        await main(nil)
    }
}
