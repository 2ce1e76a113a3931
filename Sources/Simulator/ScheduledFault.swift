// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

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

extension ScheduledFault {
    /// The form to write, for help and error texts; `FaultSyntax.kinds` has the kinds.
    package static let syntax = """
        EQUIPMENT/DEVICE=KIND[@START][+DURATION], where KIND is late, overtaken, drip, split, \
        twice, exception, wrong, garbage, stray, broken-off, silent, reset or wrong-unit, for \
        example press-1/drive=silent@20s+30s
        """

    /// Reads a fault such as `press-1/drive=silent@20s+30s` or `pump/meter=exception:6`.
    ///
    /// Without a start it begins at once, without a duration it never ends.
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
        fault = try FaultSyntax.fault(rest, of: text)
    }

    /// Takes the duration that follows `mark` off the end of `rest`, if it is there.
    private static func cut(_ rest: inout Substring, at mark: Character, of text: String)
        throws(FaultSyntaxError) -> Duration?
    {
        guard let place = rest.lastIndex(of: mark) else { return nil }
        defer { rest = rest[..<place] }
        return try FaultSyntax.duration(rest[rest.index(after: place)...], of: text)
    }
}
