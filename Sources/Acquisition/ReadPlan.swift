// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
internal import Plant

/// Which requests fetch a device's signals, and where each signal lies in the answers.
///
/// What it promises: a value is never split, every signal is served by exactly one request, and no
/// request exceeds the profile's `max-registers`, its `max-gap` or the table's own limit. Signals
/// of one period share requests; one whose period is a multiple of a faster request's rides along
/// in it for nothing where it lies within its span, and a request is never stretched for it. What
/// the device was found not to give is left out.
package struct ReadPlan: Sendable {
    /// One request, asked once a period.
    package struct Read: Hashable, Sendable {
        /// What is asked.
        package let request: Request
        /// How often; above zero.
        package let period: Duration
        /// The signals that it serves, in the order of their addresses.
        package let passengers: [Passenger]
        /// Registers (or bits) that are read and thrown away.
        package let waste: Int

        /// The same of another device.
        func asked(of unit: UInt8) -> Read {
            Read(
                request: Request(
                    unit: unit, table: request.table, start: request.start, count: request.count),
                period: period, passengers: passengers, waste: waste)
        }
    }

    /// A signal in an answer.
    package struct Passenger: Hashable, Sendable {
        /// Index into the points that the plan was made of.
        package let point: Int
        /// Of its first word in the answer.
        package let offset: Int
        /// It takes part in every so-manieth answer: its period over the request's.
        package let stride: Int
    }

    /// The fastest first, then by table and address.
    package let reads: [Read]

    /// Plans `points`, each of which is to be read once per period of the same index, except those
    /// that the device is known to refuse.
    package init(
        _ points: [Point], periods: [Duration], unit: UInt8, maxRegisters: Int, maxGap: Int,
        knowing learnt: Learnt = Learnt()
    ) {
        precondition(points.count == periods.count, "every point has a period")
        let given = points.indices.filter { learnt.refusal(of: points[$0]) == nil }
        var blocks: [Block] = []
        for period in Set(periods).sorted() {
            let due = given.filter { periods[$0] == period }
            for table in Table.allCases {
                let limit = Self.limit(of: table, maxRegisters: maxRegisters)
                var group: [Block] = []
                for index in due.filter({ points[$0].source.table == table })
                    .sorted(by: { points[$0].extent.lowerBound < points[$1].extent.lowerBound })
                {
                    let stop = Stop(index, points[index].extent)
                    if let host = blocks.firstIndex(where: {
                        $0.carries(stop, table: table, period: period)
                    }) {
                        blocks[host].stops.append(stop)
                    } else if let last = group.last,
                        last.takes(stop, limit: limit, maxGap: maxGap),
                        learnt.admits(
                            last.span(with: stop), lastStart: stop.start, of: table)
                    {
                        group[group.count - 1].append(stop)
                    } else {
                        group.append(Block(table: table, period: period, first: stop))
                    }
                }
                blocks += group
            }
        }
        reads = blocks.map { $0.read(of: unit, periods: periods) }
    }

    /// One request for `some` of `points`, all of one table, in the order of their addresses.
    static func read(
        _ some: some Collection<Int>, of points: [Point], periods: [Duration], unit: UInt8
    ) -> Read {
        let stops = some.map { Stop($0, points[$0].extent) }
        guard let first = stops.first, let any = some.first else {
            preconditionFailure("a request is for something")
        }
        var block = Block(
            table: points[any].source.table, period: some.map { periods[$0] }.min() ?? periods[any],
            first: first)
        for stop in stops.dropFirst() { block.append(stop) }
        return block.read(of: unit, periods: periods)
    }

    /// A bit table packs 16 to a register: the same bytes in the answer, up to the table's limit.
    static func limit(of table: Table, maxRegisters: Int) -> Int {
        min(table.limit, table.holdsBits ? maxRegisters * 16 : maxRegisters)
    }
}

/// A signal's place in its table.
private struct Stop {
    let point: Int
    let start: Int
    let end: Int

    init(_ point: Int, _ extent: Range<Int>) {
        self.point = point
        start = extent.lowerBound
        end = extent.upperBound
    }
}

/// A request in the making.
private struct Block {
    let table: Table
    let period: Duration
    var stops: [Stop]
    var start: Int
    var end: Int

    init(table: Table, period: Duration, first: Stop) {
        self.table = table
        self.period = period
        stops = [first]
        start = first.start
        end = first.end
    }

    /// Whether a signal that comes later in the table can join without breaking a limit.
    func takes(_ stop: Stop, limit: Int, maxGap: Int) -> Bool {
        stop.start - end <= maxGap && span(with: stop).count <= limit
    }

    func span(with stop: Stop) -> Range<Int> { start..<max(end, stop.end) }

    /// Whether a slower signal's registers are fetched anyway, at a multiple of this period.
    func carries(_ stop: Stop, table other: Table, period slower: Duration) -> Bool {
        table == other && slower.isMultiple(of: period) && start <= stop.start && stop.end <= end
    }

    mutating func append(_ stop: Stop) {
        stops.append(stop)
        end = max(end, stop.end)
    }

    func read(of unit: UInt8, periods: [Duration]) -> ReadPlan.Read {
        let used = stops.reduce(into: Set<Int>()) { $0.formUnion($1.start..<$1.end) }
        return ReadPlan.Read(
            request: Request(
                unit: unit, table: table, start: UInt16(start), count: end - start),
            period: period,
            passengers: stops.sorted { $0.start < $1.start }.map { stop in
                ReadPlan.Passenger(
                    point: stop.point, offset: stop.start - start,
                    stride: Int(periods[stop.point] / period))
            },
            waste: end - start - used.count)
    }
}
