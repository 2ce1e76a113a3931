// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// libmodbus' own exchange, over a pair of sockets in place of the wire.
///
/// libmodbus asks and waits for the answer in one call, and checks too little of what it gets:
/// no unit and no length on TCP, no lateness on RTU, and codes of exceptions from 12 are lost
/// (measured: one late answer on RTU makes every following read return the values of the one
/// before). No call of ours fits between its question and its answer. So the guard (`Answers`)
/// carries the question over the wire first; then libmodbus makes its exchange against a pair
/// of sockets in which the accepted answer already lies. The question it asks there must be, byte
/// for byte, the one that was carried, and the values are those that libmodbus unpacks: both
/// judges must agree, or there is no value.
///
/// The guards that libmodbus needs anyway follow from this or stand where they belong: no error
/// recovery and no byte timeout in `Context`; an absolute deadline, the drain before each
/// question and what becomes of the link in `Link`; lateness in `TCPAnswers` and `RTUAnswers`;
/// true errors of connecting in `Connection`; speed, lock and silence in `SerialPort`;
/// SIGPIPE and the 1024 descriptors in `Descriptors`.
///
/// Measured (two cores, 100 registers): 28 µs of CPU for each read with a pair made for it, against
/// 13 with libmodbus straight on the socket; 8 of the difference went into the pair, and 35 where
/// 850 threads share one table of descriptors. A pair kept for each link would need two more
/// descriptors, of the 1024 that there are, so links share a few (`Exchanges`); a thread as guard
/// in the middle cost as much as a pair made for each read, and a thread and those descriptors
/// besides; libmodbus' RTS call-back, which does fit in between, 40 µs in its two `usleep(0)`.
struct Exchange: ~Copyable {
    /// libmodbus refuses units 248–254 (and 255 on RTU); the guard has checked the unit already,
    /// so it may go by another name in here.
    private static let highestUnit: UInt8 = 247

    private let context: Context
    private let pair: SocketPair
    /// The number of libmodbus' last question on TCP: it counts up from 1.
    private var transaction: UInt16 = 0

    /// A context and a pair, both fresh.
    init(_ framing: Endpoint.Framing) throws(ModbusError) {
        pair = try SocketPair()
        context = Context(framing, on: pair)
    }

    /// Lets libmodbus ask `request` and take `data` as its answer; returns the values.
    ///
    /// Invariant: between two calls the pair is empty. What would leave it otherwise throws, and
    /// then the exchange must not be used again.
    mutating func values(
        of request: Request, from data: [UInt8]
    ) throws(ModbusError) -> [UInt16] {
        let unit = min(request.unit, Self.highestUnit)
        modbus_set_slave(context.handle, CInt(unit))
        transaction &+= 1
        pair.put(frame(unit, [request.table.function, UInt8(data.count)] + data))
        guard let values = read(request), pair.taken() == frame(unit, request.message),
            pair.isEmpty
        else {
            throw .garbled
        }
        return values
    }

    /// Lets libmodbus ask for the server's id and take `data` as its answer; returns the bytes.
    ///
    /// The same invariant holds.
    mutating func serverID(of unit: UInt8, from data: [UInt8]) throws(ModbusError) -> [UInt8] {
        let name = min(unit, Self.highestUnit)
        modbus_set_slave(context.handle, CInt(name))
        transaction &+= 1
        let question = Question.serverID(unit: unit)
        pair.put(frame(name, [question.function, UInt8(data.count)] + data))
        var bytes = [UInt8](repeating: 0, count: Int(UInt8.max))
        let got = modbus_report_slave_id(context.handle, CInt(bytes.count), &bytes)
        guard got == data.count, pair.taken() == frame(name, question.message), pair.isEmpty
        else { throw .garbled }
        return Array(bytes.prefix(data.count))
    }

    private borrowing func frame(_ unit: UInt8, _ message: [UInt8]) -> [UInt8] {
        switch context.framing {
        case .tcp: Frame.tcp(transaction, unit: unit, message)
        case .rtu: Frame.rtu(unit: unit, message)
        }
    }

    /// Nil when libmodbus does not accept the answer.
    private borrowing func read(_ request: Request) -> [UInt16]? {
        let (start, count) = (CInt(request.start), CInt(request.count))
        var bits = [UInt8](repeating: 0, count: request.table.holdsBits ? request.count : 0)
        var words = [UInt16](repeating: 0, count: request.table.holdsBits ? 0 : request.count)
        let got =
            switch request.table {
            case .coil: modbus_read_bits(context.handle, start, count, &bits)
            case .discrete: modbus_read_input_bits(context.handle, start, count, &bits)
            case .holding: modbus_read_registers(context.handle, start, count, &words)
            case .input: modbus_read_input_registers(context.handle, start, count, &words)
            }
        guard got == count else { return nil }
        return request.table.holdsBits ? bits.map(UInt16.init) : words
    }
}
