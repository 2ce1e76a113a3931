// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

/// How long a request keeps its connection busy.
///
/// On a serial line this is physics: characters at a baud rate, the silences that separate frames
/// (MODBUS over Serial Line V1.02, §2.5.1.1) and the device's turnaround. Elsewhere it is an
/// estimate: nobody can know a network or what lies behind a gateway.
struct WireTime {
    /// What a device takes to begin its answer; most take 2–50 ms, meters and drives about this.
    static let turnaround = Duration.milliseconds(5)
    /// A round trip on a plant network to a controller or meter that answers in 2–50 ms.
    static let networkRoundTrip = Duration.milliseconds(10)
    /// What lies behind a serial device server is unknown; this is the specification's default.
    static let formatBehindServer = SerialFormat.standard

    /// Unit, function, start, count and CRC.
    private static let requestCharacters = 8
    /// Unit, function, byte count and CRC.
    private static let answerOverhead = 5

    let endpoint: Endpoint

    /// How long the wire must be quiet between two frames; a socket is somebody else's wire.
    var silence: Duration {
        if case .serial(_, let format) = endpoint { format.silence } else { .zero }
    }

    /// From the first byte sent until the connection is free again: for any other device, or for
    /// the same one, which needs `gap` of quiet.
    ///
    /// A device notices that a request is over by the silence after it, then takes its turnaround,
    /// then answers; after that the wire must be silent once more.
    func predicted(_ request: Request, gap: Duration) -> Duration {
        switch endpoint {
        case .tcp: Self.networkRoundTrip + gap
        case .serial(_, let format): serial(request, gap: gap, format)
        case .rtuOverTCP:
            serial(request, gap: gap, Self.formatBehindServer) + Self.networkRoundTrip
        }
    }

    private func serial(_ request: Request, gap: Duration, _ format: SerialFormat) -> Duration {
        let characters = Self.requestCharacters + Self.answerOverhead + Self.payload(of: request)
        let character = Duration.nanoseconds(
            Int64(format.bitsPerCharacter) * 1_000_000_000 / Int64(format.baud))
        return character * characters + format.silence + Self.turnaround
            + max(format.silence, gap)
    }

    private static func payload(of request: Request) -> Int {
        request.table.holdsBits ? (request.count + 7) / 8 : 2 * request.count
    }
}
