// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import Logging

/// Events that the stream has a record of, too: what a machine's condition does, and what is lost.
extension EventText {
    init(_ transition: Transition, action: String?) {
        let part = transition.component.map { "\(transition.equipment) \($0)" }
        let status = transition.status.map { " (\($0.rawValue))" } ?? ""
        let toDo = transition.to == .active ? action.map { ": \($0)" } ?? "" : ""
        self.init(
            level: transition.level, id: "condition",
            sentence: "\(part ?? transition.equipment): \(transition.condition) "
                + "\(transition.from.rawValue) → \(transition.to.rawValue)\(status)"
                + transition.evidence.measured + toDo,
            facts: [
                "equipment": "\(transition.equipment)", "condition": "\(transition.condition)",
            ])
    }

    init(_ loss: Loss) {
        self.init(
            level: .error, id: "lost",
            sentence: "\(Wording.count(loss.records, "record")) from \(loss.first.rfc3339) to "
                + "\(loss.last.rfc3339) are lost (\(loss.reason.rawValue)): \(loss.reason.cause); "
                + "the stream says so")
    }

    init(abandoned loss: Loss) {
        self.init(
            level: .error, id: "lost-at-stop",
            sentence: "\(Wording.count(loss.records, "record")) from \(loss.first.rfc3339) to "
                + "\(loss.last.rfc3339) are lost: the buffer refused them at the stop; this line "
                + "alone says so, and in the stream `started` follows without a `stopped`: see to "
                + "the disk before the next start")
    }
}

extension Evidence {
    /// `, gearbox/z-velocity-rms 5.4 mm/s, limit-high 4.5`, as far as there is something to say.
    fileprivate var measured: String {
        guard let value else { return reason.map { ", no value (\($0.word))" } ?? "" }
        let unit = unit.map { " \($0)" } ?? ""
        let limit = limit.map { ", \($0.kind.rawValue) \(Value.number($0.value).text)" } ?? ""
        return ", \(signal) \(Value.number(value).text)\(unit)\(limit)"
    }
}

extension Transition {
    /// What begins as it should is no news; the record is in the stream nevertheless.
    fileprivate var level: Logger.Level {
        if to == .active { return .warning }
        return from == .unknown && to == .inactive ? .debug : .notice
    }
}

extension LossReason {
    /// Why, and what to look at.
    fileprivate var cause: String {
        switch self {
        case .bufferLimit: "the buffer is at its limit"
        case .thinned: "the buffer is at its limit, and summaries are left of them"
        case .diskFull: "the disk had no room for as much as the limit allows"
        case .notStored:
            "they were made faster than they could be stored: look at the disk and at the load of "
                + "this box"
        case .corruption: "what is on the disk does not check: look at the disk"
        case .acknowledged: "every consumer has them"
        }
    }
}
