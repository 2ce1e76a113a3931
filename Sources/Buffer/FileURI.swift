// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A file's name as SQLite takes it beside parameters.
enum FileURI {
    /// The path of a file as a URI: each byte that has a meaning there, or none, as its number
    /// (sqlite.org/uri.html, §3.1). An empty authority keeps `//` at the beginning a path.
    static func of(_ path: String) -> String {
        path.utf8.reduce(into: path.hasPrefix("/") ? "file://" : "file:") { uri, byte in
            let isPlain =
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "/-._~".utf8.contains(byte)
                }
            uri += isPlain ? String(UnicodeScalar(byte)) : "%" + Digest.hex([byte])
        }
    }
}
