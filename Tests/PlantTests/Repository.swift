// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Where things lie in the source tree that these tests were built from.
enum Repository {
    static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    static let sample = root + "/config/millpond.yaml"
    static let devices = root + "/devices"
    /// A path as a binary of this build tree would have: the shipped profiles lie above it.
    static let executable = root + "/.build/debug/millpond"
    static let shipped = ["abb/acs580", "banner/qm42vt2", "eastron/sdm630"]

    /// The text of a file of the source tree; empty, which no test expects, if there is none.
    static func text(of path: String) -> String {
        guard let file = fopen("\(root)/\(path)", "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }

    /// A case's text with `DEVICES` for the folder of this tree's profiles.
    static func withPaths(_ text: String) -> String {
        let parts = text.split(separator: "DEVICES", omittingEmptySubsequences: false)
        return parts.joined(separator: devices)
    }
}
