// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

// What is said of a verified buffer.

extension Verification {
    var sentences: [String] {
        var lines = [
            "\(isSound ? "sound" : "NOT SOUND"): epoch \(epoch.text), sequences 1 to \(newest)",
            "\(Wording.count(batches, "batch")) with \(Wording.count(records, "record")) "
                + "(\(Wording.count(readings, "reading"))) read and hashed: every seal holds"
                + (damaged.isEmpty ? "" : ", but for those below"),
        ]
        for range in lost {
            lines.append(
                "gone, as the stream says: \(range.from) to \(range.to), "
                    + "\(Wording.count(range.records, "record")) (\(range.reason.rawValue))")
        }
        lines += damaged.map {
            "damaged: \($0.cursor), \(Wording.count($0.records, "record")): \($0.damage.sentence)"
        }
        lines += unaccounted.map {
            "unaccounted for: sequences \($0.lowerBound) to \($0.upperBound)"
        }
        lines += contradictions.map(\.sentence)
        lines += databaseSentences
        if database == nil {
            lines.append("SQLite's own check was left out: the file is large, and a gateway has it")
        }
        lines += ended.map {
            "before this, epoch \($0.epoch.text) ended after \($0.newest) (\($0.reason.rawValue))"
        }
        if owed > 0 {
            lines.append(
                "\(Wording.count(Int(owed), "record")) of epochs before this one lie in quarantine: "
                    + "a gateway brings back what it finds there, and tells of the rest as lost")
        }
        if lost.isEmpty, owed == 0, isSound {
            lines.append("nothing is lost, no sequence is missing")
        }
        return lines
    }

    private var databaseSentences: [String] {
        let findings = database ?? []
        let lines = findings.map { "SQLite: \($0.line)" }
        if findings.isEmpty { return [] }
        guard findings.allSatisfy(\.isOfFreeRoom) else {
            return lines + [
                "the database's pages contradict one another; what stands above was read all the same: "
                    + "`millpond run` moves it into quarantine when it meets that, brings back what is "
                    + "whole, and the stream says what is lost"
            ]
        }
        return lines + [
            "that is free room, miscounted: no record lies there, and none is lost by it; to be rid of "
                + "it, stop the gateway and run `sqlite3 millpond.db VACUUM` in the buffer's folder"
        ]
    }

    var json: String {
        var json = JSONText()
        json.object { json in
            json.member("sound", isSound)
            json.member("epoch", epoch.text)
            json.member("newest", newest)
            json.member("batches", batches)
            json.member("records", records)
            json.member("readings", readings)
            json.member("lost_records", lostRecords)
            json.member("owed_records", owed)
            json.array("lost") { json in
                for range in lost {
                    Page.Item.lost(range).discontinuity.map { json.element(json: $0) }
                }
            }
            json.array("damaged") { json in
                for batch in damaged {
                    json.object { json in
                        json.member("cursor", batch.cursor)
                        json.member("records", batch.records)
                        json.member("damage", batch.damage.sentence)
                    }
                }
            }
            json.array("unaccounted") { json in
                for range in unaccounted {
                    json.object { json in
                        json.member("from", range.lowerBound)
                        json.member("to", range.upperBound)
                    }
                }
            }
            json.array("ended") { json in
                for epoch in ended {
                    json.object { json in
                        json.member("epoch", epoch.epoch.text)
                        json.member("newest", epoch.newest)
                        json.member("reason", epoch.reason.rawValue)
                    }
                }
            }
            json.array("contradictions") { json in
                for contradiction in contradictions { json.element(contradiction.sentence) }
            }
            if let database {
                json.array("database") { json in
                    for finding in database { json.element(finding.line) }
                }
            }
        }
        return json.text
    }
}

extension Verification.Contradiction {
    fileprivate var sentence: String {
        switch self {
        case .behindMark(let newest):
            "the mark tells of batches up to \(newest): the database has lost its newest ones"
        case .otherThanMark(let epoch):
            "the mark tells of epoch \(epoch.text), which this database does not know: it was put "
                + "in another one's place"
        case .consumerBeyondNewest(let name, let cursor):
            "consumer \(name) stands at \(cursor), beyond the newest"
        case .consumerDamaged(let name): "the place of consumer \(name) does not check"
        case .tally(let kept):
            "the database counts \(Wording.count(Int(kept), "record")), its batches have others"
        case .books(let produced, let kept, let lost):
            "\(Wording.count(Int(produced), "record")) came, and \(kept) are kept and \(lost) told "
                + "of as lost, \(kept &+ lost) together: the books do not agree"
        case .row(let cursor):
            "the database's entry for \(cursor) says other than the batch, which is whole: a gateway "
                + "sets it right when it next reads or checks it"
        }
    }
}

extension Damage {
    fileprivate var sentence: String {
        switch self {
        case .frame: "it does not decompress, or its checksum does not match"
        case .content: "its content breaks off or says what cannot be"
        case .mismatch: "it is another batch than the database says"
        case .seal: "its lines do not hash to its seal"
        case .unreadable(let code): "SQLite cannot read it (result code \(code))"
        }
    }
}
