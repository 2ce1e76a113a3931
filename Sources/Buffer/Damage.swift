// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with stored bytes.
package enum Damage: Error, Hashable, Sendable {
    /// The frame does not decompress or its checksum does not match.
    case frame
    /// The content breaks off, or says what cannot be.
    case content
    /// The content is sound, and of another place in the stream.
    case mismatch
    /// The record lines do not hash to the seal.
    case seal
    /// The database could not read the bytes; the code is SQLite's.
    case unreadable(Int32)
}
