// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// libmodbus' server: it answers into a pair of sockets, so that the answer can be spoilt,
/// delayed or dropped on its way to the wire.
struct Responder: ~Copyable {
    let framing: Endpoint.Framing
    private let context: Context
    private let pair: SocketPair

    init(_ framing: Endpoint.Framing) throws(ModbusError) {
        self.framing = framing
        pair = try SocketPair()
        context = Context(framing, on: pair.near)
    }

    /// The whole right frame. libmodbus makes those of data and refusals; it answers function 17
    /// in its own name only, and knows no 43.
    borrowing func answer(_ indication: Indication, _ content: RegisterBank.Reply.Content)
        -> [UInt8]
    {
        switch content {
        case .values(let request, let values): return answer(indication, request, values)
        case .refusal(let refusal): return self.refusal(indication, refusal.rawValue)
        case .message(let message):
            switch framing {
            case .tcp: return Frame.tcp(indication.transaction, unit: indication.unit, message)
            case .rtu: return Frame.rtu(unit: indication.unit, message)
            }
        }
    }

    private borrowing func answer(
        _ indication: Indication, _ request: Request, _ values: [UInt16]
    ) -> [UInt8] {
        let (start, count) = (UInt32(request.start), UInt32(request.count))
        func here(_ table: Table) -> UInt32 { request.table == table ? count : 0 }
        let mapping = modbus_mapping_new_start_address(
            start, here(.coil), start, here(.discrete), start, here(.holding), start, here(.input))
        guard let mapping else { preconditionFailure("out of memory for a mapping") }
        defer { modbus_mapping_free(mapping) }
        for (index, value) in values.enumerated() {
            switch request.table {
            case .coil: mapping.pointee.tab_bits[index] = value == 0 ? 0 : 1
            case .discrete: mapping.pointee.tab_input_bits[index] = value == 0 ? 0 : 1
            case .holding: mapping.pointee.tab_registers[index] = value
            case .input: mapping.pointee.tab_input_registers[index] = value
            }
        }
        modbus_reply(context.handle, indication.frame, CInt(indication.frame.count), mapping)
        return pair.taken()
    }

    /// The whole frame that refuses with an exception code that libmodbus knows, 1–11.
    borrowing func refusal(_ indication: Indication, _ code: UInt8) -> [UInt8] {
        modbus_reply_exception(context.handle, indication.frame, UInt32(code))
        return pair.taken()
    }
}
