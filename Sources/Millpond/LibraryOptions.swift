// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Plant
internal import Settings

/// Where profiles are looked for.
struct LibraryOptions: ParsableArguments {
    @Option(
        name: .customLong("devices"),
        help: ArgumentHelp(
            "A folder to search before those that the configuration names and the shipped ones.",
            valueName: "folder"))
    var folders: [String] = []
    @OptionGroup var options: ConfigurationOptions

    func validate() throws {
        for folder in folders where access(folder, R_OK | X_OK) != 0 || !isFolder(folder) {
            throw ValidationError("--devices takes a folder that can be read, not \(folder)")
        }
    }

    private func isFolder(_ path: String) -> Bool {
        guard let stream = opendir(path) else { return false }
        closedir(stream)
        return true
    }

    /// The folders that were named, then those in which `run` would look.
    ///
    /// A configuration that is nowhere, or was not named and cannot be read, names none; the latter
    /// is said. One that was named and cannot be read ends the command.
    func library() throws -> ProfileLibrary {
        ProfileLibrary(directories: folders + (try configured()).directories)
    }

    private func configured() throws -> ProfileLibrary {
        guard options.isGiven || access(options.path, F_OK) == 0 else {
            return .standard(beside: Executable.path)
        }
        do throws(ConfigurationError) {
            return try Configuration.profiles(of: options.path, profilesBeside: Executable.path)
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            guard !options.isGiven else { throw Sysexits.configuration }
            Terminal.say("the profiles that it may have of its own are not looked at")
            return .standard(beside: Executable.path)
        }
    }
}

/// The profiles that a command is about.
enum ProfileArgument {
    /// Ends with a usage error unless each is `<vendor>/<model>`, and none there twice.
    static func check(_ ids: [String]) throws {
        for (index, id) in ids.enumerated() {
            guard ProfileLibrary.isID(id) else {
                throw ValidationError(
                    "a profile is VENDOR/MODEL, as millpond profile list has it, not \(id)")
            }
            guard !ids[..<index].contains(id) else {
                throw ValidationError("\(id) is named twice")
            }
        }
    }
}

extension ProfileLibrary {
    /// Reads a profile; says its mistakes and exits 78 if it cannot be used, 65 if there is none.
    func profile(_ id: String) throws -> Profile {
        guard let profile = try usable(id) else { throw Sysexits.configuration }
        return profile
    }

    /// Reads a profile; `nil` if it cannot be used, after its mistakes were said.
    func usable(_ id: String) throws -> Profile? {
        let file = try known(id)
        do throws(ProfileError) {
            return try Profile.read(file: file, id: id)
        } catch {
            for mistake in error.mistakes { Terminal.say("\(mistake)") }
            return nil
        }
    }

    /// The file of a profile; exits 65 if there is none.
    private func known(_ id: String) throws -> String {
        if let file = file(of: id) { return file }
        let ids = ids()
        let meant = Suggestion.nearest(to: id, among: ids).map { "; did you mean \($0)?" }
        Terminal.say(
            "there is no profile \(id) in \(directories.joined(separator: ", "))"
                + (meant ?? (ids.isEmpty ? "" : "; there are \(ids.joined(separator: ", "))")))
        throw Sysexits.data
    }
}
