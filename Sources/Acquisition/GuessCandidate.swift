// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus
internal import Plant

/// One thing that the registers from a place on could be, with what speaks for it.
///
/// Scores are about bits: how much less likely the words are by chance than as this. A 16-bit
/// number explains everything and earns nothing; a float of a measurement's size has one high word
/// in seven; a printable register is one in seven.
struct GuessCandidate {
    let encoding: RegisterLayout.Encoding
    let width: Int
    let score: Double
    let reason: SignalGuess.Reason

    func favoured(by bits: Double) -> GuessCandidate {
        GuessCandidate(encoding: encoding, width: width, score: score + bits, reason: reason)
    }
}

/// What the registers of a run could be, in one word order.
struct GuessCandidates {
    let run: SampledRun
    let order: RegisterLayout.Order
    /// By the parity of the index: whether its pairs look like 32-bit numbers, one after another.
    private let areLongs: [Bool]

    init(_ run: SampledRun, _ order: RegisterLayout.Order) {
        self.run = run
        self.order = order
        areLongs = [0, 1].map { Self.areLongs(run, order, from: $0) }
    }

    /// All that could begin at `index`; the 16-bit number is always among them.
    func all(at index: Int) -> [GuessCandidate] {
        if run.table.holdsBits { return [bit(at: index)] }
        var found: [GuessCandidate] = []
        if index + 2 <= run.count {
            found += [real(at: index), long(at: index)].compactMap(\.self)
        }
        if index + 4 <= run.count, let double = double(at: index) { found.append(double) }
        // What a device holds begins with a whole value, and so do the pairs after it.
        if index % 2 == 0 { found = found.map { $0.favoured(by: Self.evenness) } }
        if let text = text(at: index) { found.append(text) }
        return [word(at: index)] + found
    }

    private static let evenness = 0.3

    private func bits(_ index: Int, _ width: Int) -> [UInt64] {
        let layout = RegisterLayout(encoding: .uint64, order: order, width: width)
        return run.words(index, width).map { layout.bits(of: $0.span) ?? 0 }
    }
}

extension GuessCandidates {
    private func bit(at index: Int) -> GuessCandidate {
        let states = Set(run.words(index, 1).map { $0.first ?? 0 })
        return GuessCandidate(
            encoding: .bool, width: 1, score: 0,
            reason: states == [0] ? .zero : .bit(moves: states.count > 1))
    }

    private func word(at index: Int) -> GuessCandidate {
        let words = bits(index, 1).map { UInt16(truncatingIfNeeded: $0) }
        let signed = words.map { Int(Int16(bitPattern: $0)) }
        let moves = Set(words).count > 1
        let (low, high) = (signed.min() ?? 0, signed.max() ?? 0)
        let candidate = { (encoding: RegisterLayout.Encoding, score, reason) in
            GuessCandidate(encoding: encoding, width: 1, score: score, reason: reason)
        }
        if words.allSatisfy({ $0 == 0 }) { return candidate(.uint16, 0, .zero) }
        if !moves, [0xFFFF, 0x8000, 0x7FFF].contains(words[0]) {
            return candidate(.uint16, 0, .sentinel)
        }
        // Low words of longer numbers jump.
        if high - low > 20_000 { return candidate(.uint16, -1.5, .largeWord) }
        if low < 0, low > -5_000, high < 5_000 {
            return candidate(.int16, high > 0 ? 1 : 0.4, .negative)
        }
        if low >= 0, high < 10_000 { return candidate(.uint16, 0.5, .word(moves: moves)) }
        return candidate(.uint16, -0.5, .largeWord)
    }

    private func real(at index: Int) -> GuessCandidate? {
        let words = bits(index, 2)
        let reals = words.map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
        guard reals.allSatisfy({ $0.isFinite && ($0 == 0 || (1e-6...1e9).contains(abs($0))) }),
            let low = reals.min(), let high = reals.max(), low != 0 || high != 0
        else { return nil }
        let isUsual = reals.allSatisfy { $0 == 0 || Plausibility.reals.contains(abs($0)) }
        let moves = Set(words).count > 1
        let reach = max(abs(low), abs(high))
        let isSteady = moves && high - low < 0.5 * reach
        // A mantissa of measurements is either round or fills its bits.
        let isTiny = words.allSatisfy { (1...0xFF).contains($0 & 0xFFFF) }
        let score = (isUsual ? 2.7 : 0.5) + (isSteady ? 1.5 : 0) - (isTiny ? 1.5 : 0)
        return GuessCandidate(
            encoding: .float32, width: 2, score: score, reason: .float(moves: isSteady))
    }

    private func double(at index: Int) -> GuessCandidate? {
        let reals = bits(index, 4).map { Double(bitPattern: $0) }
        guard reals.allSatisfy({ $0.isFinite && Plausibility.reals.contains(abs($0)) }),
            let low = reals.min(), let high = reals.max()
        else { return nil }
        let isSteady = low < high && high - low < 0.5 * max(abs(low), abs(high))
        // A float32 before two zeros looks like a round float64.
        let isRound = bits(index, 4).allSatisfy { $0 & 0xFFFF_FFFF == 0 }
        return GuessCandidate(
            encoding: .float64, width: 4, score: isRound ? 2.5 : isSteady ? 6 : 4.5,
            reason: .float(moves: isSteady))
    }

    /// 32 bits: by growth, by sign, or by a high word that is as small as those around it.
    private func long(at index: Int) -> GuessCandidate? {
        let words = bits(index, 2).map { UInt32(truncatingIfNeeded: $0) }
        let candidate = { (encoding: RegisterLayout.Encoding, score, reason) in
            GuessCandidate(encoding: encoding, width: 2, score: score, reason: reason)
        }
        guard words.contains(where: { $0 != 0 }) else { return nil }
        let isEven = areLongs[index % 2]
        let signed = words.map { Int(Int32(bitPattern: $0)) }
        if signed.contains(where: { $0 < 0 }) {
            guard signed.allSatisfy({ abs($0) <= 0x10000 }), !words.allSatisfy({ $0 == .max })
            else { return nil }
            return candidate(.int32, 3, .signedPair)
        }
        guard words.allSatisfy({ $0 < 0x100_0000 }) else {
            // The bits of a growing float grow as well: that is the better explanation up here.
            return growing(words).map { candidate(.uint32, $0 ? 3 : 1, .counter(carries: $0)) }
        }
        if let carries = growing(words), carries || words[0] > 0xFFFF {
            return candidate(.uint32, carries ? 5 : 1.5, .counter(carries: carries))
        }
        // A multiple of 65,536 is rather two numbers, the second of which is 0.
        guard words.contains(where: { $0 & 0xFFFF != 0 }) else { return nil }
        if isEven { return candidate(.uint32, 0.8, .pairAmongPairs) }
        return words[0] > 0xFFFF && Set(words.map { $0 >> 16 }).count == 1
            ? candidate(.uint32, 0.4, .smallHighWord) : candidate(.uint32, 0.2, .smallHighWord)
    }

    /// Whether a growing number carried into its high word; `nil` if it does not grow, or leaps.
    private func growing(_ words: [UInt32]) -> Bool? {
        guard words.count > 1, let first = words.first, let last = words.last, last > first,
            last - first < 0x10000, zip(words, words.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        return last >> 16 > first >> 16
    }

    /// Three registers or more of printable characters that do not change, as far as they go.
    private func text(at index: Int) -> GuessCandidate? {
        let layout = RegisterLayout(encoding: .string, order: order, width: 1)
        var width = 0
        var letters = 0
        while index + width < run.count, width < 64 {
            let words = run.words(index + width, 1)
            guard Set(words.map { $0.first ?? 0 }).count == 1,
                case .text(let text) = layout.raw(of: words[0]), !text.isEmpty,
                text.utf8.allSatisfy({ $0 < 0x7F })
            else { break }
            width += 1
            letters += text.filter { $0.isLetter || $0.isNumber }.count
            if text.count < 2, words[0].first.map({ $0 & 0xFF == 0 }) ?? false { break }
        }
        guard width >= 3, letters >= width else { return nil }
        return GuessCandidate(
            encoding: .string, width: width, score: 2.8 * Double(width), reason: .text)
    }

    /// Whether pairs from `first` on are mostly numbers below 2^24 or just below zero, three at
    /// the least.
    private static func areLongs(
        _ run: SampledRun, _ order: RegisterLayout.Order, from first: Int
    ) -> Bool {
        let layout = RegisterLayout(encoding: .uint32, order: order, width: 2)
        var fitting = 0
        var all = 0
        for index in stride(from: first, through: run.count - 2, by: 2) {
            let words = run.words(index, 2).compactMap { layout.bits(of: $0.span) }
            if words.allSatisfy({ $0 == 0 }) { continue }
            all += 1
            let isSmall = words.allSatisfy { $0 < 0x100_0000 || $0 >= 0xFFFF_0000 }
            if isSmall, words.contains(where: { $0 & 0xFFFF != 0 }) { fitting += 1 }
        }
        return fitting >= 3 && fitting * 5 >= all * 4
    }
}
