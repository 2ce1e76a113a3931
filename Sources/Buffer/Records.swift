// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// Records in order, as they are gathered: their signals are told apart by number, so that a
/// reading takes 24 bytes and no reference. A large plant makes 85,000 of them a second.
package struct Records: Sendable {
    /// Whom the readings' numbers mean.
    let roster: Roster
    private(set) var items: [Item] = []
    /// Entries, and values that fit no cell, which items name by their running number.
    private var entries = Numbered<Columns.EntryRecord>()
    private var literals = Numbered<Value>()

    /// One record.
    struct Item {
        /// Milliseconds since 1970.
        let time: Int64
        /// The bits of a `Double`, a Boolean as 0 or 1, or a running number.
        let cell: UInt64
        /// The number of its signal; none in an entry.
        let signal: Int32
        let state: State
        let form: Form
    }

    /// What an item's cell holds.
    enum Form: UInt8 { case nothing, number, boolean, literal, entry }

    /// None yet; readings will be of the signals of `roster`.
    package init(of roster: Roster) {
        self.roster = roster
    }

    /// How many there are.
    package var count: Int { items.count }
    /// Whether there is none.
    package var isEmpty: Bool { items.isEmpty }
}

extension Records {
    /// Adds a reading of the signal with this number.
    package mutating func append(
        _ content: Reading.Content, of signal: Int, at time: Timestamp
    ) {
        let form: Form
        let cell: UInt64
        switch content.value {
        case nil: (form, cell) = (.nothing, 0)
        case .number(let number):
            precondition(number.isFinite, "a Value is always finite")
            (form, cell) = (.number, number.bitPattern)
        case .boolean(let boolean): (form, cell) = (.boolean, boolean ? 1 : 0)
        case let value?: (form, cell) = (.literal, literals.append(value))
        }
        items.append(
            Item(
                time: time.milliseconds, cell: cell, signal: Int32(signal), state: State(content),
                form: form))
    }

    /// Adds a transition: a `health` line.
    package mutating func append(health entry: Entry) { append(entry, .health) }

    /// Adds something said of the data: a `note` line.
    package mutating func append(note entry: Entry) { append(entry, .note) }

    /// Adds what is left of readings: a `summary` line.
    mutating func append(summary entry: Entry) { append(entry, .summary) }

    private mutating func append(_ entry: Entry, _ kind: Columns.EntryRecord.Kind) {
        precondition(entry.isOneLine, "an entry is one line")
        items.append(
            Item(
                time: entry.time.milliseconds,
                cell: entries.append(Columns.EntryRecord(kind: kind, entry: entry)), signal: -1,
                state: .good, form: .entry))
    }

    /// Makes room for so many.
    package mutating func reserve(_ count: Int) { items.reserveCapacity(count) }

    /// The first `count`, or all there are.
    package func prefix(_ count: Int) -> Records {
        guard count < items.count else { return self }
        var first = self
        first.items = Array(items.prefix(count))
        return first
    }

    /// Removes the first `count`, and the room that they took.
    package mutating func removeFirst(_ count: Int) {
        for item in items.prefix(count) {
            switch item.form {
            case .literal: literals.removeFirst()
            case .entry: entries.removeFirst()
            case .nothing, .number, .boolean: break
            }
        }
        items = Array(items.dropFirst(count))
        literals.tidy()
        entries.tidy()
    }

    /// The earliest and the latest time of the first `count`; `nil` of none.
    package func times(ofFirst count: Int) -> ClosedRange<Timestamp>? {
        let times = items.prefix(count).lazy.map(\.time)
        guard let first = times.min(), let last = times.max() else { return nil }
        return Timestamp(milliseconds: first)...Timestamp(milliseconds: last)
    }
}

extension Records {
    /// An item's entry, which it has by its form.
    func entry(of item: Item) -> Columns.EntryRecord { entries[item.cell] }

    /// An item's value; `nil` if it has none.
    func value(of item: Item) -> Value? {
        switch item.form {
        case .number: .number(Double(bitPattern: item.cell))
        case .boolean: .boolean(item.cell != 0)
        case .literal: literals[item.cell]
        case .nothing, .entry: nil
        }
    }
}

/// Things with running numbers, of which the oldest can go.
private struct Numbered<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    /// How many of `elements` have gone, and how many went before them.
    private var gone = 0
    private var before: UInt64 = 0

    mutating func append(_ element: Element) -> UInt64 {
        elements.append(element)
        return before + UInt64(elements.count) - 1
    }

    subscript(number: UInt64) -> Element { elements[Int(number - before)] }

    mutating func removeFirst() { gone += 1 }

    /// Gives back what is gone.
    mutating func tidy() {
        elements = Array(elements.dropFirst(gone))
        before += UInt64(gone)
        gone = 0
    }
}
