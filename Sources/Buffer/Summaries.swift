// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What is left of good readings, for each signal and window: of numbers the least, the greatest,
/// the mean and how many there were; of other values how often each came again.
///
/// Windows lie on a grid of the wall clock, so that summaries of one window that were made at two
/// times can be put together: the least of both, and the mean by their counts.
struct Summaries {
    /// Long enough that a few bytes stand for hundreds of readings, short enough to show a shift's
    /// course.
    static let windowMilliseconds: Int64 = 300_000

    private var items: [Item] = []
    private var places: [Key: Int] = [:]
    /// Of each signal, its place and window last: nearly every reading goes where the last one did.
    private var last: [(place: Int, window: Int64)?] = []

    private struct Key: Hashable {
        let signal: Int
        let window: Int64
        /// `nil` of numbers.
        let value: Value?
    }

    private struct Item {
        let key: Key
        var spread = NumberSpread()
    }

    var count: Int { items.count }

    /// Adds a number of a signal, which goes by its number.
    mutating func add(_ number: Double, of signal: Int, at time: Int64) {
        let window = Self.window(of: time)
        while last.count <= signal { last.append(nil) }
        if let last = last[signal], last.window == window {
            items[last.place].spread.add(number)
            return
        }
        let place = place(of: Key(signal: signal, window: window, value: nil))
        last[signal] = (place, window)
        items[place].spread.add(number)
    }

    /// Adds a value that is no number and came again.
    mutating func add(repeated value: Value, of signal: Int, at time: Int64) {
        let key = Key(signal: signal, window: Self.window(of: time), value: value)
        items[place(of: key)].spread.count += 1
    }

    private mutating func place(of key: Key) -> Int {
        if let known = places[key] { return known }
        places[key] = items.count
        items.append(Item(key: key))
        return items.count - 1
    }

    /// The start of a time's window; the earliest time there is, if that window begins before it.
    private static func window(of time: Int64) -> Int64 {
        let into = time % windowMilliseconds
        let (start, isTooEarly) = time.subtractingReportingOverflow(
            into < 0 ? into + windowMilliseconds : into)
        return isTooEarly ? .min : start
    }
}

extension Summaries {
    /// A `summary` line for each, by window, and in it in the order in which they began.
    func entries(of signals: [Signal]) -> [Entry] {
        items.enumerated().sorted {
            ($0.element.key.window, $0.offset) < ($1.element.key.window, $1.offset)
        }.map { Self.entry($0.element, of: signals[$0.element.key.signal]) }
    }

    private static func entry(_ item: Item, of signal: Signal) -> Entry {
        let start = item.key.window
        let (end, isTooLate) = start.addingReportingOverflow(windowMilliseconds)
        var json = JSONText()
        json.object { json in
            json.member("type", "summary")
            json.member("time", Timestamp(milliseconds: start))
            json.member("until", Timestamp(milliseconds: isTooLate ? .max : end))
            json.member("equipment", signal.equipment)
            json.member("signal", signal.name)
            json.member("unit", ifAny: signal.unit)
            if let value = item.key.value {
                json.member("value", value)
            } else {
                json.member("min", item.spread.least)
                json.member("max", item.spread.greatest)
                json.member("mean", item.spread.mean)
            }
            json.member("count", item.spread.count)
        }
        return Entry(
            time: Timestamp(milliseconds: start), equipment: signal.equipment, line: json.text)
    }
}

/// Between which numbers some lie, and where in the middle.
struct NumberSpread: Equatable {
    var count = 0
    private(set) var least = Double.infinity
    private(set) var greatest = -Double.infinity
    /// Kept as a mean and not as a sum: no sum of numbers overflows it, and a small number is not
    /// lost beside a large sum (Welford, 1962).
    private var running = 0.0

    mutating func add(_ number: Double) {
        count += 1
        least = min(least, number)
        greatest = max(greatest, number)
        let weight = 1 / Double(count)
        running += number * weight - running * weight
    }

    /// Never outside of `least` and `greatest`, whatever was rounded on the way.
    var mean: Double { min(max(running, least), greatest) }
}
