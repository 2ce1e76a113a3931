// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The folders in which profiles lie: `<folder>/<vendor>/<model>/profile.yaml`.
package struct ProfileLibrary: Sendable {
    /// In the order of search; the first that has a profile wins.
    package let directories: [String]

    /// The most names read of one folder: who has more has pointed at something else.
    private static let entryLimit = 10_000

    /// Folders that need not exist.
    package init(directories: [String]) {
        self.directories = directories
    }

    /// Where profiles are searched when no configuration says otherwise.
    package static func standard(beside executable: String) -> ProfileLibrary {
        let shipped = shipped(beside: executable).map { [$0] } ?? []
        return ProfileLibrary(directories: Configuration.Default.profiles + shipped)
    }

    /// The folder of the profiles that came with the binary at `executable`, if it is there.
    ///
    /// `share/millpond/devices` beside the binary's prefix; else, as in a build tree, a `devices`
    /// folder above the binary.
    package static func shipped(beside executable: String) -> String? {
        var folder = parent(of: executable)
        let installed = join(parent(of: folder), "share/millpond/devices")
        if FileKind.of(installed) == .directory { return installed }
        while true {
            let candidate = join(folder, "devices")
            if FileKind.of(candidate) == .directory { return candidate }
            guard folder != parent(of: folder) else { return nil }
            folder = parent(of: folder)
        }
    }

    /// Whether `text` reads `<vendor>/<model>`.
    package static func isID(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { Name.isValid($0) }
    }

    /// The file of the profile `id` (`<vendor>/<model>`), or `nil` if no folder has it.
    package func file(of id: String) -> String? {
        directories.lazy.map { Self.join($0, "\(id)/profile.yaml") }
            .first { access($0, F_OK) == 0 }
    }

    /// The capture beside the profile `id`, or `nil` if there is no such file.
    package func capture(of id: String) -> String? {
        guard let profile = file(of: id) else { return nil }
        let capture = Self.join(Self.parent(of: profile), "capture.yaml")
        return access(capture, F_OK) == 0 ? capture : nil
    }

    /// Every profile that can be found, sorted.
    package func ids() -> [String] {
        var ids: Set<String> = []
        for directory in directories {
            for vendor in Self.names(in: directory) {
                for model in Self.names(in: Self.join(directory, vendor)) {
                    let file = Self.join(directory, "\(vendor)/\(model)/profile.yaml")
                    if access(file, F_OK) == 0 { ids.insert("\(vendor)/\(model)") }
                }
            }
        }
        return ids.sorted()
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < entryLimit, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if Name.isValid(name) { names.append(name) }
        }
        return names
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
