// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Buffer
internal import Plant

/// Where profiles are looked for.
struct LibraryOptions: ParsableArguments {
    @Option(
        name: .customLong("devices"),
        help: ArgumentHelp(
            "A folder to search first, before /etc/millpond/devices and the shipped ones.",
            valueName: "folder"))
    var folders: [String] = []

    func validate() throws {
        for folder in folders where access(folder, R_OK | X_OK) != 0 {
            throw ValidationError("\(folder) is no folder that can be read")
        }
    }

    var library: ProfileLibrary {
        let standard = ProfileLibrary.standard(beside: Executable.path)
        return ProfileLibrary(directories: folders + standard.directories)
    }

    /// Reads a profile; says its mistakes and exits 78 if it cannot be used, 65 if there is none.
    func profile(_ id: String) throws -> Profile {
        let library = library
        guard let file = library.file(of: id) else {
            let known = library.ids().joined(separator: ", ")
            Terminal.say("there is no profile \(id); there are \(known)")
            throw Sysexits.data
        }
        do throws(ProfileError) {
            return try Profile.read(file: file, id: id)
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            throw Sysexits.configuration
        }
    }
}

/// `profile list`.
struct ProfileList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the profiles that are found.")

    @OptionGroup var options: LibraryOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let profiles = try options.library.ids().map(options.profile)
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
