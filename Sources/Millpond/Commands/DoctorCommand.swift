// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Plant

/// `doctor`: what of this box could cost data, or keep the gateway from starting.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the box: clock, disk, buffer, serial ports, libraries, service.",
        discussion: """
            sudo -u millpond millpond doctor        by /etc/millpond/millpond.yaml
            millpond doctor --config plant.yaml     by another configuration
            millpond doctor --json | jq '.findings[] | select(.verdict != "ok")'

            Each line is ok, a note, a warning (it works, and one day it may not) or an error, with \
            what to do about it. It may be asked while the gateway runs: nothing of the buffer and \
            no serial port is opened, nobody is listened to, and all that is written is a file of \
            some pages, to see how fast the disk is.

            Exit code 0 unless something keeps `millpond run` from starting here: 78 if that is \
            the configuration, 69 otherwise. Without a configuration in its usual place, where `run` \
            cannot start either, the box is looked at for one that has every default.
            """)

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print the findings as one JSON object.") var json = false

    func run() throws {
        let (configuration, finding) = read()
        let diagnoses = Diagnoses(all: [finding] + BoxSurvey(configuration).diagnoses)
        if json {
            Terminal.print(diagnoses.json)
        } else {
            for line in diagnoses.all.flatMap(\.lines) { Terminal.print(line) }
            Terminal.say(diagnoses.summary)
        }
        if let code = diagnoses.exitCode { throw code }
    }

    /// The configuration, if it can be used, and what there is to say of it.
    private func read() -> (Configuration?, Diagnosis) {
        let path = options.path
        guard options.isGiven || access(path, F_OK) == 0 else {
            return (
                nil,
                .error(
                    .configuration, "there is none at \(path)",
                    do: "write one, by config/millpond.yaml, or name it by --config")
            )
        }
        do throws(ConfigurationError) {
            let configuration = try Configuration.read(
                file: path, profilesBeside: Executable.path
            ).0
            return (configuration, .ok(.configuration, "\(path) can be used"))
        } catch {
            let mistakes = Wording.count(error.mistakes.count, "mistake")
            return (
                nil,
                .error(
                    .configuration, "\(path) has \(mistakes)", do: "see `millpond check \(path)`")
            )
        }
    }
}
