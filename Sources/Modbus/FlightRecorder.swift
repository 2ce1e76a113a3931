// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The last bytes that went over one line, each piece with its time, in a ring of fixed size.
///
/// The line's thread records, which allocates nothing; any thread may read. An entry in the ring,
/// the oldest overwritten first:
///
///     kind 1 | size 2 | nanoseconds since the recorder was made 8 | bytes …
package final class FlightRecorder: Sendable {
    /// What an entry is, by its sign in the text.
    enum Kind: UInt8 {
        case sent = 0x3E  // >
        case received = 0x3C  // <
        case opened = 0x2B  // +
        case closed = 0x2D  // -
        /// A question begins; what is sent for it may be clarified first, and be sent again. Its
        /// bytes are unit and message, and how many milliseconds it has, in four.
        case asked = 0x3F  // ?
        /// How it ended; its bytes are words.
        case outcome = 0x3D  // =
        /// Bytes that came and were too many to keep; its bytes say how many.
        case omitted = 0x7E  // ~
    }

    /// A piece of bytes, or something else that happened to the line.
    struct Entry: Equatable {
        let kind: Kind
        let at: ContinuousClock.Instant
        let bytes: [UInt8]
    }

    /// Many units share an RTU line, and a device vanishes only after three rounds of all: forty
    /// exchanges of some 60 registers. Behind TCP there is mostly one: seven exchanges of 100
    /// registers. There can be 850 of them.
    private static func capacity(_ framing: Endpoint.Framing) -> Int {
        framing == .rtu ? 8192 : 2048
    }

    /// More of one piece is a flood, of which the beginning tells enough: twice the longest frame.
    static let pieceLimit = 2 * Frame.longestRTU

    private let start = ContinuousClock.now
    private let ring: Mutex<Ring>

    /// An empty recorder, 2 KiB for TCP and 8 KiB for RTU framing.
    package init(for framing: Endpoint.Framing) {
        ring = Mutex(Ring(capacity: Self.capacity(framing)))
    }

    /// Whether anything was ever recorded.
    package var isEmpty: Bool { ring.withLock { $0.isEmpty } }

    func record(_ kind: Kind, _ bytes: [UInt8] = []) {
        let time = UInt64(clamping: (ContinuousClock.now - start).nanoseconds)
        ring.withLock { ring in
            ring.append(kind.rawValue, time, bytes.prefix(Self.pieceLimit))
            if bytes.count > Self.pieceLimit {
                ring.append(
                    Kind.omitted.rawValue, time, Array("\(bytes.count - Self.pieceLimit)".utf8)[...]
                )
            }
        }
    }

    /// The oldest first.
    var entries: [Entry] {
        ring.withLock(\.self).entries.compactMap { kind, time, bytes in
            Kind(rawValue: kind).map {
                Entry(kind: $0, at: start + .nanoseconds(Int64(time)), bytes: bytes)
            }
        }
    }
}

/// Entries one behind the other in a circle of bytes.
private struct Ring {
    private static let headSize = 11

    private var bytes: [UInt8]
    private var first = 0
    private var used = 0

    init(capacity: Int) {
        precondition(capacity & (capacity - 1) == 0, "a mask does for a division")
        bytes = Array(repeating: 0, count: capacity)
    }

    var isEmpty: Bool { used == 0 }

    /// `piece` is far smaller than the ring.
    mutating func append(_ kind: UInt8, _ time: UInt64, _ piece: ArraySlice<UInt8>) {
        let size = Self.headSize + piece.count
        while bytes.count - used < size { dropFirst() }
        withUnsafeBytes(of: kind) { put($0) }
        withUnsafeBytes(of: UInt16(piece.count).bigEndian) { put($0) }
        withUnsafeBytes(of: time.bigEndian) { put($0) }
        piece.withUnsafeBytes { put($0) }
    }

    private mutating func put(_ piece: UnsafeRawBufferPointer) {
        let begin = (first + used) & (bytes.count - 1)
        let straight = min(piece.count, bytes.count - begin)
        bytes.withUnsafeMutableBytes { ring in
            ring[begin...].copyBytes(from: piece.prefix(straight))
            ring.copyBytes(from: piece.dropFirst(straight))
        }
        used += piece.count
    }

    private mutating func dropFirst() {
        let size = Self.headSize + self.size(at: 0)
        first = (first + size) & (bytes.count - 1)
        used -= size
    }

    private func size(at offset: Int) -> Int { Int(self[offset + 1]) << 8 | Int(self[offset + 2]) }

    private subscript(offset: Int) -> UInt8 { bytes[(first + offset) & (bytes.count - 1)] }

    var entries: [(kind: UInt8, time: UInt64, bytes: [UInt8])] {
        var entries: [(kind: UInt8, time: UInt64, bytes: [UInt8])] = []
        var offset = 0
        while offset < used {
            let size = size(at: offset)
            let time = (3..<Self.headSize).reduce(UInt64(0)) { $0 << 8 | UInt64(self[offset + $1]) }
            let begin = offset + Self.headSize
            entries.append((self[offset], time, (begin..<begin + size).map { self[$0] }))
            offset = begin + size
        }
        return entries
    }
}

// MARK: As text

extension FlightRecorder {
    /// One line for each entry, `time sign bytes`: `>` sent, `<` received, in hexadecimal; `+` the
    /// line was opened, `-` closed; `?` what is asked, and the time it has, `=` how that ended; `~`
    /// so many bytes more were received.
    ///
    /// `stamp` makes a time out of how long ago it was at `now`.
    package func text(at now: ContinuousClock.Instant, stamp: (Duration) -> String) -> String {
        entries.map { entry in
            let sign = Unicode.Scalar(entry.kind.rawValue)
            let line = "\(stamp(now - entry.at)) \(sign)"
            switch entry.kind {
            case .opened, .closed: return "\(line)\n"
            case .outcome, .omitted:
                return "\(line) \(String(decoding: entry.bytes, as: UTF8.self))\n"
            case .asked:
                let time = entry.bytes.suffix(4).reduce(0) { $0 << 8 | Int($1) }
                return "\(line) \(Self.hex(entry.bytes.dropLast(4))) within \(time) ms\n"
            case .sent, .received: return "\(line) \(Self.hex(entry.bytes))\n"
            }
        }.joined()
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    func record(asking question: Question, within timeout: Duration) {
        let milliseconds = UInt32(clamping: timeout.nanoseconds / 1_000_000)
        let message = question.message
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + message.count + 4)
        bytes.append(question.unit)
        bytes += message
        withUnsafeBytes(of: milliseconds.bigEndian) { bytes += $0 }
        record(.asked, bytes)
    }

    /// How a question ended, in the words of the readings' reasons.
    func record(_ outcome: Result<Void, ModbusError>) {
        switch outcome {
        case .success: record(.outcome, Self.answered)
        case .failure(.refused(let exception)):
            record(.outcome, Array("exception \(exception)".utf8))
        case .failure(.silent): record(.outcome, Array("no-answer".utf8))
        case .failure(.garbled): record(.outcome, Array("garbled".utf8))
        case .failure(.broken(let errno)): record(.outcome, Array("broken \(errno)".utf8))
        case .failure(.tooManyDescriptors): record(.outcome, Array("broken".utf8))
        }
    }

    private static let answered = Array("answer".utf8)
}
