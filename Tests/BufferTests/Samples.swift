// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// A generator that repeats itself: xorshift64* (Vigna, 2016).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

extension Timestamp {
    static let start = Timestamp(milliseconds: 1_795_136_633_004)

    static func + (time: Timestamp, seconds: Int) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + Int64(seconds) * 1_000)
    }
}

extension ClosedRange<Uptime> {
    /// A batch that was gathered and sealed at once, on a box that was booted an hour before
    /// `.start`, if its wall clock goes as it should.
    static func at(_ time: Timestamp) -> Self {
        let uptime = Uptime(
            milliseconds: 3_600_000 + time.milliseconds - Timestamp.start.milliseconds)
        return uptime...uptime
    }
}

/// Records of every kind, in every order, from a seed.
struct AnyRecords {
    private var random: Seeded
    private let signals: [Signal]

    init(seed: UInt64) {
        random = Seeded(seed)
        signals = (0..<Int.random(in: 1...12, using: &random)).map { index in
            Signal(
                equipment: ["press-1", "pump \"2\"", "öfen"][index % 3], device: "d\(index / 4)",
                signal: "signal-\(index)", unit: [nil, "Cel", "V", "m3/h"][index % 4], role: nil)
        }
    }

    mutating func next(upTo most: Int = 300) -> [Record] {
        let count = Int.random(in: 0...most, using: &random)
        var time = Timestamp.start.milliseconds
        return (0..<count).map { _ in
            if Int.random(in: 0..<4, using: &random) == 0 {
                time += Int64.random(in: -50...2_000, using: &random)
            }
            if Int.random(in: 0..<40, using: &random) == 0 {
                time = Int64(bitPattern: random.next())
            }
            return record(at: Timestamp(milliseconds: time))
        }
    }

    private mutating func record(at time: Timestamp) -> Record {
        switch Int.random(in: 0..<30, using: &random) {
        case 0: return .health(Entry(time: time, equipment: "press-1", line: #"{"type":"health"}"#))
        case 1: return .note(Entry(time: time, equipment: nil, line: #"{"type":"note","ü":"\n"}"#))
        default: break
        }
        let index = Int.random(in: 0..<signals.count, using: &random)
        let content: Reading.Content =
            switch Int.random(in: 0..<10, using: &random) {
            case 0: .bad(reason())
            case 1: .uncertain(value(index), [.calibrationOverdue, .outOfService][index % 2])
            default: .good(value(index))
            }
        return .reading(Reading(signal: signals[index], time: time, content: content))
    }

    private mutating func reason() -> Reason {
        [
            .noAnswer, .notConnected,
            .refused(exception: UInt8.random(in: 0...255, using: &random)),
            .garbled, .notAvailable, .outOfRange, .notYetRead,
        ][Int.random(in: 0..<7, using: &random)]
    }

    /// Mostly of the signal's own kind, sometimes of any.
    private mutating func value(_ index: Int) -> Value {
        let isOdd = Int.random(in: 0..<200, using: &random) == 0
        switch isOdd ? Int.random(in: 0..<9, using: &random) : index % 9 {
        case 0: return .number(Double(Int.random(in: -9_999...9_999, using: &random)) / 10)
        case 1: return .number(Double(Float.random(in: -1e6...1e6, using: &random)))
        case 2: return .number(Double(Int.random(in: 0...40_000, using: &random)) / 1_000)
        case 3: return .boolean(Bool.random(using: &random))
        case 4:
            return .text(
                ["run", "=1+1", "a,\"b\"\r\n", "", "\u{1}\u{7f}é😀"].randomElement(using: &random)
                    ?? "")
        case 5: return Value(exactly: UInt64.random(in: 0...UInt64.max, using: &random))
        case 6: return Value(exactly: Int64.random(in: Int64.min...Int64.max, using: &random))
        case 7:
            let number = Double(bitPattern: random.next())
            return .number(number.isFinite ? number : -0.0)
        default:
            return .number(
                [
                    0, -0.0, 5, 1e15, 1e16, 0x1p53, -0x1p54, 1e-5, .leastNonzeroMagnitude,
                    .greatestFiniteMagnitude,
                ]
                .randomElement(using: &random) ?? 0)
        }
    }
}

/// The line of a record as product.md gives it, written the slow and plain way.
func plainLine(_ record: Record) -> String {
    switch record {
    case .health(let entry), .note(let entry), .summary(let entry): return entry.line
    case .reading(let reading):
        var json = JSONText()
        json.object { json in
            json.member("type", "reading")
            json.member("time", reading.time)
            json.member("equipment", reading.signal.equipment)
            json.member("signal", reading.signal.name)
            json.member("value", reading.content.value)
            json.member("unit", ifAny: reading.signal.unit)
            json.member("quality", reading.content.quality.rawValue)
            json.member("reason", ifAny: reading.content.reason?.word)
            if case .refused(let exception) = reading.content.reason {
                json.member("exception", Int(exception))
            }
        }
        return json.text
    }
}

/// A reading to count with.
func reading(_ number: Int, at time: Timestamp = .start) -> Record {
    .reading(Reading(signal: counter, time: time, content: .good(.number(Double(number)))))
}

let counter = Signal(
    equipment: "press-1", device: "drive", signal: "part-count", unit: "1", role: .partCount)
