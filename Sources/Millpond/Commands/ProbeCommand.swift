// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Buffer
internal import Modbus
internal import Plant
internal import Settings

/// `probe`: some registers of one unit, read once.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Read registers of a unit once and show what they could mean.",
        usage: "millpond probe <endpoint> --unit <number> --holding <address> [<options>]",
        discussion: """
            millpond probe tcp://10.0.4.21 --unit 7 --holding 40 --count 4
            millpond probe 'serial:///dev/ttyUSB0?baud=9600&format=8E1' --input 0
            millpond probe rtu+tcp://10.0.4.30:4001 --unit 3 --coil 0 --count 16
            millpond probe tcp://10.0.4.21 --holding 40 --json | jq .words

            Addresses count from 0, as on the wire. Nothing is written to the device. Exit code 69 \
            if there is no answer or a refusal, 77 if the port may not be opened. After a silence \
            it listens on for a moment, to tell a slow device from none.
            """)

    @OptionGroup var endpoint: EndpointArgument
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The unit (slave), 0 to 255.", valueName: "number"))
    var unit: UInt8 = 1
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First holding register (function 3).", valueName: "address"))
    var holding: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First input register (function 4).", valueName: "address"))
    var input: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First coil (function 1).", valueName: "address"))
    var coil: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("First discrete input (function 2).", valueName: "address"))
    var discrete: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many: 1 to 125 registers, or 2000 bits.", valueName: "number"))
    var count = 1
    @Option(
        help: ArgumentHelp(
            "How long the answer may take (default: \(Configuration.Default.timeout.setting)).",
            valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout = DurationArgument(Configuration.Default.timeout)
    @OptionGroup var beside: BesideGatewayOption
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        _ = try request
        if case .serial = try endpoint.syntax.endpoint, !(1...247).contains(unit) {
            throw ValidationError("--unit is 1 to 247 on a serial line, not \(unit)")
        }
    }

    private var request: Request {
        get throws {
            let given: [(Table, String?)] = [
                (.holding, holding), (.input, input), (.coil, coil), (.discrete, discrete),
            ]
            let written = given.compactMap { table, text in text.map { (table, $0) } }
            guard written.count == 1, let (table, text) = written.first else {
                throw ValidationError(
                    "say one table with its first address: --holding, --input, --coil or "
                        + "--discrete, as --holding 40")
            }
            guard let start = NumberRanges.read(text, in: 0...65_535)?.first?.lowerBound,
                !text.contains("-"), !text.contains(",")
            else {
                throw ValidationError(
                    "--\(table.rawValue) takes an address, 0 to 65535, not \(text)")
            }
            guard (1...table.limit).contains(count), start + count <= 65_536 else {
                throw ValidationError(
                    "--count is 1 to \(min(table.limit, 65_536 - start)) there, not \(count)")
            }
            guard Configuration.Bound.timeout.contains(timeout.duration) else {
                throw ValidationError("--timeout is 10ms to 60s")
            }
            return Request(unit: unit, table: table, start: UInt16(start), count: count)
        }
    }

    func run() async throws {
        let (place, request) = (try endpoint.syntax.endpoint, try request)
        Process.prepare()
        try await beside.check(place, options)
        let timeout = timeout.duration
        let outcome = await ToolThread.run { line in
            Self.ask(request, at: place, within: timeout, heeding: line)
        }
        switch outcome {
        case .success(let answer):
            if json { Terminal.print(answer.json) } else { answer.print() }
        case .failure(let failure):
            Terminal.say(failure.sentence(unit: unit, at: place))
            throw ErrorText.exitCode(of: failure.error)
        }
    }

    private static func ask(
        _ request: Request, at place: Endpoint, within timeout: Duration, heeding line: Line
    ) -> Result<ProbeAnswer, ProbeFailure> {
        var link = Link(to: place, heeding: line)
        do throws(ModbusError) {
            try link.connect(within: timeout)
            let begin = ContinuousClock.now
            let words = try link.read(request, within: timeout)
            return .success(
                ProbeAnswer(endpoint: place, request: request, words: words, took: .now - begin))
        } catch {
            // A device that is slow is another thing than one that is not there.
            if error == .silent { link.listen(for: LateAnswer.patience(after: timeout)) }
            return .failure(ProbeFailure(error: error, late: link.counts.latestLate))
        }
    }
}

/// Why there are no words.
struct ProbeFailure: Error {
    let error: ModbusError
    /// What came when it was given up.
    let late: LateAnswer?

    func sentence(unit: UInt8, at place: Endpoint) -> String {
        guard let late else { return ErrorText.of(error, unit: unit, at: place) }
        let text = LateText(delay: late.delay)
        return "the answer of unit \(unit) at \(place.text) came late (\(text.time)): say "
            + "--timeout \(text.timeout), and in the configuration raise the connection's `timeout`"
    }
}

/// What a unit answered, for people and for programs.
struct ProbeAnswer: Sendable {
    let endpoint: Endpoint
    let request: Request
    let words: [UInt16]
    /// From the question to the end of the answer.
    let took: Duration

    private var isOfBits: Bool { request.table.holdsBits }

    func print() {
        let last = Int(request.start) + request.count - 1
        let extent = request.count == 1 ? "\(last)" : "\(request.start)–\(last)"
        Terminal.say(
            "\(endpoint.text), unit \(request.unit), \(request.table.rawValue) \(extent): answered "
                + "in \(Wording.milliseconds(took))")
        for line in rawTable.lines { Terminal.print(line) }
        guard !isOfBits else { return }
        Terminal.print("")
        let decodings = plausible
        guard !decodings.isEmpty else {
            let shown = words.prefix(4).map(InterpretationText.hex).joined(separator: " ")
            Terminal.print("Nothing plausible; everything possible: millpond decode \(shown)")
            return
        }
        var table = TextTable([
            ("AT", .right), ("REGISTERS", .right), ("TYPE", .left), ("ORDER", .left),
            ("PLAUSIBLE VALUE", .left),
        ])
        for (address, each) in decodings {
            table.add([
                "\(address)", "\(each.layout.width)", each.layout.encoding.rawValue,
                each.layout.order.rawValue, InterpretationText.short(each),
            ])
        }
        for line in table.lines { Terminal.print(line) }
    }

    private var rawTable: TextTable {
        if isOfBits {
            var table = TextTable([("ADDRESS", .right), ("VALUE", .right)])
            for (index, word) in words.enumerated() {
                table.add(["\(Int(request.start) + index)", "\(word)"])
            }
            return table
        }
        var table = TextTable([
            ("ADDRESS", .right), ("HEX", .left), ("DECIMAL", .right), ("SIGNED", .right),
        ])
        for (index, word) in words.enumerated() {
            table.add([
                "\(Int(request.start) + index)", InterpretationText.hex(word), "\(word)",
                "\(Int16(bitPattern: word))",
            ])
        }
        return table
    }

    /// By address, the longest first; a text only where all the words are one.
    private var plausible: [(address: Int, what: Interpretation)] {
        words.indices.flatMap { index in
            [words.count, 4, 2, 1].enumerated().filter { place, width in
                index + width <= words.count && (place == 0) == (width == words.count)
            }
            .flatMap { _, width in Interpretation.all(of: words[index..<index + width]) }
            .filter(\.isPlausible)
            .map { (Int(request.start) + index, $0) }
        }
    }

    var json: String {
        var json = JSONText()
        json.object { json in
            json.member("endpoint", endpoint.text)
            json.member("unit", Int(request.unit))
            json.member("table", request.table.rawValue)
            json.member("at", Int(request.start))
            json.member("count", request.count)
            json.member("milliseconds", (took.inMilliseconds * 1_000).rounded() / 1_000)
            json.array("words") { json in for word in words { json.element(Int(word)) } }
            json.array("interpretations") { json in
                for (address, each) in isOfBits ? [] : plausible {
                    json.object { each.write(to: &$0, at: address) }
                }
            }
        }
        return json.text
    }
}
