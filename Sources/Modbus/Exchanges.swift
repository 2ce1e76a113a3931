// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The exchanges with libmodbus that many links share, each used by one thread at a time.
///
/// An exchange waits for nothing and takes some 10 µs, so that even the reads of 850 links hardly
/// ever meet; and however many there are, they hold `mostDescriptors`. One is made when it is first
/// needed and used again as long as it ends as it should: with the values, and with nothing left
/// on its tape. After anything else it is thrown away.
package final class Exchanges: Sendable {
    /// One for each exchange: with more than most boxes have idle processors, nobody would be faster.
    package static let mostDescriptors = 2

    private final class Place: Sendable {
        let exchange = Mutex<Exchange?>(nil)
    }

    private let places = (0..<mostDescriptors).map { _ in Place() }

    /// Holds nothing before the first use.
    package init() {}

    /// Lends an exchange to `body`, and keeps it unless that throws.
    func use<Values: Sendable>(
        _ body: @Sendable (inout Exchange) throws(ModbusError) -> Values
    ) throws(ModbusError) -> Values {
        for place in places {
            let outcome = place.exchange.withLockIfAvailable { exchange in
                Self.use(&exchange, body)
            }
            if let outcome { return try outcome.get() }
        }
        return try places[0].exchange.withLock { exchange in
            Self.use(&exchange, body)
        }.get()
    }

    private static func use<Values: Sendable>(
        _ exchange: inout Exchange?,
        _ body: @Sendable (inout Exchange) throws(ModbusError) -> Values
    ) -> Result<Values, ModbusError> {
        do throws(ModbusError) {
            var current: Exchange
            if let kept = exchange.take() {
                current = kept
            } else {
                current = try Exchange()
            }
            let values = try body(&current)
            exchange = consume current
            return .success(values)
        } catch {
            return .failure(error)
        }
    }
}
