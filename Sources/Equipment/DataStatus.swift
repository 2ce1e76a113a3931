// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

extension DeviceState {
    /// What the state means for the data that the device gives, in NE 107's words for a source of
    /// data: failure, its output is invalid; check-function, it is not valid for the time being;
    /// off-spec, it is doubtful.
    package var dataStatus: HealthStatus {
        switch self {
        case .answering: .normal
        case .suspect: .offSpec
        case .unknown: .checkFunction
        case .offline, .refused: .failure
        }
    }
}

extension EquipmentSnapshot {
    /// How well the data of this equipment can be relied on, which says nothing of the machine: the
    /// status of its gravest device. Lack of knowledge is never normal.
    package var dataStatus: HealthStatus {
        devices.map(\.state.dataStatus).max { $0.rank < $1.rank } ?? .checkFunction
    }
}
