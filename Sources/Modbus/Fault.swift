// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a served unit does wrong, from now on, with every request.
///
/// Four ways to be wrong: the right answer at a wrong time; a frame that lies; something else on
/// the wire, beside the answer or instead of it; an answer that breaks off.
package enum Fault: Hashable, Sendable {
    /// Answers right, but so much later; in order, as a device does.
    case late(Duration)
    /// Gives every other answer so much later, and the rest at once: they overtake it.
    case overtaken(Duration)
    /// Answers right, one byte at a time, each so long after the one before.
    case drip(Duration)
    /// Answers right, in two pieces, the second so long after the first.
    case split(Duration)
    /// Answers right, and the same once more so long after; at zero, both in one write.
    case twice(after: Duration)

    /// Refuses with this code, of which the protocol defines some of 1–11.
    case exception(UInt8)
    /// Answers with one field of the frame wrong.
    case wrong(Field)
    /// Answers with as many bytes as would be right, all of them wrong.
    case garbage

    /// Puts what nobody asked for on the wire.
    case stray(Stray, Place)

    /// Sends so much of the right answer, and then this; on a serial line, which cannot be
    /// closed, there is silence whatever it is.
    case brokenOff(after: Part, Ending)

    /// Does not answer.
    package static let silent = brokenOff(after: .nothing, .silence)
    /// Resets the connection instead of answering; on a serial line it stays silent.
    package static let reset = brokenOff(after: .nothing, .reset)
    /// Answers in the name of the next unit.
    package static let wrongUnit = wrong(.unit)
}

extension Fault {
    /// A part of a frame, and how it lies.
    package enum Field: Hashable, Sendable {
        /// The next unit's, and its data if there is such a unit.
        case unit
        /// That of the sister table, and its data if it has any there: input registers for
        /// holding registers, discrete inputs for coils.
        case function
        /// So many bytes more, or fewer, than follow; only the field.
        case byteCount(Int)
        /// So many registers more, or fewer, than were asked for, or groups of 8 bits; in
        /// themselves right.
        case count(Int)
        /// So many bytes of junk behind the data, in a frame that is right in itself.
        case padding(Int)
        /// TCP: this in the header's length, and nothing else changed.
        case length(UInt16)
        /// TCP: the number of another question, so much above, and the answer to the one before.
        case transaction(UInt16)
        /// TCP: no number, 0, as some servers always send.
        case noTransaction
        /// TCP: this protocol in the header; right were 0.
        case protocolID(UInt16)
        /// RTU: one byte of the data, and with it the CRC.
        case checksum
        /// An RTU frame on TCP, and the other way round.
        case framing
    }

    /// What else may be on a wire.
    package enum Stray: Hashable, Sendable {
        /// Noise, or a device server's banner.
        case bytes([UInt8])
        /// The question itself, as on a two-wire line that hears itself.
        case echo
        /// The unit's answer to its question before; nothing if there was none.
        case oldAnswer
        /// The last answer of another unit; nothing if there was none.
        case foreignAnswer
    }

    /// Where, beside the answer, or when.
    package enum Place: Hashable, Sendable {
        /// In one write with the right answer.
        case before
        /// In one write with the right answer.
        case after
        case instead
        /// To each new client, before it asks anything.
        case onConnect
        /// Unasked, in this period, to all clients; the answers are right.
        case every(Duration)
    }

    /// How much of an answer.
    package enum Part: Hashable, CaseIterable, Sendable { case nothing, half, all }

    /// What follows when an answer breaks off.
    package enum Ending: String, Hashable, CaseIterable, Sendable { case silence, close, reset }

    /// Whether it can be committed there at all: a serial line has no connections, RTU frames no
    /// numbers, and TCP frames no CRC. Where it cannot, the unit answers right, or is silent where
    /// a connection would have been closed.
    package func hasMeaning(at endpoint: Endpoint) -> Bool {
        switch self {
        case .wrong(.length), .wrong(.transaction), .wrong(.noTransaction), .wrong(.protocolID):
            endpoint.framing == .tcp
        case .wrong(.checksum): endpoint.framing == .rtu
        case .stray(_, .onConnect), .brokenOff(_, .close), .brokenOff(_, .reset):
            !endpoint.isSerial
        default: true
        }
    }
}
