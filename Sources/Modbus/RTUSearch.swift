// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What lies in the bytes that a line brought, for one question: its answer at any place, and
/// before it whole frames, damaged answers and noise.
struct RTUSearch {
    enum Found: Equatable {
        /// The message, from the function on.
        case answer(ArraySlice<UInt8>)
        case exception(UInt8)
        case nothing
    }

    /// The first answer.
    private(set) var found = Found.nothing
    /// Its whole frame.
    private(set) var frame: ArraySlice<UInt8> = []
    /// Whole frames before it, of whomever.
    private(set) var frames: [ArraySlice<UInt8>] = []
    /// Bytes before it that belong to no frame.
    private(set) var noise = 0
    /// Answers to the question before it that came whole but for their check.
    private(set) var damaged = 0

    /// Linear in `bytes` but for the checks, each over one frame at most.
    /// The echo of a question about 0x0300–0x03FF looks like an answer with three bytes, so
    /// `echoes` are told.
    init(_ bytes: ArraySlice<UInt8>, for asked: Question?, echoes: [[UInt8]]) {
        var rest = bytes
        while !rest.isEmpty {
            if let asked, take(rest, for: asked, echoes) { return }
            let size = Self.size(of: rest)
            if let size { frames.append(rest.prefix(size)) } else { noise += 1 }
            rest = rest.dropFirst(size ?? 1)
        }
    }

    /// Takes the answer, if `rest` begins with it.
    private mutating func take(
        _ rest: ArraySlice<UInt8>, for asked: Question, _ echoes: [[UInt8]]
    ) -> Bool {
        guard rest.count >= 5, rest.first == asked.unit else { return false }
        let message = rest.dropFirst()
        let code = rest[rest.startIndex + 2]
        if message.first == asked.function | 0x80 {
            guard code != 0, Frame.isIntact(rest.prefix(5)) else { return false }
            frame = rest.prefix(5)
            found = .exception(code)
            return true
        }
        guard case .size(let size) = asked.extent(of: message), rest.count >= size + 3,
            !echoes.contains(where: { rest.starts(with: $0) })
        else { return false }
        guard Frame.isIntact(rest.prefix(size + 3)) else {
            damaged += 1
            return false
        }
        frame = rest.prefix(size + 3)
        found = .answer(message.prefix(size))
        return true
    }

    /// The size of the whole intact frame that `rest` begins with, be it someone else's answer
    /// or a question (an echo of ours, another master's); nil for noise and for parts.
    private static func size(of rest: ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        let function = rest[rest.startIndex + 1]
        let counted = 5 + Int(rest[rest.startIndex + 2])
        let sizes: [Int] =
            switch function {
            case 1...4: [8, counted]
            case 17: [4, counted]
            case 43:
                switch Question.identificationExtent(of: rest.dropFirst()) {
                case .size(let size): [7, size + 3]
                default: [7]
                }
            case 0x81...0x84, 0x91, 0xAB: [5]
            default: []
            }
        return sizes.first { $0 <= rest.count && Frame.isIntact(rest.prefix($0)) }
    }
}
