// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import FoundationEssentials
internal import Glibc
internal import Modbus
internal import Plant

/// Drafts of profiles that a scan is to write for what it does not know.
struct DraftOrder: Sendable {
    /// Where to: one file, or a folder of profiles.
    let path: String
    let tables: [Table]
    let addresses: [Range<Int>]
    /// Requests in one table of one unit.
    let requests: Int
    /// How often what was found is read.
    let samples: Int
    /// From the first sample to the last.
    let span: Duration

    /// The most requests of the surveys of one unit: halving asks less than twice an address.
    var longest: Int {
        tables.count * min(requests, 2 * addresses.reduce(0) { $0 + $1.count })
    }

    private var isFile: Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }

    /// The file for a unit; a folder becomes one that `--devices` and `profiles:` can name.
    func file(for unit: UInt8) -> String {
        isFile ? path : "\(path)/draft/unit-\(unit)/profile.yaml"
    }

    /// Beside `profile`, where `profile test` finds it, or named like it.
    static func capture(beside profile: String) -> String {
        let parts = profile.split(separator: "/", omittingEmptySubsequences: false)
        let name = parts.last.flatMap { $0.split(separator: ".").first } ?? ""
        let folder = parts.dropLast().map { "\($0)/" }.joined()
        return folder + (name == "profile" ? "capture.yaml" : "\(name).capture.yaml")
    }

    /// Whether nothing would be overwritten, as far as is known before the scan.
    var isFree: Bool {
        let files: [String] = [path, Self.capture(beside: path)]
        return !isFile || files.allSatisfy { access($0, F_OK) != 0 }
    }

    /// What to do with the draft of a unit; `nil` of a file, which is in no folder of profiles.
    func nextStep(for unit: UInt8) -> String? {
        isFile ? nil : "millpond profile test --devices \(path) draft/unit-\(unit)"
    }

    /// Drafts each unknown unit, or the first where there is one file.
    func write(
        _ finding: inout ScanFinding, through session: inout ScanSession, _ progress: Progress
    ) {
        let unknown = finding.units.indices.filter { finding.units[$0].recognitions.isEmpty }
        for index in isFile ? unknown.prefix(1) : unknown[...] {
            let unit = finding.units[index]
            guard let draft = draft(unit, through: &session, progress) else { return }
            guard draft.isWorthWriting else {
                progress.say("unit \(unit.unit): no register with anything in it was found")
                continue
            }
            let file = file(for: unit.unit)
            for (text, file) in [(draft.text, file), (draft.capture, Self.capture(beside: file))] {
                guard Self.write(text, to: file) else {
                    finding.unwritten = file
                    return
                }
            }
            finding.units[index].draft = file
        }
        if isFile, unknown.count > 1 {
            progress.say(
                "\(path) has the first unknown unit; a folder takes them all: --draft drafts")
        }
        if unknown.isEmpty, !finding.units.isEmpty {
            progress.say("every unit matches a profile: nothing to draft")
        }
    }

    /// `nil` if the line was asked to stop.
    private func draft(
        _ unit: ScannedUnit, through session: inout ScanSession, _ progress: Progress
    ) -> Draft? {
        var surveys: [RegisterSurvey] = []
        for table in tables {
            var survey = RegisterSurvey(
                unit: unit.unit, table: table, addresses: addresses, limit: requests)
            while let request = survey.next() {
                progress.show(
                    "unit \(unit.unit): \(table.rawValue) \(request.start); request "
                        + "\(survey.requests + 1) of at most \(requests)")
                switch session.ask(request, at: unit.endpoint) {
                case .words: survey.take(.words)
                case .refused(let exception): survey.take(.refused(exception: exception))
                case .stopped, .failed: return nil
                case .silent, .garbled, .hungUp, .impossible: survey.take(.lost)
                }
            }
            surveys.append(survey)
        }
        guard let runs = sample(surveys, of: unit, through: &session, progress) else { return nil }
        return Draft(
            place: "unit \(unit.unit) at \(unit.endpoint.text)", time: WallClock.now,
            description: unit.description, surveys: surveys, runs: runs, span: span)
    }

    /// Reads what was found again and again; a block that fails once is left out.
    private func sample(
        _ surveys: [RegisterSurvey], of unit: ScannedUnit, through session: inout ScanSession,
        _ progress: Progress
    ) -> [SampledRun]? {
        var words: [Table: [Int: [UInt16]]] = [:]
        let begin = ContinuousClock.now
        for round in 0..<samples {
            let due = begin + span * round / max(samples - 1, 1)
            guard session.line.pause(until: due) == .due else { return nil }
            progress.show("unit \(unit.unit): sample \(round + 1) of \(samples)")
            for survey in surveys {
                for block in survey.found {
                    let request = Request(
                        unit: unit.unit, table: survey.table, start: UInt16(block.lowerBound),
                        count: block.count)
                    let answer = session.ask(request, at: unit.endpoint)
                    if case .stopped = answer { return nil }
                    guard case .words(let found) = answer else { continue }
                    for (offset, word) in found.enumerated() {
                        words[survey.table, default: [:]][block.lowerBound + offset, default: []]
                            .append(word)
                    }
                }
            }
        }
        return surveys.flatMap { survey in
            survey.runs.flatMap {
                Self.runs(of: words[survey.table] ?? [:], in: $0, survey.table, samples)
            }
        }
    }

    /// The parts of `run` that every round has.
    private static func runs(
        of words: [Int: [UInt16]], in run: Range<Int>, _ table: Table, _ samples: Int
    ) -> [SampledRun] {
        let whole = run.split { words[$0]?.count != samples }
        return whole.map { part in
            SampledRun(
                table: table, start: part.startIndex,
                samples: (0..<samples).map { round in part.map { words[$0]?[round] ?? 0 } })
        }
    }

    /// Writes a new file, with its folders; false if it is there, or cannot be.
    private static func write(_ text: String, to file: String) -> Bool {
        if let slash = file.lastIndex(of: "/") {
            let folder = String(file[..<slash])
            // What cannot be made here shows when the file is opened.
            try? FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
