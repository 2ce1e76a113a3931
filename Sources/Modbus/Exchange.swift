// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus

/// libmodbus' own exchange, over a tape in place of the wire.
///
/// libmodbus asks and waits for the answer in one call, and checks too little of what it gets:
/// no unit and no length on TCP, no lateness on RTU, and codes of exceptions from 12 are lost
/// (measured: one late answer on RTU makes every following read return the values of the one
/// before). No call of ours fits between its question and its answer. So the guard (`Answers`)
/// carries the question over the wire first; then libmodbus makes its exchange against a tape on
/// which the accepted answer already lies. The question it asks there must be, byte for byte, the
/// one that was carried, and the values are those that libmodbus unpacks: both judges must agree,
/// or there is no value.
///
/// On the tape every exchange is in RTU framing: it is the one that libmodbus speaks on any
/// descriptor, and the stricter judge of the two, of unit, length and check as well. What a TCP
/// header adds, a number and a length, is the guard's alone to judge, as it had to be anyway.
///
/// The guards that libmodbus needs anyway follow from this or stand where they belong: no error
/// recovery and no byte timeout in `Context`; an absolute deadline, the drain before each
/// question and what becomes of the link in `Link`; lateness in `TCPAnswers` and `RTUAnswers`;
/// true errors of connecting in `Connection`; speed, lock and silence in `SerialPort`;
/// SIGPIPE and the 1024 descriptors in `Descriptors`.
///
/// Measured (two cores, 100 registers, a warm loop): libmodbus on a tape takes 4.3 µs of CPU, on a
/// pair of sockets 7.2, and another 7 with a pair made for each read. A tape kept for each link
/// would need another descriptor, of the 1024 that there are, so links share a few (`Exchanges`);
/// a thread as guard in the middle cost as much as a pair made for each read, and a thread and
/// those descriptors besides; libmodbus' RTS call-back, which does fit in between, 40 µs in its
/// two `usleep(0)`.
struct Exchange: ~Copyable {
    /// libmodbus refuses units 248–255; the guard has checked the unit already, so it may go by
    /// another name in here.
    private static let highestUnit: UInt8 = 247

    private let context: Context
    private let tape: Tape

    /// A context and a tape, both fresh.
    init() throws(ModbusError) {
        tape = try Tape()
        context = Context(.rtu, on: tape.descriptor)
    }

    /// Lets libmodbus ask `request` and take `data` as its answer; returns the values.
    ///
    /// Invariant: between two calls the tape stands at its beginning. What would leave it elsewhere
    /// throws, and then the exchange must not be used again.
    mutating func values(
        of request: Request, from data: [UInt8]
    ) throws(ModbusError) -> [UInt16] {
        try make(.read(request), data) { read(request) }
    }

    /// Lets libmodbus ask for the server's id and take `data` as its answer; returns the bytes.
    ///
    /// The same invariant holds.
    mutating func serverID(of unit: UInt8, from data: [UInt8]) throws(ModbusError) -> [UInt8] {
        try make(.serverID(unit: unit), data) {
            var bytes = [UInt8](repeating: 0, count: Int(UInt8.max))
            let got = modbus_report_slave_id(context.handle, CInt(bytes.count), &bytes)
            return got == data.count ? Array(bytes.prefix(data.count)) : nil
        }
    }

    /// What `take` makes of the answer, if libmodbus asked `question` and took neither less nor more.
    private borrowing func make<Values>(
        _ question: Question, _ data: [UInt8], _ take: () -> Values?
    ) throws(ModbusError) -> Values {
        let unit = min(question.unit, Self.highestUnit)
        let asked = Frame.rtu(unit: unit, question.message)
        let answer = Frame.rtu(unit: unit, [question.function, UInt8(data.count)], data)
        modbus_set_slave(context.handle, CInt(unit))
        tape.lay(answer, behind: asked.count)
        guard let values = take(), tape.rewind(asked.count + answer.count), tape.holds(asked) else {
            throw .garbled
        }
        return values
    }

    /// Nil when libmodbus does not accept the answer.
    private borrowing func read(_ request: Request) -> [UInt16]? {
        let (start, count) = (CInt(request.start), CInt(request.count))
        guard request.table.holdsBits else {
            var isWhole = false
            let words = [UInt16](unsafeUninitializedCapacity: request.count) { words, filled in
                let got =
                    request.table == .holding
                    ? modbus_read_registers(context.handle, start, count, words.baseAddress)
                    : modbus_read_input_registers(context.handle, start, count, words.baseAddress)
                isWhole = got == count
                filled = isWhole ? request.count : 0
            }
            return isWhole ? words : nil
        }
        var bits = [UInt8](repeating: 0, count: request.count)
        let got =
            request.table == .coil
            ? modbus_read_bits(context.handle, start, count, &bits)
            : modbus_read_input_bits(context.handle, start, count, &bits)
        return got == count ? bits.map(UInt16.init) : nil
    }
}
