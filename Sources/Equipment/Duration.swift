// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// Whole nanoseconds, what is finer cut off; what is longer than 292 years is as much.
    package var nanoseconds: Int64 { whole(1_000_000_000) }

    /// Whole milliseconds, what is finer cut off; what is longer than 292,000,000 years is as much.
    package var milliseconds: Int64 { whole(1_000) }

    /// In units of which so many are a second. A duration may be worked out of what has rotted: it
    /// is clamped rather than trapped upon.
    private func whole(_ units: Int64) -> Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: units)
        let (sum, isBeyond) = product.addingReportingOverflow(
            attoseconds / (1_000_000_000_000_000_000 / units))
        guard isTooLong || isBeyond else { return sum }
        return self < .zero ? .min : .max
    }
}
