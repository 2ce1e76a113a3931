// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension DeviceState {
    /// What the state means for the data that the device gives, in the words of NE 107; `nil`
    /// while it has not been asked.
    package var dataStatus: HealthStatus? {
        switch self {
        case .unknown: nil
        case .answering: .normal
        case .suspect: .offSpec
        case .offline, .refused: .failure
        }
    }
}

extension Sequence<DeviceSnapshot> {
    /// The status of an equipment's data, which says nothing of the machine: the gravest of its
    /// devices. `nil` while a device has not been asked and no other is worse than normal, and
    /// where there is no device: lack of knowledge is never normal.
    package var dataStatus: HealthStatus? {
        let statuses = map(\.state.dataStatus)
        guard let gravest = statuses.compactMap(\.self).max(by: { $0.rank < $1.rank }) else {
            return nil
        }
        return gravest == .normal && statuses.contains(nil) ? nil : gravest
    }
}
