// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Plant

/// Works out a line's derived signals as their inputs come.
///
/// One is worked out with the report that brings the last of its inputs, once each of them has been
/// read anew, and has that report's time. An input older than three quarters of the slowest one's
/// period is of the cycle before and is waited for: new and old never mix. A bad input makes it bad
/// at once. A value: it reads no clock.
struct DerivedWatch: Sendable {
    private struct Input: Sendable {
        var content = Reading.Content.bad(.notYetRead)
        var at = Duration.zero
        /// The derived signals that it goes into, and at which place.
        var uses: [(output: Int, position: Int)] = []
    }

    private struct Output: Sendable {
        let plan: DerivedPlan
        let inputs: [Int]
        /// Of each input, whether it has come since the last result.
        var isFresh: [Bool]
        var news = News.none
    }

    private enum News { case none, good, bad }

    private var inputs: [Input] = []
    private var outputs: [Output] = []
    /// Index of the signal in the plan → its place among the inputs.
    private var places: [Int: Int] = [:]

    /// In the order of the profile: of two of one device, the later may use the former.
    init(_ plans: [DerivedPlan]) {
        for (output, plan) in plans.enumerated() {
            let found = plan.inputs.enumerated().map { position, signal in
                let place = places[signal] ?? inputs.count
                if place == inputs.count {
                    places[signal] = place
                    inputs.append(Input())
                }
                inputs[place].uses.append((output, position))
                return place
            }
            outputs.append(
                Output(
                    plan: plan, inputs: found,
                    isFresh: Array(repeating: false, count: found.count)))
        }
    }

    /// Adds to a report what follows from its observations.
    mutating func complete(_ report: inout Report) {
        guard !outputs.isEmpty, !report.observations.isEmpty else { return }
        for observation in report.observations { take(observation, at: report.at.monotonic) }
        for index in outputs.indices where outputs[index].news != .none {
            guard let content = settle(index, at: report.at.monotonic) else { continue }
            let derived = Report.Observation(
                signal: outputs[index].plan.signal, content: content)
            report.observations.append(derived)
            take(derived, at: report.at.monotonic)
        }
    }

    private mutating func take(_ observation: Report.Observation, at now: Duration) {
        guard let place = places[observation.signal] else { return }
        inputs[place].content = observation.content
        inputs[place].at = now
        let isBad = observation.content.quality == .bad
        for (output, position) in inputs[place].uses {
            outputs[output].isFresh[position] = true
            if outputs[output].news != .bad { outputs[output].news = isBad ? .bad : .good }
        }
    }

    /// What to say of a derived signal that has news; `nil` if it still waits for some of its
    /// inputs, or if nothing has changed in its being bad.
    private mutating func settle(_ index: Int, at now: Duration) -> Reading.Content? {
        let news = outputs[index].news
        outputs[index].news = .none
        let found = outputs[index].inputs.map { inputs[$0] }
        let isBad = found.contains { $0.content.quality == .bad }
        if isBad, news == .good { return nil }
        if !isBad {
            let oldest = now - outputs[index].plan.period * 0.75
            for (position, input) in found.enumerated() where input.at < oldest {
                outputs[index].isFresh[position] = false
            }
            guard outputs[index].isFresh.allSatisfy(\.self) else { return nil }
        }
        for position in found.indices { outputs[index].isFresh[position] = false }
        // What has not been read yet explains nothing while another input is bad.
        let contents = found.map(\.content)
        if isBad, let known = contents.first(where: { $0.isKnownBad }) { return known }
        return outputs[index].plan.source.content(of: contents)
    }
}

extension Reading.Content {
    fileprivate var isKnownBad: Bool { quality == .bad && reason != .notYetRead }
}
