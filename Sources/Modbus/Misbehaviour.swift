// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What is to be done with one request, after its unit's fault had its way.
struct Response {
    var bytes: [UInt8] = []
    var delay = Duration.zero
    var manner = Manner.atOnce
    var resets = false
}

extension Responder {
    /// The server's whole behaviour: an unknown unit is silent on RTU, as on a shared line, and
    /// "gateway target failed to respond" on TCP, as behind a gateway.
    borrowing func respond(
        to indication: Indication, from bank: RegisterBank, framing: Endpoint.Framing
    ) -> Response {
        let request: Request
        switch indication.request {
        case .success(let found): request = found
        case .failure(let refusal):
            return Response(bytes: self.refusal(indication, refusal.rawValue))
        }
        guard let reply = bank.reply(to: request) else {
            return framing == .rtu ? Response() : Response(bytes: refusal(indication, 0x0B))
        }
        let right =
            reply.values.map { answer(indication, request, $0) }
            ?? refusal(indication, Indication.Refusal.illegalAddress.rawValue)
        guard let fault = reply.fault else { return Response(bytes: right) }
        return spoil(right, by: fault, indication, framing)
    }

    private borrowing func spoil(
        _ right: [UInt8], by fault: Fault, _ indication: Indication, _ framing: Endpoint.Framing
    ) -> Response {
        func frame(_ unit: UInt8, _ message: [UInt8]) -> [UInt8] {
            switch framing {
            case .tcp: Frame.tcp(indication.transaction, unit: unit, message)
            case .rtu: Frame.rtu(unit: unit, message)
            }
        }
        let message = Array(
            framing == .tcp
                ? right.dropFirst(Frame.headerSize + 1) : right.dropFirst().dropLast(2))
        switch fault {
        case .late(let delay): return Response(bytes: right, delay: delay)
        case .silent: return Response()
        case .exception(let code):
            return Response(bytes: frame(indication.unit, [message[0] | 0x80, code]))
        case .wrongUnit: return Response(bytes: frame(indication.unit &+ 1, message))
        case .garbage: return Response(bytes: right.map { $0 ^ 0xA5 })
        case .drip(let spacing): return Response(bytes: right, manner: .dripping(spacing))
        case .reset: return Response(resets: true)
        }
    }
}
