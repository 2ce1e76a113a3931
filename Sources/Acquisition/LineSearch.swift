// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

/// Finds who is on a line and, on a serial one, at what speed and format it speaks.
///
/// A value: `next` says whom to ask and how, `record` takes what came of it. Any valid answer of
/// any unit, a refusal included, proves a setting; from then on only that one is used, and every
/// unit is asked at it. Until then the usual settings are tried with the usual units first, and
/// then with all, those first where something was heard.
package struct LineSearch: Sendable {
    /// Who is asked, and at which setting of the line.
    package struct Question: Hashable, Sendable {
        /// The place, with one speed and format where it is a serial line.
        package let endpoint: Endpoint
        /// 0–255.
        package let unit: UInt8
    }

    /// What came of a question.
    package enum Outcome: Sendable {
        /// Data, or a refusal of the unit itself.
        case present
        /// Nothing, or a gateway's word that nobody is there.
        case absent
        /// Bytes that make no answer: somebody speaks, perhaps otherwise.
        case noise
        /// The port cannot be set so.
        case impossible
    }

    /// Units that devices are shipped with, or that come first when they are numbered.
    static let usualUnits: [UInt8] = [1, 2, 3, 4, 5, 10, 100, 247]
    /// The most common first; the speeds go before the formats.
    package static let usualBauds = [9600, 19_200, 38_400, 115_200, 57_600, 4800, 2400, 1200]
    /// The most common first, at any speed.
    package static let usualFormats: [SerialFormat] = [
        SerialFormat(baud: 9600, dataBits: 8, parity: .even, stopBits: 1),
        SerialFormat(baud: 9600, dataBits: 8, parity: .none, stopBits: 1),
        SerialFormat(baud: 9600, dataBits: 8, parity: .none, stopBits: 2),
        SerialFormat(baud: 9600, dataBits: 8, parity: .odd, stopBits: 1),
    ]

    /// Found so far, in the order of asking.
    package private(set) var found: [Question] = []
    /// How many questions were asked.
    package private(set) var asked = 0
    /// The setting that a unit has answered at.
    package private(set) var proven: Endpoint?

    private let settings: [Endpoint]
    private let units: [UInt8]
    private var queue: [Question]
    private var place = 0
    private var isThorough: Bool
    private var noises: [Endpoint: Int] = [:]
    private var impossible: Set<Endpoint> = []

    /// Asks `units`, one or more, at each of `settings`, one or more, until one is proven.
    package init(settings: [Endpoint], units: [UInt8]) {
        precondition(!settings.isEmpty && !units.isEmpty, "a search looks for somebody somewhere")
        self.settings = settings
        self.units = units
        let usual = Self.usualUnits.filter(units.contains)
        isThorough = settings.count == 1 || usual.isEmpty
        queue = Self.questions(settings, isThorough ? units : usual)
    }

    /// The next question; `nil` when everybody was asked.
    package mutating func next() -> Question? {
        while true {
            while place < queue.count, impossible.contains(queue[place].endpoint) { place += 1 }
            if place < queue.count { return queue[place] }
            guard !isThorough, proven == nil else { return nil }
            isThorough = true
            let usual = Set(Self.usualUnits)
            queue = Self.questions(settingsByNoise, units.filter { !usual.contains($0) })
            place = 0
        }
    }

    /// Takes what came of the question that `next` gave.
    package mutating func record(_ outcome: Outcome) {
        precondition(place < queue.count, "an outcome is that of a question")
        let question = queue[place]
        place += 1
        if case .impossible = outcome {
            impossible.insert(question.endpoint)
            return
        }
        asked += 1
        switch outcome {
        case .present:
            found.append(question)
            if proven == nil { settle(at: question) }
        case .noise: noises[question.endpoint, default: 0] += 1
        case .absent, .impossible: break
        }
    }

    /// Settings at which bytes came that make no answer, the noisiest first: perhaps two units of
    /// one number, or a wire without its end.
    package var noisy: [Endpoint] { settingsByNoise.filter { noises[$0] != nil } }

    /// Whether the port could be set to none of the settings.
    package var isImpossible: Bool { impossible.count == settings.count }

    /// Questions that are left, at the most.
    package var left: Int {
        let now = queue.count - place
        guard !isThorough, proven == nil else { return now }
        return now + settings.count * units.filter { !Self.usualUnits.contains($0) }.count
    }

    /// Everybody who was not asked at this setting yet is asked at it, and at no other.
    private mutating func settle(at question: Question) {
        proven = question.endpoint
        let asked = Set(queue[..<place].filter { $0.endpoint == question.endpoint }.map(\.unit))
        let before = isThorough && settings.count > 1 ? Set(Self.usualUnits) : []
        let rest = units.filter { !asked.contains($0) && !before.contains($0) }
        queue = Self.questions([question.endpoint], rest)
        place = 0
        isThorough = true
    }

    private var settingsByNoise: [Endpoint] {
        settings.enumerated().sorted { left, right in
            let (more, fewer) = (noises[left.element] ?? 0, noises[right.element] ?? 0)
            return more == fewer ? left.offset < right.offset : more > fewer
        }
        .map(\.element)
    }

    private static func questions(_ settings: [Endpoint], _ units: [UInt8]) -> [Question] {
        settings.flatMap { setting in units.map { Question(endpoint: setting, unit: $0) } }
    }
}
