// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Modbus
import Synchronization
import Testing

@testable import Acquisition

/// Every misbehaviour on every kind of wire, met by the whole way from the wire to a published
/// value; the outcome is written as a table.
struct FaultTableTests {
    /// Threads that work on rows side by side: they wait most of the time.
    private static let hands = 16
    /// A row that costs more than its due is tried again with more time, and says so: where a machine
    /// stands still for a tenth of a timeout, a request outlasts its deadline, an answer becomes a
    /// timeout, and neither is a fault of the line's. A wrong value is never tried again.
    private static let timeouts: [Duration] = [
        .milliseconds(200), .milliseconds(500), .seconds(1),
    ]
    private static let file = ".build/faults.txt"

    private struct Work {
        var open: [(fault: FaultCase, way: Way)]
        var rows: [FaultRow] = []
        var errors: [ModbusError] = []
    }

    @Test func `no fault makes a wrong value, or costs more than its due`() async throws {
        let cases = FaultCase.all.flatMap { fault in Way.allCases.map { (fault, $0) } }
        let rows = try await Self.rows(cases.reversed())
        let order = FaultCase.all.map(\.name)
        let sorted = rows.sorted { one, two in
            let (first, second) = (order.firstIndex(of: one.name), order.firstIndex(of: two.name))
            return (first ?? 0, one.way.rawValue) < (second ?? 0, two.way.rawValue)
        }
        let table = FaultRow.table(sorted)
        print(table)
        try Data(table.utf8).write(to: URL(filePath: Self.file))
        #expect(sorted.count > 2 * FaultCase.all.count)
        for row in sorted {
            #expect(row.violations.isEmpty, "\(row.name), \(row.way.rawValue)")
        }
    }

    private static func rows(_ cases: [(FaultCase, Way)]) async throws -> [FaultRow] {
        let work = Box(Work(open: cases))
        let lines = (0..<hands).map { _ in
            Line(name: "faults") { line in
                while let (fault, way) = work.state.withLock({ $0.open.popLast() }) {
                    do throws(ModbusError) {
                        guard let row = try row(fault, way, on: line) else { continue }
                        work.state.withLock { $0.rows.append(row) }
                    } catch {
                        work.state.withLock { $0.errors.append(error) }
                    }
                }
            }
        }
        for line in lines { await line.finished() }
        let (rows, errors) = work.state.withLock { ($0.rows, $0.errors) }
        #expect(errors.isEmpty)
        return rows
    }

    private static func row(
        _ fault: FaultCase, _ way: Way, on line: Line
    ) throws(ModbusError) -> FaultRow? {
        var row: FaultRow?
        for (index, timeout) in timeouts.enumerated() {
            row = try FaultRow(fault, way, timeout: timeout, on: line)
            row?.tries = index + 1
            guard let row, row.tally.wrong == 0, !row.violations.isEmpty else { break }
        }
        return row
    }

    private final class Box: Sendable {
        let state: Mutex<Work>

        init(_ work: Work) { state = Mutex(work) }
    }
}
