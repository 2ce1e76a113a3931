// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Modbus
import Testing

@testable import Acquisition
@testable import Plant

/// What `check` says of the buffer before anything runs.
struct BufferForecastTests {
    private static func forecast(every period: Duration, signals: Int = 20) -> BufferForecast {
        let points = (0..<signals).map { ProfileSignal.sample(name: "s\($0)", at: UInt16($0)) }
        return BufferForecast(Configuration.sample([.sample(points, every: period)]))
    }

    @Test func `each poll is a reading at the most`() {
        #expect(Self.forecast(every: .seconds(1)).readings == 20)
        #expect(Self.forecast(every: .milliseconds(100)).readings == 200)
    }

    @Test(arguments: [Duration.milliseconds(100), .seconds(1), .seconds(60)])
    func `the limit that it asks for holds as long as it is to`(period: Duration) throws {
        let forecast = Self.forecast(every: period)
        let survive = Duration.seconds(14 * 86_400)
        let needed = Double(forecast.limit(for: survive)) / Double(1 << 30)
        let holds = try #require(forecast.holds) / .seconds(1)
        #expect(holds * needed >= survive / .seconds(1))
        // A MiB less would not do.
        #expect(holds * (needed - 1 / 1_024) < survive / .seconds(1))
    }

    @Test func `what is read seldom takes more for a reading, and less in all`() {
        let (often, seldom) = (Self.forecast(every: .seconds(1)), Self.forecast(every: .seconds(9)))
        #expect(often.bytes / often.readings < seldom.bytes / seldom.readings)
        #expect(often.bytes > seldom.bytes)
    }
}
