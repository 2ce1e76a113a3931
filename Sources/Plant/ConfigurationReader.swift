// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Settings

extension Configuration {
    /// Reads `file` and the profiles it names; `check`, `run`, `simulate` and `read` all come here.
    ///
    /// Profiles are searched in the configured folders, then in those shipped with `executable`,
    /// the binary's path. Throws with every mistake of the configuration and of its profiles.
    package static func read(
        file: String, profilesBeside executable: String
    ) throws(ConfigurationError) -> (Configuration, [Note]) {
        let findings = Findings(file: file)
        let root = Document.read(into: findings)?.root
        return try read(root, shipped: ProfileLibrary.shipped(beside: executable), findings)
    }

    /// Reads a configuration that is not in a file; mistakes name it `file`, and relative paths
    /// are taken from that file's folder.
    package static func read(
        text: String, file: String, profilesBeside executable: String
    ) throws(ConfigurationError) -> (Configuration, [Note]) {
        let findings = Findings(file: file)
        let root = Document.parse(text, into: findings)
        return try read(root, shipped: ProfileLibrary.shipped(beside: executable), findings)
    }

    /// Where the configuration in `file` has profiles searched; the rest of it may be wrong, as
    /// while a profile is written. Throws if the file cannot be read at all.
    package static func profiles(
        of file: String, profilesBeside executable: String
    ) throws(ConfigurationError) -> ProfileLibrary {
        let findings = Findings(file: file)
        guard let root = Document.read(into: findings)?.root,
            let section = Section(root: root, keys: Key.root, findings: findings)
        else { throw ConfigurationError(mistakes: findings.mistakes, notes: findings.notes) }
        var reader = ConfigurationReader(
            findings: findings, shipped: ProfileLibrary.shipped(beside: executable))
        reader.readProfileFolders(section["profiles"])
        return reader.library
    }

    private static func read(
        _ root: Node?, shipped: String?, _ findings: Findings
    ) throws(ConfigurationError) -> (Configuration, [Note]) {
        var reader = ConfigurationReader(findings: findings, shipped: shipped)
        let configuration = root.flatMap { reader.configuration($0) }
        let others = reader.profileFindings
        let mistakes = findings.mistakes + others.flatMap(\.mistakes)
        let notes = findings.notes + others.flatMap(\.notes)
        guard mistakes.isEmpty, let configuration else {
            precondition(!mistakes.isEmpty, "nothing is left out without a mistake")
            throw ConfigurationError(mistakes: mistakes, notes: notes)
        }
        return (configuration, notes)
    }
}

/// Reads one configuration: its own text first, then the profiles that it names, each once.
struct ConfigurationReader {
    let findings: Findings
    /// The folder of profiles that came with the binary.
    let shipped: String?
    var library = ProfileLibrary(directories: [])
    private var profiles: [String: ReadProfile] = [:]
    /// What was found in profiles, in the order in which they were named.
    private(set) var profileFindings: [Findings] = []

    private enum ReadProfile {
        case good(Profile)
        case bad
    }

    init(findings: Findings, shipped: String?) {
        self.findings = findings
        self.shipped = shipped
    }

    mutating func configuration(_ root: Node) -> Configuration? {
        guard let section = Section(root: root, keys: Configuration.Key.root, findings: findings)
        else { return nil }
        let gateway = section["gateway"].map { $0.gatewayName() } ?? hostName()
        let site = section["site"]?.text()
        readProfileFolders(section["profiles"])
        let connections = section.required("connections").flatMap { readConnections($0) }
        let equipment = section.required("equipment").map {
            readEquipment($0, via: connections)
        }
        let buffer = readBuffer(section["buffer"])
        let pull = readPull(section["pull"])
        tellUnused(connections ?? [:], equipment ?? [])
        guard let gateway, let connections, let equipment, let buffer, let pull, findings.isClean
        else { return nil }
        return Configuration(
            gateway: gateway, site: site,
            connections: connections.values.sorted { $0.place < $1.place }.compactMap(\.connection),
            equipment: equipment, profiles: library.directories, buffer: buffer, pull: pull)
    }

    /// The profile that `field` names, read at its first use.
    mutating func profile(_ field: Field) -> Profile? {
        guard let id = field.profileID() else { return nil }
        if let known = profiles[id] {
            guard case .good(let profile) = known else { return nil }
            return profile
        }
        guard let file = library.file(of: id) else {
            let searched = library.directories.joined(separator: ", ")
            field.mistake(
                "there is no profile \(Field.quote(id)) in \(searched.isEmpty ? "any folder" : searched)",
                suggestion: Suggestion.nearest(to: id, among: library.ids()))
            return nil
        }
        let found = Findings(file: file)
        profileFindings.append(found)
        let profile = Profile.read(id: id, into: found)
        profiles[id] = profile.map { .good($0) } ?? .bad
        return profile
    }

    fileprivate mutating func readProfileFolders(_ field: Field?) {
        var directories = Configuration.Default.profiles
        if let folders = field?.items() {
            directories = folders.compactMap { folder in
                guard let path = folder.path() else { return nil }
                folder.noteUnlessDirectory(path)
                return path
            }
        }
        library = ProfileLibrary(directories: directories + (shipped.map { [$0] } ?? []))
    }

    private func tellUnused(
        _ connections: [String: NamedConnection],
        _ equipment: [Configuration.EquipmentDescription]
    ) {
        guard findings.isClean else { return }
        let used = Set(equipment.flatMap(\.devices).map(\.via))
        for connection in connections.values where !used.contains(connection.name) {
            findings.note(
                at: connection.place,
                "no device uses the connection \(Field.quote(connection.name))")
        }
    }

    /// The host's name, if it can serve as a gateway's; else `gateway`.
    private func hostName() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "gateway" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self)
        return Name.isGateway(name) ? name : "gateway"
    }
}
