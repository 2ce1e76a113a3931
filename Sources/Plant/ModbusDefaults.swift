// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Settings

/// What the `modbus` part of a profile says for all its signals and requests.
///
/// After a mistake it goes on with the default, so that the signals can still be judged.
struct ModbusDefaults {
    /// What is not written, or could not be read.
    enum Written<Value> {
        case nothing, unreadable
        case value(Value)
    }

    var table = Written<Table>.nothing
    var encoding = Written<RegisterLayout.Encoding>.nothing
    var order = Profile.Default.order
    var maxRegisters = Profile.Default.maxRegisters
    var maxGap = Profile.Default.maxGap
    var requestGap = Profile.Default.requestGap
    var every: Duration?
}

extension ModbusDefaults {
    init(_ section: Section) {
        table = Self.written(section["table"]) { $0.choice(of: Table.allCases) }
        encoding = Self.written(section["type"]) {
            $0.choice(of: RegisterLayout.Encoding.allCases)
        }
        order = section["order"]?.choice(of: RegisterLayout.Order.allCases) ?? order
        maxRegisters =
            section["max-registers"]?.whole(in: Profile.Bound.maxRegisters) ?? maxRegisters
        maxGap = section["max-gap"]?.whole(in: Profile.Bound.maxGap) ?? maxGap
        requestGap = section["request-gap"]?.duration(in: Profile.Bound.requestGap) ?? requestGap
        every = section["every"]?.duration(in: Configuration.Bound.every)
    }

    private static func written<Value>(
        _ field: Field?, _ read: (Field) -> Value?
    ) -> Written<Value> {
        guard let field else { return .nothing }
        return read(field).map { .value($0) } ?? .unreadable
    }
}
