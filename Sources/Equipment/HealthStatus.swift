// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The status of an equipment or component in the words of NAMUR NE 107.
package enum HealthStatus: String, CaseIterable, Sendable {
    case normal
    case maintenanceRequired = "maintenance-required"
    case offSpec = "off-spec"
    case checkFunction = "check-function"
    case failure

    /// How grave it is: failure, then check-function, off-spec, maintenance-required, normal.
    ///
    /// A table of its own, because neither the letters nor the numbers of OPC UA's
    /// DeviceHealthEnumeration are in this order (NE 107:2017, priority table).
    package var rank: Int {
        switch self {
        case .normal: 0
        case .maintenanceRequired: 1
        case .offSpec: 2
        case .checkFunction: 3
        case .failure: 4
        }
    }
}
