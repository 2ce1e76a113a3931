// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

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
}
