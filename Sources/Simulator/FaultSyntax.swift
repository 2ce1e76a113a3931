// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Modbus
import Settings

/// An order that cannot be carried out as it is written; `reason` is for the operator.
package struct FaultSyntaxError: Error, Hashable, Sendable {
    /// The order as it was written.
    package var text: String
    /// What is wrong with it, and what could be written.
    package var reason: String
}

/// The words of a fault, such as `stray:echo:before`, taken from the left.
package struct FaultSyntax {
    /// All that can be written, for help.
    package static let kinds = """
        late[:DELAY]            the right answer late, in order (2s)
        overtaken[:DELAY]       every other answer late, the rest at once (2s)
        drip[:PAUSE]            byte by byte (100ms)
        split[:PAUSE]           in two pieces (100ms)
        twice[:DELAY]           and once more later; in one write unless said
        exception[:CODE]        a refusal, 0 to 255 (4)
        wrong:FIELD             one field of the frame lies: unit, function,
                                byte-count[:±N], count[:±N], padding[:N],
                                checksum or framing; on TCP also length:N,
                                transaction[:N], no-transaction, protocol[:N]
        garbage                 as many bytes as would be right, all wrong
        stray:WHAT:PLACE        WHAT is echo, old (its answer before), foreign
                                (another unit's) or bytes in hex like 00ff;
                                PLACE is before, after or instead (of the
                                answer), on-connect or every:PERIOD
        broken-off:PART:ENDING  PART of the answer is nothing, half or all;
                                then comes silence, close or reset
        silent                  broken-off:nothing:silence
        reset                   broken-off:nothing:reset
        wrong-unit              wrong:unit
        """

    private let text: String
    private var rest: ArraySlice<Substring>

    /// Reads the whole of `part`, of the order `text`.
    static func fault(_ part: Substring, of text: String) throws(FaultSyntaxError) -> Fault {
        var words = FaultSyntax(
            text: text, rest: part.split(separator: ":", omittingEmptySubsequences: false)[...])
        let fault = try words.fault()
        guard words.rest.isEmpty else {
            throw words.error("'\(words.rest.joined(separator: ":"))' is too much in '\(part)'")
        }
        return fault
    }

    private func error(_ reason: String) -> FaultSyntaxError {
        FaultSyntaxError(text: text, reason: reason)
    }

    private mutating func fault() throws(FaultSyntaxError) -> Fault {
        switch rest.popFirst() ?? "" {
        case "late": return .late(try duration(or: .seconds(2)))
        case "overtaken": return .overtaken(try duration(or: .seconds(2)))
        case "drip": return .drip(try duration(or: .milliseconds(100)))
        case "split": return .split(try duration(or: .milliseconds(100)))
        case "twice": return .twice(after: try duration(or: .zero))
        case "exception": return .exception(UInt8(try number(in: 0...255, or: 4)))
        case "garbage": return .garbage
        case "wrong": return .wrong(try field())
        case "stray":
            let stray = try stray()
            return .stray(stray, try place())
        case "broken-off":
            let part = try choice(["nothing": Fault.Part.nothing, "half": .half, "all": .all])
            return .brokenOff(
                after: part,
                try choice(["silence": .silence, "close": .close, "reset": .reset]))
        case "silent": return .silent
        case "reset": return .reset
        case "wrong-unit": return .wrongUnit
        case let word:
            throw error("'\(word)' is no fault; it must read \(ScheduledFault.syntax)")
        }
    }

    private mutating func field() throws(FaultSyntaxError) -> Fault.Field {
        switch rest.popFirst() ?? "" {
        case "unit": return .unit
        case "function": return .function
        case "byte-count": return .byteCount(try number(in: -255...255, or: 1))
        case "count": return .count(try number(in: -125...125, or: -1))
        case "padding": return .padding(try number(in: 1...200, or: 3))
        case "length": return .length(UInt16(try number(in: 0...65_535)))
        case "transaction": return .transaction(UInt16(try number(in: 1...65_535, or: 1)))
        case "no-transaction": return .noTransaction
        case "protocol": return .protocolID(UInt16(try number(in: 1...65_535, or: 1)))
        case "checksum": return .checksum
        case "framing": return .framing
        case let word: throw error("'\(word)' is no field that could be wrong")
        }
    }

    private mutating func stray() throws(FaultSyntaxError) -> Fault.Stray {
        switch rest.popFirst() ?? "" {
        case "echo": return .echo
        case "old": return .oldAnswer
        case "foreign": return .foreignAnswer
        case let hex:
            let digits = hex.compactMap(\.hexDigitValue)
            guard !hex.isEmpty, digits.count == hex.count, digits.count.isMultiple(of: 2) else {
                throw error("'\(hex)' is not echo, old, foreign or bytes in hex such as 00ff")
            }
            return .bytes(
                stride(from: 0, to: digits.count, by: 2).map {
                    UInt8(digits[$0] << 4 | digits[$0 + 1])
                })
        }
    }

    private mutating func place() throws(FaultSyntaxError) -> Fault.Place {
        if rest.first == "every" {
            rest.removeFirst()
            return .every(try duration(or: .milliseconds(100)))
        }
        return try choice([
            "before": .before, "after": .after, "instead": .instead, "on-connect": .onConnect,
        ])
    }

    private mutating func choice<Choice>(
        _ choices: KeyValuePairs<String, Choice>
    ) throws(FaultSyntaxError) -> Choice {
        let word = rest.popFirst() ?? ""
        guard let choice = choices.first(where: { $0.key == word })?.value else {
            throw error("'\(word)' is not \(choices.map(\.key).joined(separator: ", "))")
        }
        return choice
    }

    private mutating func number(
        in range: ClosedRange<Int>, or usual: Int? = nil
    ) throws(FaultSyntaxError) -> Int {
        guard let word = rest.popFirst() else {
            if let usual { return usual }
            throw error("a number is missing")
        }
        guard let number = Int(word), range.contains(number) else {
            throw error("'\(word)' is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private mutating func duration(or usual: Duration) throws(FaultSyntaxError) -> Duration {
        guard let word = rest.popFirst() else { return usual }
        return try Self.duration(word, of: text)
    }

    /// Reads one duration of the order `text`.
    static func duration(_ part: Substring, of text: String) throws(FaultSyntaxError)
        -> Duration
    {
        guard let duration = Duration(setting: String(part)) else {
            throw FaultSyntaxError(
                text: text, reason: "'\(part)' is no duration such as 500ms, 10s or 5m")
        }
        return duration
    }
}
