// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Every place that needs a ``BannedConstruct``, with the proof that it is right there.
let provenExceptions: [ProvenException] = [
    ProvenException(
        path: "Sources/Modbus/Bell.swift", construct: "nonisolated(unsafe)",
        proof: """
            the pointer never changes, what it points to outlives every use, and only calls that \
            any thread may make are given it
            """)
]
