// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What went wrong on the wire, split by what the caller does next.
package enum ModbusError: Error, Hashable, Sendable {
    /// The device said no to this very request: keep the link, do not ask the same again at once.
    case refused(exception: UInt8)
    /// No answer in time that could only be the right one: back off this device.
    case silent
    /// The answer was damaged or not the one asked for: discard it, ask again at the next poll.
    case garbled
    /// The link is gone, or could not be made: reconnect under back-off.
    case broken(errno: Int32)
    /// The process has no descriptor below 1024 left, the most that libmodbus can use: no
    /// reconnect helps until something is closed or configured away.
    case tooManyDescriptors
}
