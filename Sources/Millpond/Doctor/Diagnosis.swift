// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer

/// One thing about the box that was looked at, and what came of it.
struct Diagnosis: Hashable, Sendable {
    /// What it is about.
    enum Subject: String, Sendable {
        case configuration, clock, disk, buffer, api, serial, libraries, descriptors, unit, secrets
    }

    /// How grave it is, in this order.
    enum Verdict: String, CaseIterable, Sendable {
        /// As it should be.
        case ok
        /// Good to know.
        case note
        /// It works, and one day it may not.
        case warning
        /// `run` cannot start.
        case error
    }

    let subject: Subject
    let verdict: Verdict
    /// What was found, without a full stop.
    let text: String
    /// What to do about it; `nil` where nothing is to be done.
    var remedy: String?

    static func ok(_ subject: Subject, _ text: String) -> Diagnosis {
        Diagnosis(subject: subject, verdict: .ok, text: text)
    }

    static func note(_ subject: Subject, _ text: String, do remedy: String) -> Diagnosis {
        Diagnosis(subject: subject, verdict: .note, text: text, remedy: remedy)
    }

    static func warning(_ subject: Subject, _ text: String, do remedy: String) -> Diagnosis {
        Diagnosis(subject: subject, verdict: .warning, text: text, remedy: remedy)
    }

    static func error(_ subject: Subject, _ text: String, do remedy: String) -> Diagnosis {
        Diagnosis(subject: subject, verdict: .error, text: text, remedy: remedy)
    }

    /// A sentence, and what to do.
    var sentence: String { remedy.map { "\(text): \($0)" } ?? text }

    /// In lines of 80 columns, the verdict in front.
    var lines: [String] {
        var lines = Wording.wrapped("\(subject.rawValue): \(sentence)", indent: Self.margin)
        let verdict = verdict.rawValue
        let gap = String(repeating: " ", count: Self.margin - verdict.count)
        lines[0] = verdict + gap + lines[0].dropFirst(Self.margin)
        return lines
    }

    /// The longest verdict, and two spaces.
    private static let margin = 9
}

/// All that was looked at.
struct Diagnoses: Sendable {
    let all: [Diagnosis]

    private func count(_ verdict: Diagnosis.Verdict) -> Int {
        all.count { $0.verdict == verdict }
    }

    /// What keeps `run` from starting; `nil` if nothing does.
    var exitCode: ExitCode? {
        let errors = all.filter { $0.verdict == .error }
        guard !errors.isEmpty else { return nil }
        return errors.contains { $0.subject == .configuration }
            ? Sysexits.configuration : Sysexits.unavailable
    }

    /// `2 warnings, 1 note; millpond run would start`.
    var summary: String {
        let counts = [Diagnosis.Verdict.error, .warning, .note].compactMap { verdict in
            let count = count(verdict)
            return count == 0 ? nil : Wording.count(count, verdict.rawValue)
        }
        let found = counts.isEmpty ? "all is well" : counts.joined(separator: ", ")
        return "\(found); `millpond run` \(exitCode == nil ? "can start" : "cannot start") here"
    }

    var json: String {
        var json = JSONText()
        json.object { json in
            json.member("startable", exitCode == nil)
            json.array("findings") { json in
                for diagnosis in all {
                    json.object { json in
                        json.member("subject", diagnosis.subject.rawValue)
                        json.member("verdict", diagnosis.verdict.rawValue)
                        json.member("text", diagnosis.text)
                        json.member("remedy", ifAny: diagnosis.remedy)
                    }
                }
            }
        }
        return json.text
    }
}
