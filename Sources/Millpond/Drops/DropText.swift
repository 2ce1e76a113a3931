// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

// What is said of a folder of drops.

extension DropVerification {
    var sentences: [String] {
        let counts = counts
        var lines = [
            "\(isSound ? "sound" : "NOT SOUND"): \(Wording.count(drops.count, "drop")) with "
                + "\(Wording.count(counts.batches, "batch")), "
                + "\(Wording.count(counts.records, "record")) "
                + "(\(Wording.count(counts.readings, "reading"))), and "
                + "\(Wording.count(counts.lost, "record")) that the gateway has lost"
        ]
        lines += faults.map { "\($0.file): \($0.fault)" }
        let first = starts.first
        for start in starts.dropFirst() where !unfinished.contains(where: { $0.to == start.after })
        {
            lines.append("missing: what comes before \(start.name.content), up to \(start.after)")
        }
        lines += unfinished.map {
            "\($0.content): it has no manifest, and is not finished: "
                + (isMissing($0)
                    ? "the next one follows it; export into the sender's folder again, and send it"
                    : "it may be on its way")
        }
        lines += withoutSums.map {
            "\($0.name.sums): it is not there; the manifest holds without it"
        }
        lines += begunAnew.map {
            "\($0.name.content): begun anew by --after \($0.after), which is where the one before "
                + "ends: its manifest does not know that file, and cursors and seals alone prove it"
        }
        if isSound, let first, let last = ends.last {
            lines.append(
                "nothing is missing after \(first.after) and up to \(last.to): hold that against the "
                    + "last file that was sent")
        }
        return lines
    }

    var json: String {
        var json = JSONText()
        let counts = counts
        json.object { json in
            json.member("sound", isSound)
            json.member("drops", drops.count)
            json.member("batches", counts.batches)
            json.member("records", counts.records)
            json.member("readings", counts.readings)
            json.member("lost_records", counts.lost)
            json.array("starts") { json in
                for start in starts { json.element("\(start.after)") }
            }
            json.array("ends") { json in
                for end in ends { json.element("\(end.to)") }
            }
            json.array("begun_anew") { json in
                for drop in begunAnew { json.element(drop.name.content) }
            }
            json.array("unfinished") { json in
                for name in unfinished { json.element(name.content) }
            }
            json.array("without_sums") { json in
                for drop in withoutSums { json.element(drop.name.content) }
            }
            json.array("faults") { json in
                for (file, fault) in faults {
                    json.object { json in
                        json.member("file", file)
                        json.member("fault", fault)
                    }
                }
            }
        }
        return json.text
    }
}
