// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// An open, non-blocking socket or port, as bytes in and out by a deadline.
///
/// It does not own the descriptor: `Link` does, and closes it.
struct Wire {
    /// The longest wait without a look at whether the line is to stop.
    static let attention = Duration.milliseconds(250)
    /// What comes at once: hardly ever more than two of the longest frames.
    private static let chunk = 2 * Frame.longestRTU
    /// More is garbage, to be thrown away in few calls.
    private static let mostOfFlood = 4096 - chunk
    /// A pause after so much garbage: a peer that floods its connection takes a small part of one
    /// processor from the others (4 MB/s are read), not all of it.
    private static let breath = timespec(.milliseconds(1))

    let descriptor: Int32
    let line: Line?
    let medium: Medium
    /// Takes down what goes in and out.
    var recorder: FlightRecorder?

    enum Medium {
        case socket, port

        /// What it means that there is nothing more to read: closed by the peer, or pulled out.
        var end: Int32 { self == .socket ? ECONNRESET : EIO }
    }

    enum Received {
        case bytes([UInt8])
        case nothing
        /// The end of a connection or of a port is told like its failure.
        case failed(errno: Int32)
    }

    func receive() -> Received {
        var (bytes, reason) = take(Self.chunk)
        if bytes.count == Self.chunk {
            bytes += flood()
            if bytes.count == Self.chunk + Self.mostOfFlood {
                var pause = Self.breath
                nanosleep(&pause, nil)
            }
        }
        switch reason {
        case 0:
            guard !bytes.isEmpty else { return .failed(errno: medium.end) }
            recorder?.record(.received, bytes)
            return .bytes(bytes)
        case EAGAIN: return .nothing
        default: return .failed(errno: reason)
        }
    }

    /// Up to `most` bytes, which is a constant, and why there are none if that is an error.
    @inline(__always)
    private func take(_ most: Int) -> (bytes: [UInt8], errno: Int32) {
        withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { space in
            var got: Int
            repeat {
                got =
                    medium == .socket
                    ? recv(descriptor, space.baseAddress, space.count, Int32(MSG_DONTWAIT))
                    : read(descriptor, space.baseAddress, space.count)
            } while got < 0 && errno == EINTR
            return got < 0 ? ([], errno) : (Array(space.prefix(got)), 0)
        }
    }

    /// Not inlined: each of 850 threads would pay for the stack of what is hardly ever needed.
    @inline(never)
    private func flood() -> [UInt8] { take(Self.mostOfFlood).bytes }

    func send(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(ModbusError) {
        recorder?.record(.sent, bytes)
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { bytes in
                switch medium {
                case .socket:
                    Glibc.send(
                        descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                case .port: write(descriptor, bytes.baseAddress, bytes.count)
                }
            }
            switch sent < 0 ? errno : 0 {
            case 0: rest.removeFirst(sent)
            case EINTR: continue
            case EAGAIN:
                guard try wait(for: POLLOUT, until: deadline) else {
                    throw .broken(errno: ETIMEDOUT)
                }
            case let reason: throw .broken(errno: reason)
            }
        }
    }

    /// Waits for `events`, or an error to be met by the next call; false at the deadline.
    func wait(
        for events: Int32, until deadline: ContinuousClock.Instant
    ) throws(ModbusError) -> Bool {
        while true {
            if line?.isStopping == true { throw .broken(errno: ECANCELED) }
            let left = deadline - .now
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            var slice = timespec(min(left, Self.attention))
            let ready = ppoll(&entry, 1, &slice, nil)
            if ready > 0 { return true }
            if ready < 0 && errno != EINTR { throw .broken(errno: errno) }
            if left <= .zero { return false }
        }
    }
}
