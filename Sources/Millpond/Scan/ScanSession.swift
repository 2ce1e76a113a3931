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
        /// The port cannot be set so.
        case impossible
        /// The line is asked to stop.
        case stopped
        /// The place cannot be reached, or not any more.
        case failed(ModbusError)
    }

    /// A socket that does not come back at once is gone.
    private static let reconnections = 3

    let line: Line
    let budget: ScanBudget
    private var link: Link
    private var last: ContinuousClock.Instant?
    private var losses = 0

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
        // The answer is long and may take several questions.
        let patience = max(budget.timeout * 3, .seconds(1))
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
            let words = try ask(&link, budget)
            losses = 0
            return .words(words)
        } catch {
            return answer(to: error)
        }
    }

    private mutating func answer(to error: ModbusError) -> Answer {
        switch error {
        case .refused(let exception):
            losses = 0
            return .refused(exception: exception)
        case .silent: return .silent
        case .garbled: return .garbled
        case .broken(ECANCELED): return .stopped
        case .broken(EOPNOTSUPP), .broken(EINVAL): return .impossible
        case .broken(ECONNRESET), .broken(EPIPE):
            // Some devices hang up on what they do not understand, such as another unit's number.
            losses += 1
            return losses < Self.reconnections ? .silent : .failed(error)
        default: return .failed(error)
        }
    }
}
