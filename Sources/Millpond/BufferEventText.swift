// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Logging

extension EventText {
    /// The line for what happened to the buffer itself.
    init(_ event: BufferEvent) {
        switch event {
        case .migrated(let schema):
            self.init(
                level: .notice, id: event.id,
                sentence: "the buffer was written by an older Millpond (schema \(schema)) and was "
                    + "brought to the present schema; nothing in it has changed")
        case .markMade:
            self.init(
                level: .warning, id: event.id,
                sentence: "the buffer's mark (millpond.mark) was missing or damaged and is made "
                    + "anew: had the buffer lost its newest batches, this start could not tell")
        case .markNotWritten(let number):
            self.init(
                level: .warning, id: event.id,
                sentence: "cannot write the buffer's mark: \(ErrorText.text(ofErrno: number)); "
                    + "batches are on disk all the same, and it is tried again with each")
        case .logDamaged(let commits):
            self.init(
                level: .error, id: event.id,
                sentence:
                    "the buffer's log was damaged on disk, and \(Wording.count(commits, "write")) "
                    + "behind the damage cannot be believed; what is missing is told next: check "
                    + "the disk")
        case .logForeign(let epoch):
            self.init(
                level: .error, id: event.id,
                sentence: "the log beside the buffer's database (millpond.db-wal) is another "
                    + "buffer's, of epoch \(epoch.text): it was moved to quarantine/foreign, and "
                    + "the database goes on without it; if it had a log of its own, what is "
                    + "missing is told next",
                facts: ["log": "\(epoch.text)"])
        case .moved:
            self.init(
                level: .error, id: event.id,
                sentence:
                    "the buffer's database (millpond.db) was moved, removed or replaced while "
                    + "Millpond had it open: the buffer goes on with what lies there now, and what "
                    + "is missing is told next; stop Millpond before anything is changed in its "
                    + "directory")
        case .tailLost(let range):
            self.init(
                level: .error, id: event.id,
                sentence: "the newest batches had vanished from the buffer: "
                    + "\(Wording.count(range.records, "record")) are lost, and the stream says so; "
                    + "check the disk",
                facts: [
                    "from": "\(range.from)", "to": "\(range.to)", "records": "\(range.records)",
                ])
        case .batchDamaged(let range):
            self.init(
                level: .error, id: event.id,
                sentence: "the batch \(range.from) does not check on disk: its "
                    + "\(Wording.count(range.records, "record")) are lost, and the stream says so; "
                    + "all other batches stay as they are: check the disk",
                facts: ["cursor": "\(range.from)", "records": "\(range.records)"])
        case .rowMended(let cursor):
            self.init(
                level: .warning, id: event.id,
                sentence: "the database's entry for batch \(cursor) was damaged on disk; the batch "
                    + "is whole, nothing is lost, and the entry is right again: check the disk",
                facts: ["cursor": "\(cursor)"])
        case .salvaged(let report): self.init(salvaged: report, id: event.id)
        case .unrecognised(let path):
            self.init(
                level: .error, id: event.id,
                sentence:
                    "the buffer's database could not be read, nor any batch in it, and no mark "
                    + "says what it held: it lies in \(path), where you can look into it, or "
                    + "remove it; the stream begins anew",
                facts: ["path": "\(path)"])
        case .replaced(let ended, let epoch):
            self.init(replaced: ended, by: epoch, id: event.id)
        case .consumerDamaged(let name, let cursor):
            self.init(
                level: .error, id: event.id,
                sentence: "the place of consumer \(name) does not check on disk: it goes on after "
                    + "\(cursor), the oldest there is, and reads again what it had; nothing is "
                    + "lost: check the disk",
                facts: ["consumer": "\(name)", "cursor": "\(cursor)"])
        case .consumersInDoubt(let names, let isComplete):
            self.init(consumersInDoubt: names, isComplete, id: event.id)
        case .reopened(let code):
            self.init(
                level: .error, id: event.id,
                sentence: "the disk failed (SQLite result code \(code)); the buffer was opened "
                    + "again, checked, and is whole: look at the kernel's log",
                facts: ["code": "\(code)"])
        case .diskPresses(let quota, let limit):
            self.init(
                level: .warning, id: event.id,
                sentence: "the disk has room for \(Wording.bytes(quota)) of the buffer's "
                    + "\(Wording.bytes(limit)): sealing goes on, and beyond that the oldest batches "
                    + "make room for new ones, recorded as lost (disk-full): make room on the disk, "
                    + "or lower `buffer: limit`",
                facts: ["quota": "\(quota)", "limit": "\(limit)"])
        case .diskRelieved(let limit):
            self.init(
                level: .notice, id: event.id,
                sentence: "the disk has room for all of the buffer's \(Wording.bytes(limit)) again")
        }
    }

    private init(consumersInDoubt names: [String], _ isComplete: Bool, id: String) {
        let places =
            names.isEmpty
            ? ""
            : "what \(names.joined(separator: ", ")) had acknowledged last may be forgotten: they "
                + "then read some batches twice"
        let readers =
            isComplete
            ? ""
            : "those that are registered are not those that were: a consumer is missing, or one "
                + "that was removed is back; look at /v1/status, register whoever is missing "
                + "(start: earliest), and delete whoever should not be there"
        self.init(
            level: .error, id: id,
            sentence: "the buffer's log lost something about consumers: "
                + [places, readers].filter { !$0.isEmpty }.joined(separator: "; ")
                + "; no batch is lost by that: check the disk",
            facts: names.isEmpty ? [:] : ["consumers": "\(names.joined(separator: " "))"])
    }

    private init(salvaged report: SalvageReport, id: String) {
        let lost =
            report.lost == 0
            ? "nothing is missing"
            : "\(Wording.count(report.lost, "record")) are lost, and the stream says so"
        let remains =
            report.isKept
            ? "\(Wording.bytes(report.remains)) stay in quarantine, to be looked at"
            : "the rest, \(Wording.bytes(report.remains)), was deleted"
        self.init(
            level: report.lost == 0 ? .notice : .error, id: id,
            sentence: "\(Wording.count(report.batches, "batch")) with "
                + "\(Wording.count(report.records, "record")) of epoch \(report.epoch.text) were "
                + "brought back from quarantine; \(lost); \(remains)",
            facts: [
                "from": "\(report.epoch.text)", "batches": "\(report.batches)",
                "records": "\(report.records)", "lost": "\(report.lost)",
                "remains": "\(report.remains)",
            ])
    }

    private init(replaced ended: EndedEpoch, by epoch: Epoch, id: String) {
        let what =
            switch ended.reason {
            case .corruption: "the buffer's database is damaged and lies in quarantine"
            case .missing: "the buffer's database is gone"
            case .replaced: "the buffer's database was exchanged for another one"
            }
        self.init(
            level: .error, id: id,
            sentence: "\(what): the stream goes on in epoch \(epoch.text); up to "
                + "\(Wording.count(Int(ended.owed), "record")) of epoch \(ended.epoch.text) in "
                + "doubt: what can be salvaged returns, the stream says what is lost",
            facts: [
                "from": "\(ended.epoch.text)", "to": "\(epoch.text)",
                "reason": "\(ended.reason.rawValue)", "records": "\(ended.owed)",
            ])
    }
}
