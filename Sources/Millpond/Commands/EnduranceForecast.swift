// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Plant
internal import Settings

/// Whether the buffer will hold as long as it is to survive, as far as a configuration tells.
struct EnduranceForecast {
    private let forecast: BufferForecast
    private let limit: Int
    private let survive: Configuration.Survival?

    init(_ configuration: Configuration) {
        forecast = BufferForecast(configuration)
        limit = configuration.buffer.limit
        survive = configuration.buffer.survive
    }

    /// Where `survive` stands in the file.
    var place: Place? { survive?.place }

    /// How much limit it takes, if that is more than there is.
    private var needed: Int? {
        let needed = survive.map { forecast.limit(for: $0.duration) }
        return needed.flatMap { $0 > limit ? $0 : nil }
    }

    /// If it does not fit.
    var warning: String? {
        guard let survive, let needed else { return nil }
        return "\"survive\" \(survive.duration.setting) does not fit in \"limit\" "
            + "\(ByteSize.text(limit)): \(estimate); it needs \(ByteSize.text(needed))"
    }

    /// How long it holds.
    var sentence: String { "\"limit\" \(ByteSize.text(limit)): \(estimate)" }

    private var estimate: String {
        let readings = Wording.decimal(forecast.readings, places: forecast.readings < 10 ? 1 : 0)
        let each = Wording.decimal(forecast.bytes / max(forecast.readings, 1e-9), places: 1)
        let holds = forecast.holds.map(Wording.roughly) ?? "for ever"
        return "with \(readings) readings a second at most, of \(each) bytes each, the buffer "
            + "holds \(holds)"
    }

    func write(to json: inout JSONText) {
        json.member("limit_bytes", limit)
        json.member("readings_per_second", forecast.readings)
        json.member("bytes_per_second", forecast.bytes)
        json.member("holds_seconds", forecast.holds.map { ($0 / .seconds(1)).rounded() })
        json.member("survive_seconds", survive.map { $0.duration / .seconds(1) })
        json.member("needed_bytes", survive.map { forecast.limit(for: $0.duration) })
        json.member("fits", survive.map { _ in needed == nil })
        json.member("line", ifAny: place?.line)
        json.member("column", ifAny: place?.column)
    }
}
