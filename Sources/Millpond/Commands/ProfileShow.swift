// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Equipment
internal import Modbus
internal import Plant

/// `profile show`.
struct ProfileShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a device model offers.",
        usage: "millpond profile show <vendor/model> [<options>]",
        discussion: """
            millpond profile show abb/acs580
            millpond profile show abb/acs580 --json | jq '.signals[].unit'
            """)

    @Argument(help: ArgumentHelp("The profile.", valueName: "vendor/model")) var id: String
    @OptionGroup var options: LibraryOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws { try ProfileArgument.check([id]) }

    func run() throws {
        let profile = try options.library().profile(id)
        if json {
            Terminal.print(Self.json(profile))
            return
        }
        Terminal.print("\(profile.vendor) \(profile.model)\(profile.kind.map { ", \($0)" } ?? "")")
        Terminal.print("source: \(profile.source)\n")
        var table = TextTable([
            ("SIGNAL", .left), ("TABLE", .left), ("AT", .right), ("TYPE", .left),
            ("ORDER", .left), ("SCALE", .right), ("UNIT", .left), ("ROLE", .left),
        ])
        for signal in profile.signals {
            table.add([
                signal.name, signal.table.rawValue, "\(signal.address)",
                signal.layout.encoding.rawValue, signal.layout.order.rawValue,
                "\(Value.number(signal.scale).text)", signal.unit ?? "",
                signal.role?.rawValue ?? "",
            ])
            for (bit, name) in signal.bits.sorted(by: { $0.key < $1.key }) {
                table.add(["\(signal.name).\(name)", "", "", "bit \(bit)", "", "", "", ""])
            }
        }
        for derived in profile.derived {
            table.add([
                derived.name, "", "", derived.operation.rawValue, "",
                "\(Value.number(derived.scale).text)", derived.unit ?? "",
                derived.role?.rawValue ?? "",
            ])
        }
        for line in table.lines { Terminal.print(line) }
        if !profile.derived.isEmpty { Terminal.print("") }
        for derived in profile.derived {
            let inputs = derived.inputs.joined(separator: ", ")
            Terminal.print("derived \(derived.name): \(derived.operation.rawValue) of \(inputs)")
        }
        if !profile.health.isEmpty { Terminal.print("") }
        for rule in profile.health { Terminal.print(Self.sentence(rule)) }
    }

    private static func sentence(_ rule: ConditionRule) -> String {
        let limits = [
            ("≥", rule.limits.high), ("≤", rule.limits.low),
            ("critical ≥", rule.limits.criticalHigh),
            ("critical ≤", rule.limits.criticalLow),
        ]
        .compactMap { word, limit in limit.map { "\(word) \(Value.number($0).text)" } }
        .joined(separator: ", ")
        let gate = rule.gate.map { ", while \($0)" } ?? ""
        return "condition \(rule.condition): \(rule.signal) \(limits)\(gate) → "
            + rule.status.rawValue
    }

    private static func json(_ profile: Profile) -> String {
        var json = JSONText()
        json.object { json in
            json.member("profile", profile.id)
            json.member("vendor", profile.vendor)
            json.member("model", profile.model)
            json.member("kind", profile.kind)
            json.member("source", profile.source)
            json.array("signals") { json in
                for signal in profile.signals { json.object { signal.write(to: &$0) } }
            }
            json.array("derived") { json in
                for derived in profile.derived { json.object { derived.write(to: &$0) } }
            }
            json.array("health") { json in
                for rule in profile.health {
                    json.object { json in
                        json.member("condition", rule.condition)
                        json.member("signal", rule.signal)
                        json.member("status", rule.status.rawValue)
                    }
                }
            }
        }
        return json.text
    }
}

extension ProfileSignal {
    fileprivate func write(to json: inout JSONText) {
        json.member("signal", name)
        json.member("table", table.rawValue)
        json.member("at", Int(address))
        json.member("type", layout.encoding.rawValue)
        json.member("order", layout.order.rawValue)
        json.member("registers", layout.width)
        json.member("scale", scale)
        json.member("scale_factor_at", ifAny: scaleFactor.map { Int($0.address) })
        json.member("offset", offset)
        json.member("unit", unit)
        json.member("role", role?.rawValue)
        json.array("bits") { json in
            for (bit, name) in bits.sorted(by: { $0.key < $1.key }) {
                json.object { json in
                    json.member("bit", bit)
                    json.member("name", name)
                }
            }
        }
    }
}

extension DerivedSignal {
    fileprivate func write(to json: inout JSONText) {
        json.member("signal", name)
        json.member("operation", operation.rawValue)
        json.array("inputs") { json in
            for input in inputs { json.element(input) }
        }
        json.member("scale", scale)
        json.member("unit", unit)
        json.member("role", role?.rawValue)
    }
}
