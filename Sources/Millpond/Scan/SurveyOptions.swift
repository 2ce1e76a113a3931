// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import ArgumentParser
internal import Modbus
internal import Plant
internal import Settings

/// How far a draft looks. What is not said is `nil`, because it means nothing without a draft.
struct SurveyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Addresses to look at, from 0 (default: 0-511).", valueName: "0-511,2999-3120"))
    var addresses: String?
    @Option(
        help: ArgumentHelp(
            "Of holding, input, coil and discrete (default: holding,input).", valueName: "tables"))
    var tables: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests in one table of one unit, at the most (default: \(RegisterSurvey.limit)).",
            valueName: "number"))
    var requests: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How often what was found is read (default: \(Self.usualSamples)).",
            valueName: "number"))
    var samples: Int?
    @Option(
        help: ArgumentHelp(
            "From the first sample to the last (default: \(Self.usualSpan.setting)).",
            valueName: "duration"),
        transform: DurationArgument.parse)
    var over: DurationArgument?

    private static let usualSamples = 5
    private static let usualSpan = Duration.seconds(8)

    /// The options that were said.
    var given: [String] {
        [
            ("--addresses", addresses != nil), ("--tables", tables != nil),
            ("--requests", requests != nil), ("--samples", samples != nil),
            ("--over", over != nil),
        ].filter(\.1).map(\.0)
    }

    /// Throws what may be said instead.
    func order(path: String, within budget: ScanBudget) throws -> DraftOrder {
        guard let ranges = NumberRanges.read(addresses ?? "0-511", in: 0...65_535) else {
            throw ValidationError(
                "--addresses takes addresses and ranges of 0-65535, none twice, as 0-511,2999-3120")
        }
        let requests = requests ?? RegisterSurvey.limit
        guard (1...10_000).contains(requests) else {
            throw ValidationError("--requests is 1 to 10000")
        }
        let (samples, span) = try sampling(within: budget)
        return DraftOrder(
            path: path, tables: try named(),
            addresses: ranges.map { $0.lowerBound..<$0.upperBound + 1 }, requests: requests,
            samples: samples, span: span)
    }

    private func named() throws -> [Table] {
        let named = (tables ?? "holding,input").split(
            separator: ",", omittingEmptySubsequences: false
        ).map { Table(rawValue: String($0)) }
        guard !named.contains(nil), Set(named).count == named.count else {
            throw ValidationError("--tables takes some of holding,input,coil,discrete, none twice")
        }
        return named.compactMap(\.self)
    }

    private func sampling(within budget: ScanBudget) throws -> (samples: Int, span: Duration) {
        let samples = samples ?? Self.usualSamples
        let span = over?.duration ?? max(Self.usualSpan, budget.interval * (samples - 1))
        guard (2...100).contains(samples), span <= .seconds(600) else {
            throw ValidationError("--samples is 2 to 100, --over at most 10m")
        }
        let least = budget.interval * (samples - 1)
        guard span >= least else {
            throw ValidationError(
                "--over is at least \(least.setting) for \(samples) samples at --rate \(budget.rate)"
            )
        }
        return (samples, span)
    }
}
