// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Every place that needs a ``BannedConstruct``, with the proof that it is right there.
let provenExceptions: [ProvenException] = []
