// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Glibc
internal import Modbus

/// A link that a scan asks through, at a bounded rate; on the scan's own thread.
struct ScanSession: ~Copyable {
    /// What came of a question.
    enum Answer {
        case words([UInt16])
        case refused(exception: UInt8)
        case silent
        case garbled
        /// The peer closed the connection rather than answer.
        case hungUp
        /// The port cannot be set so.
        case impossible
        /// The line is asked to stop.
        case stopped
        /// The place cannot be reached, or not any more.
        case failed(ModbusError)
    }

    let line: Line
    let budget: ScanBudget
    private var link: Link
    /// Who answered after being given up, and how late.
    private(set) var late: [UInt8: LateAnswer] = [:]
    private var last: ContinuousClock.Instant?

    init(to endpoint: Endpoint, _ budget: ScanBudget, heeding line: Line) {
        self.line = line
        self.budget = budget
        link = Link(to: endpoint, heeding: line)
    }

    /// Asks `request` at `endpoint`, which takes the place of the one before.
    mutating func ask(_ request: Request, at endpoint: Endpoint) -> Answer {
        perform(at: endpoint) { link, budget throws(ModbusError) in
            try link.read(request, within: budget.patience(for: request, at: endpoint))
        }
    }

    /// What the unit says of itself; what it does not answer is not there.
    mutating func describe(_ unit: UInt8, at endpoint: Endpoint) -> SelfDescription {
        var description = SelfDescription()
        var said: DeviceIdentification?
        let patience = Self.patience(budget)
        _ = perform(at: endpoint) { link, _ throws(ModbusError) in
            said = try link.identification(of: unit, within: patience)
            return []
        }
        description.identification = said
        var id: [UInt8]?
        _ = perform(at: endpoint) { link, _ throws(ModbusError) in
            id = try link.serverID(of: unit, within: patience)
            return []
        }
        description.serverID = id
        return description
    }

    /// For one of a unit's own descriptions: it is long and may take several questions.
    static func patience(_ budget: ScanBudget) -> Duration { max(budget.timeout * 3, .seconds(1)) }

    private mutating func perform(
        at endpoint: Endpoint,
        _ ask: (inout Link, ScanBudget) throws(ModbusError) -> [UInt16]
    ) -> Answer {
        if link.endpoint != endpoint { link = Link(to: endpoint, heeding: line) }
        if let last, line.pause(until: last + budget.interval) == .stop { return .stopped }
        if line.isStopping { return .stopped }
        last = .now
        do throws(ModbusError) {
            if !link.isConnected { try link.connect(within: max(budget.timeout, .seconds(3))) }
        } catch {
            return Self.answer(toOpening: error)
        }
        do throws(ModbusError) {
            defer { noteLate() }
            return .words(try ask(&link, budget))
        } catch {
            return Self.answer(toAsking: error)
        }
    }

    private mutating func noteLate() {
        if let found = link.counts.latestLate { late[found.unit] = found }
    }

    /// Listens on after a silence: nobody is asked any more who would wait meanwhile.
    mutating func listen() {
        link.listen(for: LateAnswer.patience(after: budget.timeout))
        noteLate()
    }

    private static func answer(toOpening error: ModbusError) -> Answer {
        switch error {
        case .broken(ECANCELED): .stopped
        case .broken(EOPNOTSUPP), .broken(EINVAL): .impossible
        default: .failed(error)
        }
    }

    private static func answer(toAsking error: ModbusError) -> Answer {
        switch error {
        case .refused(let exception): .refused(exception: exception)
        case .silent: .silent
        case .garbled: .garbled
        case .broken(ECANCELED): .stopped
        // Some devices hang up on what they do not understand, such as another unit's number.
        case .broken(ECONNRESET), .broken(EPIPE): .hungUp
        default: .failed(error)
        }
    }
}
