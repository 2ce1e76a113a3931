// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Plant

/// `profile list`.
struct ProfileList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the profiles that are found.",
        usage: "millpond profile list [<options>]")

    @OptionGroup var options: LibraryOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let library = try options.library()
        let ids = library.ids()
        let profiles = try ids.compactMap(library.usable)
        show(profiles)
        guard profiles.count == ids.count else { throw Sysexits.configuration }
    }

    private func show(_ profiles: [Profile]) {
        if json {
            var json = JSONText()
            json.object { json in
                json.array("profiles") { json in
                    for profile in profiles { json.object { profile.write(to: &$0) } }
                }
            }
            return Terminal.print(json.text)
        }
        var table = TextTable([
            ("PROFILE", .left), ("VENDOR", .left), ("MODEL", .left), ("KIND", .left),
            ("SIGNALS", .right),
        ])
        for profile in profiles {
            table.add([
                profile.id, profile.vendor, profile.model, profile.kind ?? "",
                "\(profile.signals.count + profile.derived.count)",
            ])
        }
        for line in table.lines { Terminal.print(line) }
    }
}

extension Profile {
    fileprivate func write(to json: inout JSONText) {
        json.member("profile", id)
        json.member("vendor", vendor)
        json.member("model", model)
        json.member("kind", kind)
        json.member("source", source)
        json.member("signals", signals.count)
        json.member("conditions", health.count)
    }
}
