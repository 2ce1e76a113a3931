// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Modbus
internal import Plant

/// A unit that a scan found.
struct ScannedUnit: Sendable {
    let endpoint: Endpoint
    let unit: UInt8
    var description = SelfDescription()
    var recognitions: [Recognition] = []
    /// Where its draft was written.
    var draft: String?
}

/// What a scan found, whether it came to its end or not.
struct ScanFinding: Sendable {
    /// As the command line has it.
    let endpoint: Endpoint
    var units: [ScannedUnit] = []
    var asked = 0
    var took = Duration.zero
    /// Settings or the place itself at which there were bytes, but no answer.
    var noisy: [Endpoint] = []
    /// Questions after which there were bytes, but no answer.
    var garbled: [LineSearch.Question] = []
    /// Who was not found, and yet answered when it was given up.
    var late: [LateAnswer] = []
    /// How often the peer closed the connection instead of answering.
    var hangUps = 0
    /// Every number was answered: what is kept of them is the first.
    var hasOneForAll = false
    /// Asked to stop before the end.
    var isStopped = false
    /// Why it went no further.
    var failure: ModbusError?
    /// A draft that could not be written.
    var unwritten: String?
}

extension ScanFinding {
    /// What people read; the proven setting is said where it was looked for.
    func print(searched: Bool) {
        if searched, let first = units.first {
            Terminal.print("\(first.endpoint.text)  (proved by unit \(first.unit))\n")
        }
        if !units.isEmpty {
            var table = TextTable([("UNIT", .right), ("SAYS OF ITSELF", .left), ("PROFILE", .left)])
            for unit in units {
                let known = unit.recognitions.map(\.profile).joined(separator: ", ")
                table.add(["\(unit.unit)", unit.saying, known.isEmpty ? "unknown" : known])
            }
            for line in table.lines { Terminal.print(line) }
            let evidence = units.flatMap { unit in
                unit.recognitions.map { "unit \(unit.unit) is \($0.profile): \($0.evidence.text)" }
            }
            if !evidence.isEmpty { Terminal.print("") }
            for line in evidence { Terminal.print(line) }
        }
        for unit in units {
            guard let draft = unit.draft else { continue }
            Terminal.print(
                "unit \(unit.unit): draft in \(draft), what was read in "
                    + DraftOrder.capture(beside: draft))
        }
    }

    /// What the person should know beside the table.
    func conclude() {
        if hasOneForAll {
            Terminal.say(
                "every one of \(asked) numbers answers: mostly one device that does not look at the "
                    + "unit; only the first is shown")
        }
        for place in noisy.prefix(3) {
            Terminal.say(
                "at \(place.text) came bytes that are no answer: mostly the wrong speed or format, "
                    + "two units of one number, or a line without termination")
        }
        for answer in late {
            let text = LateText(delay: answer.delay)
            Terminal.say(
                "unit \(answer.unit) answers late (\(text.time)): scan it with --timeout "
                    + "\(text.timeout), and in the configuration raise the connection's `timeout`")
        }
        if hangUps > 0 {
            Terminal.say(
                "the connection was closed \(hangUps) times instead of an answer: units that are "
                    + "not there, or a device that serves one client only and has one")
        }
        for question in garbled.filter({ $0.endpoint == units.first?.endpoint }).prefix(3) {
            Terminal.say(
                "unit \(question.unit): bytes came that are no valid answer; perhaps two units have "
                    + "this number")
        }
        let count = Wording.count(units.count, "unit")
        Terminal.say(
            "\(count) found, \(asked) asked, in \(Wording.duration(took))"
                + (isStopped ? "; stopped before the end" : ""))
    }

    var json: String {
        var json = JSONText()
        json.object { json in
            json.member("endpoint", endpoint.text)
            json.member("asked", asked)
            json.member("seconds", (took.inMilliseconds / 10).rounded() / 100)
            json.member("one_for_all", hasOneForAll)
            json.member("complete", !isStopped && failure == nil)
            json.array("noise") { json in for place in noisy { json.element(place.text) } }
            json.array("late") { json in
                for answer in late {
                    json.object { json in
                        json.member("unit", Int(answer.unit))
                        json.member(
                            "milliseconds", answer.delay.upperBound.inMilliseconds.rounded())
                    }
                }
            }
            json.array("units") { json in
                for unit in units { json.object { unit.write(to: &$0) } }
            }
        }
        return json.text
    }
}

extension ScannedUnit {
    /// Beside the number and a profile's name there are some fifty columns.
    private static let widest = 46

    fileprivate var saying: String {
        let said = [UInt8](0...6).compactMap { object in
            object == 3 ? nil : description.identification?.text(of: object)
        }
        let text =
            said.isEmpty
            ? description.serverID.map { "id \(DeviceText.printable($0))" } ?? "nothing"
            : said.joined(separator: ", ")
        return text.count <= Self.widest ? text : text.prefix(Self.widest - 1) + "…"
    }

    fileprivate func write(to json: inout JSONText) {
        json.member("unit", Int(unit))
        json.member("endpoint", endpoint.text)
        json.object("identification") { json in
            for (object, name) in Self.objectNames.enumerated() {
                json.member(name, ifAny: description.identification?.text(of: UInt8(object)))
            }
        }
        json.member("server_id", ifAny: description.serverID.map(DeviceText.printable))
        json.array("profiles") { json in
            for recognition in recognitions {
                json.object { json in
                    json.member("profile", recognition.profile)
                    json.member("evidence", recognition.evidence.text)
                }
            }
        }
        json.member("draft", draft)
        json.member("capture", draft.map(DraftOrder.capture))
    }

    /// By their numbers (MODBUS Application Protocol V1.1b3, §6.21).
    private static let objectNames = [
        "vendor", "product_code", "revision", "url", "product", "model", "application",
    ]
}

extension Recognition.Evidence {
    /// By what it was known.
    var text: String {
        switch self {
        case .identification(let vendor, let product):
            "it says \([vendor, product].compactMap(\.self).joined(separator: " ")) (43/14)"
        case .serverID(let part): "its server id has \"\(part)\" (17)"
        case .registers(let marks):
            marks.map { mark in
                let content =
                    switch mark.content {
                    case .number(let number): "\(number)"
                    case .text(let text): "\"\(text)\""
                    }
                return "\(mark.table.rawValue) \(mark.address) is \(content)"
            }
            .joined(separator: ", ")
        }
    }
}
