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
        discussion: """
            millpond profile test                                every one that is found
            millpond profile test --devices ./devices acme/one   one of your own
            """)

    @Argument(help: ArgumentHelp("Which ones (default: all).", valueName: "vendor/model"))
    var ids: [String] = []
    @OptionGroup var options: LibraryOptions
    @Flag(help: "Print one JSON object with every value tested.") var json = false

    func run() throws {
        let library = options.library
        let tested = try (ids.isEmpty ? library.ids() : ids).map { id in
            (id: id, outcomes: try outcomes(of: id))
        }
        let all = tested.flatMap(\.outcomes)
        let failed = all.count { !$0.isRight }
        if json {
            Terminal.print(document(tested, passed: all.count - failed, failed: failed))
        } else {
            for (id, outcomes) in tested { print(id, outcomes) }
            Terminal.print("\(all.count - failed) passed, \(failed) failed")
        }
        guard failed == 0 else { throw Sysexits.data }
    }

    private func print(_ id: String, _ outcomes: [CaptureTest.Outcome]) {
        let wrong = outcomes.filter { !$0.isRight }
        Terminal.print(
            "\(wrong.isEmpty ? "good" : "WRONG")  \(id): "
                + "\(outcomes.count - wrong.count) of \(outcomes.count) values as captured")
        for outcome in wrong { Terminal.print("    \(outcome.sentence)") }
    }

    private func document(
        _ tested: [(id: String, outcomes: [CaptureTest.Outcome])], passed: Int, failed: Int
    ) -> String {
        var json = JSONText()
        json.object { json in
            json.member("passed", passed)
            json.member("failed", failed)
            json.array("values") { json in
                for (id, outcomes) in tested {
                    for outcome in outcomes {
                        json.object { outcome.write(to: &$0, profile: id) }
                    }
                }
            }
        }
        return json.text
    }

    private func outcomes(of id: String) throws -> [CaptureTest.Outcome] {
        let profile = try options.profile(id)
        guard let capture = options.library.capture(of: id) else {
            Terminal.say("\(id) has no capture.yaml beside its profile")
            throw Sysexits.configuration
        }
        do throws(ProfileError) {
            return CaptureTest(try Capture.read(file: capture, of: profile), of: profile).outcomes
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            throw Sysexits.configuration
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
