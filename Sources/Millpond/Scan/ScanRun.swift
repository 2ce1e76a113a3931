// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Modbus
internal import Plant

/// One scan, on a thread of its own: who is there, what each is, and drafts of the unknown.
struct ScanRun {
    /// What was asked for.
    struct Order: Sendable {
        let endpoint: Endpoint
        let settings: [Endpoint]
        let units: [UInt8]
        let budget: ScanBudget
        let known: [(id: String, identity: Identity)]
        /// `nil`: none is wanted.
        let draft: DraftOrder?
    }

    /// How long it may take at the longest to find out what one unit is.
    static func identification(_ order: Order) -> Duration {
        let marks = order.known.reduce(0) { $0 + $1.identity.registers.count }
        return order.budget.timeout * min(marks, markLimit) + ScanSession.patience(order.budget) * 2
    }

    /// The most register reads by which one unit is held against all the profiles.
    private static let markLimit = 32

    /// So many units without a gap are one device that does not look at the number.
    private static let manyUnits = 16

    let order: Order
    let progress = Progress()

    func run(heeding line: Line) -> ScanFinding {
        let begin = ContinuousClock.now
        var finding = ScanFinding(endpoint: order.endpoint)
        var session = ScanSession(to: order.settings[0], order.budget, heeding: line)
        search(&session, into: &finding)
        if finding.units.count == finding.asked, finding.asked >= Self.manyUnits {
            finding.hasOneForAll = true
            finding.units = Array(finding.units.prefix(1))
        }
        for index in finding.units.indices where !line.isStopping {
            identify(&finding.units[index], through: &session)
        }
        if let draft = order.draft, !line.isStopping, finding.failure == nil {
            draft.write(&finding, through: &session, progress)
        }
        progress.clear()
        finding.isStopped = line.isStopping
        finding.took = .now - begin
        return finding
    }

    private func search(_ session: inout ScanSession, into finding: inout ScanFinding) {
        var search = LineSearch(settings: order.settings, units: order.units)
        var wasSilent = false
        asking: while let question = search.next() {
            progress.show(
                "\(question.endpoint.format) unit \(question.unit); \(search.found.count) found; "
                    + "at most \(search.left) left")
            let request = ScanBudget.question(of: question.unit)
            let answer = session.ask(request, at: question.endpoint)
            wasSilent = if case .silent = answer { true } else { false }
            switch answer {
            case .words: search.record(.present)
            // A gateway says that nobody is there.
            case .refused(10), .refused(11): search.record(.absent)
            case .refused: search.record(.present)
            case .silent: search.record(.absent)
            case .garbled:
                search.record(.noise)
                finding.garbled.append(question)
            case .hungUp:
                search.record(.absent)
                finding.hangUps += 1
            case .impossible: search.record(.impossible)
            case .stopped: break asking
            case .failed(let error):
                finding.failure = error
                break asking
            }
            if search.found.count > finding.units.count {
                finding.units.append(
                    ScannedUnit(endpoint: question.endpoint, unit: question.unit))
                progress.say("found unit \(question.unit) at \(question.endpoint.text)")
            }
        }
        if wasSilent { session.listen() }
        let found = Set(finding.units.map(\.unit))
        finding.late = session.late.values.filter { !found.contains($0.unit) }
            .sorted { $0.unit < $1.unit }
        if search.isImpossible { finding.failure = .broken(errno: ErrorText.cannotBeSet) }
        finding.asked = search.asked
        // Noise at a wrong setting is what tells it from the right one.
        finding.noisy = search.proven == nil ? search.noisy : []
        finding.units.sort { $0.unit < $1.unit }
    }

    /// By its own words, which are the best evidence; by its registers where those match nothing.
    private func identify(_ unit: inout ScannedUnit, through session: inout ScanSession) {
        progress.show("unit \(unit.unit): what is it?")
        unit.description = session.describe(unit.unit, at: unit.endpoint)
        unit.recognitions = unit.description.matches(among: order.known)
        guard unit.recognitions.isEmpty else { return }
        var requests = 0
        for (id, identity) in order.known where !identity.registers.isEmpty {
            var holds = true
            for mark in identity.registers where holds {
                guard requests < Self.markLimit else { return }
                requests += 1
                let answer = session.ask(mark.request(of: unit.unit), at: unit.endpoint)
                guard case .words(let words) = answer, mark.holds(words) else {
                    holds = false
                    continue
                }
            }
            if holds {
                unit.recognitions.append(
                    Recognition(profile: id, evidence: .registers(identity.registers)))
            }
        }
    }
}

extension Endpoint {
    /// `9600 8E1`, and the place where there is no such thing.
    fileprivate var format: String {
        guard case .serial(_, let format) = self else { return text }
        return "\(format.baud) \(format.dataBits)\(format.parity.rawValue)\(format.stopBits):"
    }
}
