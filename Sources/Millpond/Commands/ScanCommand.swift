// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Modbus
internal import Plant
internal import Settings

/// `scan`: who is on a line, what each unit is, and a first profile of what is unknown.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Find the units of a line, and its speed and format; say what each is.",
        discussion: """
            millpond scan tcp://10.0.4.21 --units 1-10
            millpond scan serial:///dev/ttyUSB0           speed and format are looked for
            millpond scan 'serial:///dev/ttyUSB0?baud=9600&format=8N1' --units 1-32
            millpond scan tcp://10.0.4.21 --units 7 --draft drafts
            millpond scan tcp://10.0.4.21 --json | jq '.units[].unit'

            It only reads, and one question at a time. Units are known by what they say of \
            themselves (functions 43/14 and 17), else by the registers that profiles name. \
            --draft writes a commented first profile of each unknown unit, every line a guess that \
            says why, and a capture for millpond profile test. Ctrl-C prints what was found until \
            then. Exit code 69 if nobody answers.
            """)

    @OptionGroup var endpoint: EndpointArgument
    @Option(help: ArgumentHelp("Whom to ask.", valueName: "1-10,17"))
    var units = "1-247"
    @Option(
        help: ArgumentHelp(
            "How long an answer may take (default: 300ms on a serial line, else 1s, for there may "
                + "be a gateway that waits itself).", valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout: DurationArgument?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Questions in a second, at the most.", valueName: "number"))
    var rate = 20
    @Option(
        help: ArgumentHelp(
            "Write drafts: to a new FILE.yaml, or into a folder; beside each what was read.",
            valueName: "file|folder"))
    var draft: String?
    @OptionGroup(title: "What a draft looks at") var survey: SurveyOptions
    @OptionGroup var library: LibraryOptions
    @OptionGroup var beside: BesideGatewayOption
    @Flag(help: "Print one JSON object with what was found.") var json = false

    func validate() throws {
        _ = try order(known: [])
    }

    func run() async throws {
        let searched = try settings.count > 1
        let order = try order(known: known(in: library.library()))
        guard order.draft?.isFree ?? true else {
            Terminal.say("\(draft ?? "") is there already: name another file, or move it away")
            throw Sysexits.cannotCreate
        }
        Process.prepare()
        try await beside.check(order.endpoint, library.options)
        announce(order)
        let finding = await ToolThread.run { ScanRun(order: order).run(heeding: $0) }
        if json { Terminal.print(finding.json) } else { finding.print(searched: searched) }
        finding.conclude()
        for unit in finding.units where unit.draft != nil {
            if let step = order.draft?.nextStep(for: unit.unit) { Terminal.say("next: \(step)") }
        }
        if let file = finding.unwritten {
            Terminal.say("cannot write \(file): it is there already, or the folder is not yours")
            throw Sysexits.cannotCreate
        }
        if let failure = finding.failure {
            Terminal.say(
                ErrorText.of(failure, opening: finding.units.last?.endpoint ?? order.endpoint))
            throw ErrorText.exitCode(of: failure)
        }
        guard !finding.units.isEmpty else { throw Sysexits.unavailable }
    }

    private func order(known: [(id: String, identity: Identity)]) throws -> ScanRun.Order {
        let place = try endpoint.syntax.endpoint
        let isSerial = if case .serial = place { true } else { false }
        guard let ranges = NumberRanges.read(units, in: isSerial ? 1...247 : 0...255) else {
            throw ValidationError(
                "--units takes numbers and ranges of \(isSerial ? "1-247" : "0-255"), none twice, as 1-10,17"
            )
        }
        let timeout = timeout?.duration ?? (isSerial ? .milliseconds(300) : .seconds(1))
        guard Configuration.Bound.timeout.contains(timeout) else {
            throw ValidationError("--timeout is 10ms to 60s")
        }
        guard (1...1_000).contains(rate) else { throw ValidationError("--rate is 1 to 1000") }
        let budget = ScanBudget(timeout: timeout, rate: rate)
        if draft == nil, let option = survey.given.first {
            throw ValidationError(
                "\(option) is of drafts only: say --draft FOLDER, or leave it away")
        }
        return ScanRun.Order(
            endpoint: place, settings: try settings,
            units: ranges.flatMap { $0.map { UInt8($0) } }, budget: budget, known: known,
            draft: try draft.map { try survey.order(path: $0, within: budget) })
    }

    /// What of speed and format the endpoint leaves open is tried.
    private var settings: [Endpoint] {
        get throws {
            let syntax = try endpoint.syntax
            guard case .serial(let path, let format) = syntax.endpoint else {
                return [syntax.endpoint]
            }
            let bauds = syntax.saysSpeed ? [format.baud] : LineSearch.usualBauds
            return bauds.flatMap { baud in
                let formats =
                    syntax.saysFormat ? [format] : LineSearch.usualFormats
                return formats.map { format -> Endpoint in
                    var format = format
                    format.baud = baud
                    return .serial(path: path, format: format)
                }
            }
        }
    }

    /// The profiles that say by what their devices are known.
    private func known(
        in library: ProfileLibrary
    ) throws -> [(id: String, identity: Identity)] {
        library.ids().compactMap { id in
            guard let file = library.file(of: id) else { return nil }
            do throws(ProfileError) {
                return try Profile.read(file: file, id: id).identity.map { (id, $0) }
            } catch {
                Terminal.say("\(id) is left out: it has mistakes; see `millpond profile test`")
                return nil
            }
        }
    }

    /// How much may be asked and how long that takes, before anything is.
    private func announce(_ order: ScanRun.Order) {
        let budget = order.budget
        let longest = budget.longest(settings: order.settings, units: order.units.count)
        let settings =
            order.settings.count > 1 ? "\(order.settings.count) settings × " : ""
        let each = max(budget.timeout, budget.interval).setting
        var lines = Wording.wrapped(
            "\(order.endpoint.bareText): up to \(settings)\(Wording.count(order.units.count, "unit")) × "
                + "\(each), at most \(Wording.duration(longest)), then up to "
                + "\(Wording.duration(ScanRun.identification(order))) for each unit found"
                + (order.settings.count > 1 ? "; the usual units are asked first" : ""), indent: 0)
        if let draft = order.draft {
            let requests = draft.longest
            lines += Wording.wrapped(
                "drafts: up to \(requests) requests and \(draft.samples) samples over "
                    + "\(draft.span.setting) for each unknown unit, mostly within "
                    + Wording.duration(budget.interval * requests + draft.span), indent: 0)
        }
        for line in lines { Terminal.say(line) }
    }
}

extension Endpoint {
    /// Without what a scan looks for itself.
    fileprivate var bareText: String {
        if case .serial(let path, _) = self { "serial://\(path)" } else { text }
    }
}
