// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Buffer
internal import Equipment
internal import Plant

/// `profile test`.
struct ProfileTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Hold profiles against their captures.",
        usage: "millpond profile test [<vendor/model> ...] [<options>]",
        discussion: """
            millpond profile test                                every one that is found
            millpond profile test --devices ./devices acme/one   one of your own
            millpond profile test --devices drafts draft/unit-7  one that scan has drafted

            A capture has registers as they were read and the values that they must give. Exit \
            code 65 if a profile gives others or a signal has no value there, 78 if a profile \
            cannot be read or has no capture.
            """)

    @Argument(help: ArgumentHelp("Which ones (default: all).", valueName: "vendor/model"))
    var ids: [String] = []
    @OptionGroup var options: LibraryOptions
    @Flag(help: "Print one JSON object with every value tested.") var json = false

    func validate() throws { try ProfileArgument.check(ids) }

    func run() throws {
        let library = try options.library()
        let tested = ids.isEmpty ? library.ids() : ids
        let results = try tested.compactMap { try result($0, in: library) }
        let passed = results.reduce(0) { $0 + $1.outcomes.count - $1.wrong.count }
        let failed = results.reduce(0) { $0 + $1.wrong.count + $1.unproven.count }
        if json {
            Terminal.print(document(results, passed: passed, failed: failed))
        } else {
            for result in results { print(result) }
            Terminal.print("\(passed) passed, \(failed) failed")
        }
        guard results.count == tested.count else { throw Sysexits.configuration }
        guard failed == 0 else { throw Sysexits.data }
    }

    /// What became of one profile.
    private struct Result {
        let id: String
        let outcomes: [CaptureTest.Outcome]
        /// Signals that no case of the capture has a value of: nothing shows that they are right.
        let unproven: [String]

        var wrong: [CaptureTest.Outcome] { outcomes.filter { !$0.isRight } }
    }

    private func print(_ result: Result) {
        let wrong = result.wrong
        let isGood = wrong.isEmpty && result.unproven.isEmpty
        Terminal.print(
            "\(isGood ? "good" : "WRONG")  \(result.id): \(result.outcomes.count - wrong.count) of "
                + "\(result.outcomes.count) values as captured")
        for outcome in wrong { Terminal.print("    \(outcome.sentence)") }
        for signal in result.unproven {
            Terminal.print("    \(signal) has no value in any case of the capture")
        }
    }

    private func document(_ results: [Result], passed: Int, failed: Int) -> String {
        var json = JSONText()
        json.object { json in
            json.member("passed", passed)
            json.member("failed", failed)
            json.array("values") { json in
                for result in results {
                    for outcome in result.outcomes {
                        json.object { outcome.write(to: &$0, profile: result.id) }
                    }
                }
            }
            json.array("unproven") { json in
                for result in results {
                    for signal in result.unproven { json.element("\(result.id) \(signal)") }
                }
            }
        }
        return json.text
    }

    /// `nil` if there is nothing to be tested, after it was said why.
    private func result(_ id: String, in library: ProfileLibrary) throws -> Result? {
        guard let profile = try library.usable(id) else { return nil }
        guard let capture = library.capture(of: id) else {
            Terminal.say(
                "\(id) has no capture.yaml beside its profile: nothing shows that it is right. "
                    + "Write one by hand, or have millpond scan ENDPOINT --units N --draft FOLDER "
                    + "read one from the device, and take it over")
            return nil
        }
        do throws(ProfileError) {
            let capture = try Capture.read(file: capture, of: profile)
            return Result(
                id: id, outcomes: CaptureTest(capture, of: profile).outcomes,
                unproven: capture.unproven(of: profile))
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            return nil
        }
    }
}

extension CaptureTest.Outcome {
    fileprivate var sentence: String {
        "\(name): \(signal) should be \(expected.text) and is \(found?.text ?? "not there")"
    }

    fileprivate func write(to json: inout JSONText, profile: String) {
        json.member("profile", profile)
        json.member("case", name)
        json.member("signal", signal)
        json.member("expected", expected.text)
        json.member("found", found?.text)
        json.member("passed", isRight)
    }
}

extension Capture.Content {
    fileprivate var text: String {
        switch self {
        case .good(let value): value.text
        case .bad(let reason): "bad (\(reason.word))"
        }
    }
}

extension Reading.Content {
    fileprivate var text: String {
        switch self {
        case .good(let value): value.text
        case .uncertain(let value, let reason): "\(value.text) (\(reason.word))"
        case .bad(let reason): "bad (\(reason.word))"
        }
    }
}
