// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
import Settings

/// A fault that one device of the plant commits on request: what, from when, for how long.
package struct ScheduledFault: Hashable, Sendable {
    /// `<equipment>/<device>`.
    package var device: String
    /// What it does wrong.
    package var fault: Fault
    /// After it is scheduled; at the latest a step of the plant later.
    package var start: Duration
    /// `nil`: until the device is repaired.
    package var duration: Duration?

    /// `device` is `<equipment>/<device>`.
    package init(_ fault: Fault, of device: String, from start: Duration, lasting: Duration?) {
        self.device = device
        self.fault = fault
        self.start = start
        duration = lasting
    }

    func isActive(at elapsed: Duration) -> Bool {
        elapsed >= start && duration.map { elapsed < start + $0 } ?? true
    }
}

/// An order that cannot be carried out as it is written; `reason` is for the operator.
package struct FaultSyntaxError: Error, Hashable, Sendable {
    /// The order as it was written.
    package var text: String
    /// What is wrong with it, and what could be written.
    package var reason: String
}

extension ScheduledFault {
    /// The forms to write, for help and error texts.
    package static let syntax = """
        EQUIPMENT/DEVICE=KIND[@START][+DURATION], where KIND is late[:DELAY], silent, \
        exception[:CODE], wrong-unit, garbage, drip[:PAUSE] or reset, for example \
        press-1/drive=silent@20s+30s
        """

    /// Reads a fault such as `press-1/drive=silent@20s+30s` or `pump/meter=exception:4`.
    ///
    /// Without a start it begins at once, without a duration it never ends. A late answer comes
    /// after 2 s and a dripping one pauses for 100 ms, unless said; the exception is 4, a device
    /// failure, unless said.
    package init(parsing text: String) throws(FaultSyntaxError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, path.count == 2, !path[0].isEmpty, !path[1].isEmpty else {
            throw FaultSyntaxError(text: text, reason: "it must read \(Self.syntax)")
        }
        var rest = halves[1]
        device = String(halves[0])
        let lasting = try Self.cut(&rest, at: "+", of: text)
        start = try Self.cut(&rest, at: "@", of: text) ?? .zero
        duration = lasting
        fault = try Self.fault(rest, of: text)
    }

    /// Takes the duration that follows `mark` off the end of `rest`, if it is there.
    private static func cut(_ rest: inout Substring, at mark: Character, of text: String)
        throws(FaultSyntaxError) -> Duration?
    {
        guard let place = rest.lastIndex(of: mark) else { return nil }
        defer { rest = rest[..<place] }
        return try duration(rest[rest.index(after: place)...], of: text)
    }

    private static func fault(_ part: Substring, of text: String) throws(FaultSyntaxError) -> Fault
    {
        let words = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (words[0], words.count == 2 ? words[1] : nil) {
        case ("late", nil): return .late(.seconds(2))
        case ("late", let delay?): return .late(try duration(delay, of: text))
        case ("drip", nil): return .drip(.milliseconds(100))
        case ("drip", let pause?): return .drip(try duration(pause, of: text))
        case ("exception", nil): return .exception(4)
        case ("exception", let code?):
            guard let code = UInt8(code), (1...127).contains(code) else {
                throw FaultSyntaxError(
                    text: text, reason: "'\(code)' is no exception code from 1 to 127")
            }
            return .exception(code)
        case ("silent", nil): return .silent
        case ("wrong-unit", nil): return .wrongUnit
        case ("garbage", nil): return .garbage
        case ("reset", nil): return .reset
        default:
            throw FaultSyntaxError(
                text: text, reason: "'\(part)' is no fault; it must read \(Self.syntax)")
        }
    }

    private static func duration(_ part: Substring, of text: String) throws(FaultSyntaxError)
        -> Duration
    {
        guard let duration = Duration(setting: String(part)) else {
            throw FaultSyntaxError(
                text: text, reason: "'\(part)' is no duration such as 500ms, 10s or 5m")
        }
        return duration
    }
}
