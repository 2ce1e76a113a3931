// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What is to be done with one request, after its unit's fault had its way.
struct Response {
    /// Bytes that leave together, one after the other.
    struct Parcel {
        var bytes: [UInt8]
        var delay = Duration.zero
        var manner = Manner.atOnce
        var order = Outbox.Order.inTurn
        var ending: Fault.Ending?
    }

    var parcels: [Parcel] = []

    static let nothing = Response()

    static func frame(
        _ bytes: [UInt8], delay: Duration = .zero, _ manner: Manner = .atOnce,
        _ order: Outbox.Order = .inTurn
    ) -> Response {
        Response(
            parcels: [Parcel(bytes: bytes, delay: delay, manner: manner, order: order)])
    }
}

/// The newest right answer of each unit, the newest of all at the end: what strays on a wire.
struct Memory {
    private var answers: [(unit: UInt8, frame: [UInt8])] = []

    mutating func note(_ frame: [UInt8], of unit: UInt8) {
        answers.removeAll { $0.unit == unit }
        answers.append((unit, frame))
    }

    func answer(of unit: UInt8) -> [UInt8]? { answers.last { $0.unit == unit }?.frame }

    /// What `stray` of `unit` puts on the wire, beside the answer to `question` if there is one.
    func bytes(of stray: Fault.Stray, _ unit: UInt8, question: [UInt8]?) -> [UInt8] {
        switch stray {
        case .bytes(let bytes): bytes
        case .echo: question ?? []
        case .oldAnswer: answer(of: unit) ?? []
        case .foreignAnswer: answers.last { $0.unit != unit }?.frame ?? []
        }
    }
}

extension Responder {
    /// The server's whole behaviour: an unknown unit is silent on RTU, as on a shared line, and
    /// "gateway target failed to respond" on TCP, as behind a gateway.
    borrowing func respond(
        to indication: Indication, from bank: RegisterBank, remembering memory: inout Memory
    ) -> Response {
        guard let reply = bank.reply(to: indication) else {
            return framing == .rtu ? .nothing : .frame(refusal(indication, 0x0B))
        }
        let right = answer(indication, reply.content)
        defer { memory.note(right, of: indication.unit) }
        guard let fault = reply.fault else { return .frame(right) }
        let said = answer(indication, mistakenBy: fault, bank, memory) ?? right
        return spoil(said, by: fault, indication, number: reply.number, memory)
    }

    /// The answer to the question for which the faulty device takes this one; nil where it has
    /// none, or takes it for what it is.
    private borrowing func answer(
        _ indication: Indication, mistakenBy fault: Fault, _ bank: RegisterBank, _ memory: Memory
    ) -> [UInt8]? {
        guard case .success(.read(let request)) = indication.question,
            case .wrong(let field) = fault
        else { return nil }
        func values(_ unit: UInt8, _ table: Table) -> [UInt8]? {
            let other = Request(
                unit: unit, table: table, start: request.start, count: request.count)
            return bank.values(of: other).map { answer(indication, .values(request, $0)) }
        }
        switch field {
        case .unit: return values(request.unit &+ 1, request.table)
        case .function: return values(request.unit, request.table.sister)
        case .transaction: return memory.answer(of: request.unit)
        default: return nil
        }
    }

    private borrowing func spoil(
        _ right: [UInt8], by fault: Fault, _ indication: Indication, number: Int, _ memory: Memory
    ) -> Response {
        switch fault {
        case .late(let delay): return .frame(right, delay: delay)
        case .overtaken(let delay):
            return .frame(
                right, delay: number.isMultiple(of: 2) ? .zero : delay, .atOnce, .overtaking)
        case .drip(let spacing): return .frame(right, .dripping(spacing))
        case .split(let spacing): return .frame(right, .halved(spacing))
        case .twice(after: .zero): return .frame(right + right)
        case .twice(let delay):
            let again = Response.frame(right, delay: delay, .atOnce, .overtaking)
            return Response(parcels: Response.frame(right).parcels + again.parcels)
        case .exception(let code):
            var envelope = Envelope(right, to: indication, framing)
            envelope.message = [indication.function | 0x80, code]
            return .frame(envelope.bytes)
        case .wrong(let field):
            var envelope = Envelope(right, to: indication, framing)
            envelope.lie(about: field)
            return .frame(envelope.bytes)
        case .garbage: return .frame(right.map { $0 ^ 0xA5 })
        case .stray(let stray, let place):
            let bytes = memory.bytes(of: stray, indication.unit, question: indication.frame)
            switch place {
            case .before: return .frame(bytes + right)
            case .after: return .frame(right + bytes)
            case .instead: return .frame(bytes)
            case .onConnect, .every: return .frame(right)
            }
        case .brokenOff(let part, let ending):
            let bytes = right.prefix(part.size(of: right.count))
            return Response(parcels: [.init(bytes: Array(bytes), ending: ending)])
        }
    }
}

extension Fault.Part {
    fileprivate func size(of whole: Int) -> Int {
        switch self {
        case .nothing: 0
        case .half: whole / 2
        case .all: whole
        }
    }
}
