// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The health index: 100 × Π(1 − penalty), no more than the gravest status allows.
///
/// A sort key from 0 to 100, not a probability. The bands of the penalties do not overlap, so
/// that no condition that gets worse can raise it.
package enum HealthIndex {
    /// Conditions of one component on one signal have one cause, and count once: the gravest.
    struct Cause: Hashable {
        let component: String?
        let signal: String
    }

    /// What one cause takes from the index.
    package struct Factor: Hashable, Sendable {
        /// What the condition asks for.
        package let status: HealthStatus
        /// 0–1.
        package let severity: Double

        /// `severity` is 0–1.
        package init(status: HealthStatus, severity: Double) {
            self.status = status
            self.severity = severity
        }

        /// Maintenance-required .10–.30, off-spec .30–.60, failure .80–1. A check of the function
        /// says nothing of the machine and takes nothing.
        var penalty: Double {
            switch status {
            case .normal, .checkFunction: 0
            case .maintenanceRequired: 0.1 + 0.2 * severity
            case .offSpec: 0.3 + 0.3 * severity
            case .failure: 0.8 + 0.2 * severity
            }
        }

        func gravest(_ other: Factor) -> Factor {
            penalty >= other.penalty ? self : other
        }
    }

    /// The index that one factor for each cause makes.
    package static func of(_ factors: [Factor]) -> Int {
        let product = factors.map(\.penalty).sorted().reduce(100) { $0 * (1 - $1) }
        let most = factors.map { cap(for: $0.status) }.min() ?? 100
        return Int(min(product, Double(most)).rounded())
    }

    /// The most that an equipment of this status can have.
    static func cap(for status: HealthStatus) -> Int {
        switch status {
        case .normal, .checkFunction: 100
        case .maintenanceRequired: 89
        case .offSpec: 69
        case .failure: 20
        }
    }
}
