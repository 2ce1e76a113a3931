// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// One Modbus link. Its owner is the line's thread, which may block; it is closed exactly once.
package struct Link: ~Copyable {
    package let endpoint: Endpoint

    package init(to endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    package var isConnected: Bool { fatalError("skeleton") }

    /// Opens the socket or the port, within `timeout`.
    package mutating func connect(within timeout: Duration) throws(ModbusError) {
        fatalError("skeleton")
    }

    /// Asks once and returns `request.count` words; a coil or discrete input is 0 or 1.
    ///
    /// `timeout` bounds the whole exchange, from the first byte sent to the last received.
    package mutating func read(
        _ request: Request, within timeout: Duration
    ) throws(ModbusError) -> [UInt16] {
        fatalError("skeleton")
    }

    package mutating func close() { fatalError("skeleton") }
}
