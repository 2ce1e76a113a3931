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
    @Flag(help: "Print NDJSON, an object for each value tested.") var json = false

    func run() throws {
        let library = options.library
        var passed = 0
        var failed = 0
        for id in ids.isEmpty ? library.ids() : ids {
            let outcomes = try outcomes(of: id)
            let wrong = outcomes.filter { !$0.isRight }
            passed += outcomes.count - wrong.count
            failed += wrong.count
            if json {
                for outcome in outcomes { Terminal.print(outcome.json(profile: id)) }
            } else {
                Terminal.print(
                    "\(wrong.isEmpty ? "good" : "WRONG")  \(id): "
                        + "\(outcomes.count - wrong.count) of \(outcomes.count) values as captured")
                for outcome in wrong { Terminal.print("    \(outcome.sentence)") }
            }
        }
        if !json { Terminal.print("\(passed) passed, \(failed) failed") }
        guard failed == 0 else { throw Sysexits.data }
    }

    private func outcomes(of id: String) throws -> [CaptureTest.Outcome] {
        let profile = try options.profile(id)
        guard let file = options.library.file(of: id) else { return [] }
        let capture = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/capture.yaml"
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

    fileprivate func json(profile: String) -> String {
        var json = JSONText()
        json.object { json in
            json.member("profile", profile)
            json.member("case", name)
            json.member("signal", signal)
            json.member("expected", expected.text)
            json.member("found", found?.text)
            json.member("passed", isRight)
        }
        return json.text
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
