// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
import Settings

/// A fault that one device of the plant commits on request: what, from when, for how long.
package struct ScheduledFault: Hashable, Sendable {
    /// `<equipment>/<device>`.
    package var device: String
    package var fault: Fault
    /// After it is scheduled; at the latest a step of the plant later.
    package var start: Duration
    /// `nil`: until the device is repaired.
    package var duration: Duration?

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

/// A fault that cannot be read from its text; `reason` is for the operator.
package struct FaultSyntaxError: Error, Hashable, Sendable {
    package var text: String
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
        func refuse(_ reason: String) -> FaultSyntaxError {
            FaultSyntaxError(text: text, reason: reason)
        }
        func duration(_ part: Substring) throws(FaultSyntaxError) -> Duration {
            guard let duration = Duration(setting: String(part)) else {
                throw refuse("'\(part)' is no duration such as 500ms, 10s or 5m")
            }
            return duration
        }
        let halves = text.split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, path.count == 2, !path[0].isEmpty, !path[1].isEmpty else {
            throw refuse("it must read \(Self.syntax)")
        }
        var rest = halves[1]
        device = String(halves[0])
        self.duration = nil
        start = .zero
        if let plus = rest.lastIndex(of: "+") {
            self.duration = try duration(rest[rest.index(after: plus)...])
            rest = rest[..<plus]
        }
        if let place = rest.lastIndex(of: "@") {
            start = try duration(rest[rest.index(after: place)...])
            rest = rest[..<place]
        }
        let words = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let detail = words.count == 2 ? words[1] : nil
        switch (words[0], detail) {
        case ("late", let delay): fault = .late(try delay.map(duration) ?? .seconds(2))
        case ("drip", let pause): fault = .drip(try pause.map(duration) ?? .milliseconds(100))
        case ("exception", nil): fault = .exception(4)
        case ("exception", let code?):
            guard let code = UInt8(code), (1...127).contains(code) else {
                throw refuse("'\(code)' is no exception code from 1 to 127")
            }
            fault = .exception(code)
        case ("silent", nil): fault = .silent
        case ("wrong-unit", nil): fault = .wrongUnit
        case ("garbage", nil): fault = .garbage
        case ("reset", nil): fault = .reset
        default: throw refuse("'\(rest)' is no fault; it must read \(Self.syntax)")
        }
    }
}
