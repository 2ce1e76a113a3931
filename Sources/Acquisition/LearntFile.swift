// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc
internal import Modbus

/// What was learnt of the devices, kept beside the buffer for the next start: text that a person
/// can read, and may delete.
///
/// It is written whole under another name, which then takes the place of the old one: there is
/// always one of them, whole. An entry counts for the device, connection, unit and profile that it
/// was learnt with; where one of them has changed, it is dropped.
struct LearntFile: Sendable {
    /// Facts beyond this are found out again after a start: the file stays below 1 MiB.
    static let factLimit = 5000

    /// What was learnt of one device, as it was reached and described then.
    struct Entry: Hashable, Sendable {
        let device: DeviceName
        let connection: String
        let unit: UInt8
        /// The SHA-256 of the profile's text, in hexadecimal digits.
        let profile: String
        var facts: [LearntFact]
    }

    let path: String

    init(in directory: String) { path = directory + "/learnt.yaml" }

    var isThere: Bool { access(path, F_OK) == 0 }

    /// Writes the file; returns 0, or the errno of what could not be done.
    func write(_ entries: [Entry]) -> Int32 {
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard file >= 0 else { return errno }
        var code = Self.write(Array(Self.text(of: entries).utf8), to: file)
        if close(file) != 0, code == 0 { code = errno }
        guard code == 0 else { return code }
        guard rename(new, path) == 0 else { return errno }
        return Self.syncFolder(of: path)
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            rest = rest.dropFirst(count)
        }
        return fsync(file) == 0 ? 0 : errno
    }

    /// A rename is on disk when its folder is.
    private static func syncFolder(of path: String) -> Int32 {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 ? 0 : errno
    }
}

// MARK: Text

extension LearntFile {
    private static let opening = """
        # Written by Millpond: what it found out about devices that do not give all that their
        # profiles promise. It asks for these things rarely, and forgets what is given after all.
        # Delete this file while Millpond stands still to have everything found out anew.
        version: 1

        """

    static func text(of entries: [Entry]) -> String {
        var text = opening
        var room = factLimit
        let known = entries.filter { !$0.facts.isEmpty }
        text += known.isEmpty ? "devices: []\n" : "devices:\n"
        for entry in known where room > 0 {
            let (equipment, device) = (entry.device.equipment, entry.device.device)
            text += """
                  - equipment: "\(equipment)"
                    device: "\(device)"
                    connection: "\(entry.connection)"
                    unit: \(entry.unit)
                    profile: \(entry.profile)
                    facts:

                """
            for fact in entry.facts.prefix(room) { text += "      - { \(fact.line) }\n" }
            room -= entry.facts.count
        }
        return text
    }
}

extension LearntFact {
    /// As a flow mapping of the file.
    fileprivate var line: String {
        let what =
            switch matter {
            case .value(let extent): "value: \(extent.lowerBound), count: \(extent.count)"
            case .across(let address): "across: \(address)"
            case .more(let limit): "more-than: \(limit)"
            }
        let how =
            switch refusal {
            case .exception(let code): "exception: \(code)"
            case .silence: "silent: true"
            }
        return "table: \(table.rawValue), \(what), \(how), since: \"\(since.rfc3339)\""
    }
}
