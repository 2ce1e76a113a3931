// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

/// Why a plant cannot be simulated; each case is for the operator to remedy.
package enum SimulatorError: Error, Hashable, Sendable {
    /// The simulator serves on 127.0.0.1 and nowhere else.
    case notLoopback(connection: String, host: String)
    /// There is something at the path where the serial line's name should be.
    case occupied(connection: String, path: String)
    /// The name of the serial line cannot be made.
    case unnameable(connection: String, path: String, errno: Int32)
    /// The port is taken, or there is no pseudo-terminal left.
    case unavailable(connection: String, endpoint: Endpoint, reason: ModbusError)
}
