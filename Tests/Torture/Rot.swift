// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

// What rot can have taken, and who reads.

extension Examination {
    /// Of each batch at most what it had: what was condensed took the rest from others. The books say
    /// that it adds up.
    mutating func holdRot(_ range: LostRange) throws(Judge.Broken) {
        var most = 0
        for sequence in range.from.sequence...range.to.sequence {
            let cursor = Cursor(epoch: range.from.epoch, sequence: sequence)
            guard let content = journal.contents[cursor] else {
                throw Judge.Broken("\(cursor) is lost, and was never there")
            }
            most += content.records
            if content.sha256 != nil { spoiled += 1 }
        }
        guard range.records <= most else {
            throw Judge.Broken("\(range) has \(range.records - most) records too many")
        }
        guard spoiled <= judge.costs else {
            throw Judge.Broken(
                "\(spoiled) batches are lost to rot that can have hit \(judge.costs)")
        }
    }

    /// What rot took of consumers is told: nobody goes back, comes or goes in silence.
    func holdConsumers(against events: [BufferEvent]) throws(Judge.Broken) {
        guard estate == nil else { return }
        var doubtful: [String] = []
        var isComplete = true
        for case .consumersInDoubt(let names, let isAll) in events {
            doubtful += names
            isComplete = isComplete && isAll
        }
        let isTailLost = events.contains { if case .tailLost = $0 { true } else { false } }
        guard truth.consumers.keys == base.consumers.keys || !isComplete else {
            throw Judge.Broken(
                "\(truth.consumers.keys) read, and not \(base.consumers.keys), unsaid")
        }
        for (name, sequence) in base.consumers {
            guard let now = truth.consumers[name], now != sequence else { continue }
            let isTold = doubtful.contains(name) || judge.isCut && isTailLost || !isComplete
            guard now < sequence, isTold else {
                throw Judge.Broken("consumer \(name) stands at \(now), not at \(sequence), unsaid")
            }
        }
    }

    func holdConsumers(_ found: [String: Int64]) throws(Judge.Broken) {
        let after = [reached.consumers] + (judge.attempt.map { [$0.consumers] } ?? [])
        for (name, sequence) in base.consumers {
            guard let now = found[name] else {
                guard after.contains(where: { $0[name] == nil }) else {
                    throw Judge.Broken("consumer \(name) is gone")
                }
                continue
            }
            guard now >= sequence, now <= after.map({ $0[name] ?? sequence }).max() ?? sequence
            else { throw Judge.Broken("consumer \(name) stands at \(now), not at \(sequence)") }
        }
        // Those of the epoch before come back when they are found, and salvage cannot tell a page
        // of today from one of yesterday: who had been removed may come back with them.
        guard estate == nil else { return }
        for name in found.keys where base.consumers[name] == nil {
            guard after.contains(where: { $0[name] != nil }) else {
                throw Judge.Broken("consumer \(name) is back")
            }
        }
    }
}
