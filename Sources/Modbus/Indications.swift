// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Cuts what a client sends into requests. Pure.
struct Indications {
    let framing: Endpoint.Framing
    private var buffer: [UInt8] = []

    init(_ framing: Endpoint.Framing) { self.framing = framing }

    /// The requests that are complete; nil when the bytes are no frames at all.
    mutating func take(_ bytes: [UInt8]) -> [Indication]? {
        buffer += bytes
        switch framing {
        case .tcp: return takeTCP()
        case .rtu: return takeRTU()
        }
    }

    private mutating func takeTCP() -> [Indication]? {
        var found: [Indication] = []
        while buffer.count >= Frame.headerSize {
            let length = Int(buffer[4]) << 8 | Int(buffer[5])
            guard buffer[2] == 0, buffer[3] == 0, (2...254).contains(length) else { return nil }
            let size = Frame.headerSize + length
            guard buffer.count >= size else { break }
            let frame = Array(buffer.prefix(size))
            buffer.removeFirst(size)
            found.append(
                Indication(
                    frame: frame, transaction: UInt16(frame[0]) << 8 | UInt16(frame[1]),
                    unit: frame[6], message: frame[7...]))
        }
        return found
    }

    /// Noise is passed over byte by byte.
    private mutating func takeRTU() -> [Indication] {
        var found: [Indication] = []
        var start = 0
        search: while start < buffer.count {
            switch Self.front(of: buffer[start...]) {
            case .frame(let size):
                let frame = Array(buffer[start..<start + size])
                found.append(
                    Indication(
                        frame: frame, transaction: 0, unit: frame[0],
                        message: frame[1..<frame.count - 2]))
                buffer.removeFirst(start + size)
                start = 0
            case .noise: start += 1
            case .part: break search
            }
        }
        // Noise may yet become a request of a function that nobody knows.
        buffer.removeFirst(max(0, buffer.count - Frame.longestRTU))
        return found
    }

    private enum Front { case frame(Int), part, noise }

    /// What `rest` begins with. A request that is answered has a size that its function tells,
    /// lest an address be taken for a CRC; any other ends at the first CRC.
    private static func front(of rest: ArraySlice<UInt8>) -> Front {
        guard rest.count >= 4 else { return .part }
        let size: Int? =
            switch rest[rest.startIndex + 1] {
            case 1...6: 8
            case 17: 4
            case 43: 7
            default:
                (4...Frame.longestRTU).first {
                    $0 <= rest.count && Frame.isIntact(rest.prefix($0))
                }
            }
        guard let size else { return .noise }
        guard size <= rest.count else { return .part }
        return Frame.isIntact(rest.prefix(size)) ? .frame(size) : .noise
    }
}
