// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus

/// The three ways to a unit.
enum Way: String, CaseIterable {
    case tcp = "TCP"
    case rtuOverTCP = "RTU over TCP"
    case serial = "RTU, pty"

    /// On a pty there is no parity.
    private static let format = SerialFormat(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1)

    var place: ModbusServer.Place {
        switch self {
        case .tcp: .tcp(port: 0)
        case .rtuOverTCP: .rtuOverTCP(port: 0)
        case .serial: .serial(Self.format)
        }
    }
}

/// A fault by the name that `simulate --fault` gives it, or several by turns.
struct FaultCase: Sendable {
    /// Whose doing it is when others on the line do not get their answers either.
    enum Reach {
        /// The unit's own: the others must not notice.
        case unit
        /// The connection ends, or the wire is out of step, for all who share it.
        case line
    }

    let name: String
    /// One for each poll, again and again.
    let faults: [Fault]
    let reach: Reach

    init(_ name: String, _ fault: Fault, reach: Reach = .unit) {
        self.init(name, faults: [fault], reach: reach)
    }

    init(_ name: String, faults: [Fault], reach: Reach) {
        self.name = name
        self.faults = faults
        self.reach = reach
    }

    /// Whether it can be committed there, and be told from good behaviour: an RTU device that
    /// gives the answer before in place of every answer cannot, as RTU frames bear no number.
    func isFair(at endpoint: Endpoint) -> Bool {
        faults.contains { fault in
            fault.hasMeaning(at: endpoint)
                && (endpoint.framing == .tcp || fault != .stray(.oldAnswer, .instead))
        }
    }

    /// How long after its end something of it may still come.
    var aftermath: Duration { faults.map(\.aftermath).max() ?? .zero }

    /// Whether what came leaves the guard in doubt on RTU framing: it holds questions back for
    /// a while then, which polls a second apart do not notice.
    var leavesDoubt: Bool {
        faults.contains { fault in
            switch fault {
            case .overtaken, .twice, .stray(.oldAnswer, _), .stray(.foreignAnswer, _): true
            default: false
            }
        }
    }

    /// Polls while it lasts: few where each takes a timeout, many where it must meet one by chance.
    var polls: Int {
        let most = faults.map { fault in
            switch fault {
            case .stray(.oldAnswer, .every), .stray(.foreignAnswer, .every), .twice: 60
            case .overtaken: 12
            default: 6
            }
        }
        return max(most.max() ?? 0, faults.count)
    }

    static let all = times + refusals + lies + strays + ends

    /// Within the line's timeout, and beyond it.
    private static let times = [
        FaultCase("late:60ms", .late(.milliseconds(60))),
        FaultCase("late:350ms", .late(.milliseconds(350))),
        FaultCase("late:900ms", .late(.milliseconds(900))),
        FaultCase("overtaken:60ms", .overtaken(.milliseconds(60))),
        FaultCase("overtaken:350ms", .overtaken(.milliseconds(350))),
        FaultCase("overtaken:900ms", .overtaken(.milliseconds(900))),
        FaultCase("drip:4ms", .drip(.milliseconds(4))),
        FaultCase("drip:40ms", .drip(.milliseconds(40)), reach: .line),
        FaultCase("split:60ms", .split(.milliseconds(60))),
        FaultCase("split:350ms", .split(.milliseconds(350)), reach: .line),
        FaultCase("twice", .twice(after: .zero)),
        FaultCase("twice:2ms", .twice(after: .milliseconds(2))),
        FaultCase("twice:30ms", .twice(after: .milliseconds(30))),
        FaultCase("twice:350ms", .twice(after: .milliseconds(350))),
    ]

    private static let refusals = [
        FaultCase("exception:0", .exception(0)), FaultCase("exception:2", .exception(2)),
        FaultCase("exception:6", .exception(6)), FaultCase("exception:11", .exception(11)),
        FaultCase("exception:0 to 255", faults: (0...255).map(Fault.exception), reach: .unit),
    ]

    private static let lies = [
        FaultCase("wrong:unit", .wrong(.unit)), FaultCase("wrong:function", .wrong(.function)),
        FaultCase("wrong:byte-count:2", .wrong(.byteCount(2))),
        FaultCase("wrong:byte-count:-2", .wrong(.byteCount(-2))),
        FaultCase("wrong:byte-count:240", .wrong(.byteCount(240))),
        FaultCase("wrong:count:1", .wrong(.count(1))),
        FaultCase("wrong:count:-1", .wrong(.count(-1))),
        FaultCase("wrong:padding:3", .wrong(.padding(3))),
        FaultCase("wrong:length:0", .wrong(.length(0)), reach: .line),
        FaultCase("wrong:length:9", .wrong(.length(9)), reach: .line),
        FaultCase("wrong:length:14", .wrong(.length(14)), reach: .line),
        FaultCase("wrong:length:254", .wrong(.length(254)), reach: .line),
        FaultCase("wrong:length:65535", .wrong(.length(.max)), reach: .line),
        FaultCase("wrong:transaction:1", .wrong(.transaction(1))),
        FaultCase("wrong:transaction:65535", .wrong(.transaction(.max))),
        FaultCase("wrong:no-transaction", .wrong(.noTransaction)),
        FaultCase("wrong:protocol:1", .wrong(.protocolID(1)), reach: .line),
        FaultCase("wrong:protocol:256", .wrong(.protocolID(256)), reach: .line),
        FaultCase("wrong:protocol:257", .wrong(.protocolID(257)), reach: .line),
        FaultCase("wrong:checksum", .wrong(.checksum)),
        FaultCase("wrong:framing", .wrong(.framing), reach: .line),
        FaultCase("garbage", .garbage, reach: .line),
    ]

    private static let banner = Array("REGISTER 0815\r\n".utf8)
    /// What a line of 115200 Bd can carry, without a silence between.
    private static let flood = Fault.Stray.bytes(Array(repeating: 0x55, count: 11))
    /// Begins like an answer of unit 1, and is none.
    private static let random: [UInt8] = [0x01, 0x03, 0x08, 0x9C, 0x11, 0xF0, 0x37]

    private static let strays = [
        FaultCase("stray:00:before", .stray(.bytes([0]), .before), reach: .line),
        FaultCase("stray:ff:before", .stray(.bytes([0xFF]), .before), reach: .line),
        FaultCase("stray:0103089c11f037:before", .stray(.bytes(random), .before), reach: .line),
        FaultCase("stray:00ff:after", .stray(.bytes([0, 0xFF]), .after), reach: .line),
        FaultCase("stray:0103089c11f037:after", .stray(.bytes(random), .after), reach: .line),
        FaultCase(
            "stray:00:every:3ms", .stray(.bytes([0]), .every(.milliseconds(3))), reach: .line),
        FaultCase("stray:5555…:every:1ms", .stray(flood, .every(.milliseconds(1))), reach: .line),
        FaultCase(
            "reset, stray:5245…0d0a:on-connect",
            faults: [.reset] + Array(repeating: .stray(.bytes(banner), .onConnect), count: 4),
            reach: .line),
        FaultCase("stray:echo:before", .stray(.echo, .before), reach: .line),
        FaultCase("stray:echo:after", .stray(.echo, .after), reach: .line),
        FaultCase("stray:echo:instead", .stray(.echo, .instead), reach: .line),
        FaultCase("stray:old:before", .stray(.oldAnswer, .before)),
        FaultCase("stray:old:after", .stray(.oldAnswer, .after)),
        FaultCase("stray:old:instead", .stray(.oldAnswer, .instead)),
        FaultCase("stray:old:every:7ms", .stray(.oldAnswer, .every(.milliseconds(7)))),
        FaultCase("stray:foreign:before", .stray(.foreignAnswer, .before)),
        FaultCase("stray:foreign:after", .stray(.foreignAnswer, .after)),
        FaultCase("stray:foreign:instead", .stray(.foreignAnswer, .instead)),
        FaultCase(
            "stray:foreign:every:7ms", .stray(.foreignAnswer, .every(.milliseconds(7))),
            reach: .line),
    ]

    private static let ends = [
        FaultCase("silent", .silent),
        FaultCase("broken-off:half:silence", .brokenOff(after: .half, .silence), reach: .line),
        FaultCase("broken-off:half:close", .brokenOff(after: .half, .close), reach: .line),
        FaultCase("broken-off:half:reset", .brokenOff(after: .half, .reset), reach: .line),
        FaultCase("broken-off:all:close", .brokenOff(after: .all, .close), reach: .line),
        FaultCase("broken-off:all:reset", .brokenOff(after: .all, .reset), reach: .line),
        FaultCase("broken-off:nothing:close", .brokenOff(after: .nothing, .close), reach: .line),
        FaultCase("reset", .reset, reach: .line),
        FaultCase(
            "late:350ms, reset", faults: [.late(.milliseconds(350)), .reset], reach: .line),
    ]
}

extension Fault {
    fileprivate var aftermath: Duration {
        switch self {
        case .late(let delay), .overtaken(let delay), .split(let delay), .twice(let delay): delay
        case .drip(let spacing): spacing * Frame.longest
        default: .zero
        }
    }

    private enum Frame {
        /// Bytes of the longest answer that the line asks for, header or CRC included.
        static let longest = 9 + 2 * Registers.width
    }
}
