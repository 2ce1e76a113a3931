// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// What a line polls: a link, or in tests something that behaves as one.
protocol PointSource: ~Copyable {
    var isConnected: Bool { get }
    var counts: LinkCounts { get }
    mutating func connect(within timeout: Duration) throws(ModbusError)
    mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16]
}

extension Link: PointSource {}
