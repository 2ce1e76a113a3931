// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto
internal import CSQLite
internal import CZstd

extension BatchBuffer {
    /// The libraries that keep what is buffered, as they are on this box, by name.
    package static var libraries: [(name: String, version: String)] {
        [
            ("SQLite", sqlite3_libversion()), ("zstd", ZSTD_versionString()),
            ("libcrypto", OpenSSL_version(OPENSSL_VERSION)),
        ].map { name, version in (name, version.map { String(cString: $0) } ?? "") }
    }
}
