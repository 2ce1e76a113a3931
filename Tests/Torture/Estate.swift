// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

/// What an epoch leaves to the next one when its database is damaged: batches, each as it has to
/// come back, by the cursor that it had first.
struct Estate: Sendable {
    /// These come back, or are told as lost, to the last record.
    private var due: [Cursor: Content] = [:]
    /// These may: every consumer had them, or nobody was told that they are there.
    private var open: [Cursor: Content] = [:]
    /// How many of `due` the damage can have taken at most.
    private var taken: Int
    /// Who read the epoch, each at the beginning of the next.
    let readers: [String: Int64]
    /// Those who are known there whatever was damaged.
    var consumers: [String: Int64] { taken == .max ? [:] : readers }

    /// `truth` is what was acknowledged last in the epoch, and `reached` what was under way.
    init(of truth: Journal.Truth, until reached: Journal.Truth?, in journal: Journal) {
        let reached = reached.flatMap { $0.epoch == truth.epoch ? $0 : nil } ?? truth
        let read = [truth, reached].compactMap { $0.consumers.values.min() }.max() ?? 0
        taken = truth.ruin == .anywhere ? .max : truth.spoiled
        readers = truth.consumers.filter { reached.consumers[$0.key] != nil }.mapValues { _ in 0 }
        var newest = max(truth.newest, reached.newest)
        // It can have ended before anybody heard how far it had come.
        while journal.contents[Cursor(epoch: truth.epoch, sequence: newest + 1)] != nil {
            newest += 1
        }
        for sequence in stride(from: 1, through: newest, by: 1) {
            let cursor = Cursor(epoch: truth.epoch, sequence: sequence)
            guard var content = journal.contents[cursor], content.sha256 != nil else { continue }
            var first = cursor
            if case .salvaged(let origin) = content.origin { first = origin }
            content.origin = .salvaged(first)
            // What had gone stays away, whatever is damaged: the mark says how far that was.
            if sequence < truth.oldest {
                continue
            } else if sequence <= truth.newest, sequence > read {
                due[first] = content
            } else {
                open[first] = content
            }
        }
    }

    /// Whether a batch came back as it was.
    func holds(_ content: Content) -> Bool {
        guard case .salvaged(let first) = content.origin else { return false }
        return [due, open].contains { $0[first] == content }
    }

    /// Holds what came back, and how many records were told as lost, against what there was.
    func settle(_ returned: Set<Cursor>, told: Int) throws(Judge.Broken) {
        let missing = due.filter { !returned.contains($0.key) }
        let spare = open.reduce(0) { $0 + (returned.contains($1.key) ? 0 : $1.value.records) }
        let owed = missing.reduce(0) { $0 + $1.value.records }
        guard owed <= told, told <= owed + spare else {
            throw Judge.Broken("\(told) records of another epoch are told as lost, and not \(owed)")
        }
        guard missing.count <= taken else {
            throw Judge.Broken("\(missing.count) sound batches of another epoch are not back")
        }
    }
}
