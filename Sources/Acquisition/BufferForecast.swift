// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Plant

/// What a configuration asks of the buffer at the most, before anything runs: as if every poll
/// were answered and were a reading, as no one knows what deadbands will save.
package struct BufferForecast: Sendable {
    /// Readings a second.
    package let readings: Double
    /// Bytes a second, as they are kept.
    package let bytes: Double
    /// Bytes that the buffer may take.
    private let limit: Int

    /// What a batch takes beside its readings, a signal's name in it, and a reading. Measured with
    /// machines of twenty signals, of numbers, counters and states, read each second (`Tests`,
    /// `ForecastBenchmark`): 20 to 2,000 signals in batches of 1 s to 60 s, within a tenth.
    private static let batch = 450.0
    private static let signal = 3.5
    private static let reading = 1.2

    /// By the signals of all devices, with their periods.
    package init(_ configuration: Configuration) {
        let plan = PollPlan(configuration)
        let seal = configuration.buffer.sealEvery / .seconds(1)
        var (readings, named) = (0.0, 0.0)
        for index in plan.signals.indices {
            let rate = 1 / (plan.periods[index] / .seconds(1))
            readings += rate
            // In how many batches it is named: each, if it is read as often.
            named += min(rate, 1 / seal)
        }
        self.readings = readings
        // A plant that is read less often than it is sealed has no more batches than readings.
        let batches = min(1 / seal, readings)
        bytes = batches * Self.batch + named * Self.signal + readings * Self.reading
        limit = configuration.buffer.limit
    }

    /// How long the limit holds; `nil` where nothing is read.
    package var holds: Duration? {
        bytes > 0 ? .seconds(Double(limit) * Self.usable / bytes) : nil
    }

    /// The limit that holds so long, in whole MiB, and from 16 GiB on in whole GiB.
    package func limit(for survive: Duration) -> Int {
        let needed = bytes * (survive / .seconds(1)) / Self.usable
        let step = Double(needed < 0x1p34 ? 1 << 20 : 1 << 30)
        return Int(min(0x1p60, (needed / step).rounded(.up) * step))
    }

    /// The share of the limit that batches can take: the rest is kept free, or remembers batches
    /// that have gone.
    private static let usable = 0.97
}
