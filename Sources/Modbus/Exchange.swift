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
/// Measured (two cores, 100 registers): 15 µs of CPU for each exchange, 8 of them for a fresh
/// pair; a pair kept open would need two more descriptors per link, of the 1024 that there are;
/// a thread as guard in the middle cost as much, and a thread and those descriptors besides;
/// libmodbus' RTS call-back, which does fit between, 40 µs in its `usleep(0)`s.
struct Exchange: ~Copyable {
    /// libmodbus refuses units 248–254 (and 255 on RTU); the guard has checked the unit already,
    /// so it may go by another name in here.
    private static let highestUnit: UInt8 = 247

    private let context: OpaquePointer
    private let framing: Endpoint.Framing
    /// libmodbus numbers its questions on TCP 1, 2, 3 …, 65535, 0.
    private var transaction: UInt16 = 0

    init(_ framing: Endpoint.Framing) {
        let made =
            switch framing {
            case .tcp: modbus_new_tcp("127.0.0.1", 502)
            case .rtu: modbus_new_rtu("/dev/null", 19_200, CChar(UInt8(ascii: "N")), 8, 1)
            }
        guard let made else { preconditionFailure("out of memory for a context") }
        context = made
        self.framing = framing
        modbus_set_error_recovery(context, MODBUS_ERROR_RECOVERY_NONE)
        // The answer is there before the question: nothing is ever waited for.
        modbus_set_byte_timeout(context, 0, 0)
        modbus_set_response_timeout(context, 0, 1000)
    }

    deinit { modbus_free(context) }

    /// Lets libmodbus ask `request` and take `data` as its answer; returns the values.
    mutating func values(of request: Request, from data: [UInt8]) throws(ModbusError) -> [UInt16] {
        let pair = try SocketPair()
        let unit = min(request.unit, Self.highestUnit)
        transaction &+= 1
        modbus_set_slave(context, CInt(unit))
        modbus_set_socket(context, pair.near)
        defer { modbus_set_socket(context, -1) }
        pair.put(frame(unit, [request.table.function, UInt8(data.count)] + data))
        guard let values = read(request),
            pair.taken() == frame(unit, request.message)
        else {
            // A new context counts from the beginning again.
            self = Exchange(framing)
            throw .garbled
        }
        return values
    }

    private func frame(_ unit: UInt8, _ message: [UInt8]) -> [UInt8] {
        switch framing {
        case .tcp: Frame.tcp(transaction, unit: unit, message)
        case .rtu: Frame.rtu(unit: unit, message)
        }
    }

    /// Nil when libmodbus does not accept the answer.
    private func read(_ request: Request) -> [UInt16]? {
        let (start, count) = (CInt(request.start), CInt(request.count))
        var bits = [UInt8](repeating: 0, count: request.table.isBits ? request.count : 0)
        var words = [UInt16](repeating: 0, count: request.table.isBits ? 0 : request.count)
        let got =
            switch request.table {
            case .coil: modbus_read_bits(context, start, count, &bits)
            case .discrete: modbus_read_input_bits(context, start, count, &bits)
            case .holding: modbus_read_registers(context, start, count, &words)
            case .input: modbus_read_input_registers(context, start, count, &words)
            }
        guard got == count else { return nil }
        return request.table.isBits ? bits.map(UInt16.init) : words
    }
}

extension Table {
    var isBits: Bool { self == .coil || self == .discrete }
}

/// Two sockets back to back, for one exchange: nothing stale can be in them.
struct SocketPair: ~Copyable {
    /// The end that libmodbus may use.
    let near: Int32
    private let far: Int32

    init() throws(ModbusError) {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let outcome = socketpair(AF_UNIX, Int32(kind), 0, &ends)
        near = try Descriptors.admit(outcome == 0 ? ends[0] : -1)
        far = ends[1]
    }

    deinit {
        close(near)
        close(far)
    }

    /// Puts a frame where libmodbus will find it; far smaller than a socket's buffer.
    borrowing func put(_ frame: [UInt8]) {
        let sent = send(far, frame, frame.count, Int32(MSG_NOSIGNAL))
        precondition(sent == frame.count, "a frame fits into an empty socket")
    }

    /// What libmodbus has sent.
    borrowing func taken() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 2 * Frame.longestRTU) { space, count in
            let got = recv(far, space.baseAddress, space.count, Int32(MSG_DONTWAIT))
            count = max(0, got)
        }
    }
}
