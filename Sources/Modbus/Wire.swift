// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// An open socket or port, as bytes in and out by a deadline.
///
/// No call blocks but those that wait; where a socket was made patient, one that waits for an answer
/// reads it as well, which spares a call of the system for each.
///
/// It does not own the descriptor: `Link` does, and closes it.
struct Wire {
    /// The longest wait without a look at whether the line is to stop.
    static let attention = Duration.milliseconds(250)
    /// With so much time left one may block for `attention`, which the kernel then counts in ticks of
    /// up to 10 ms.
    private static let ample = attention + attention
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

    /// Gives the descriptor back, and first the port's lock: a process that is being started at this
    /// moment has a copy of both until it runs a program of its own.
    func close() {
        if medium == .port { flock(descriptor, LOCK_UN) }
        Glibc.close(descriptor)
    }

    func receive() -> Received { receive(.nonBlocking) }

    private enum Patience {
        case blocking, nonBlocking

        var flags: Int32 { self == .nonBlocking ? Int32(MSG_DONTWAIT) : 0 }
    }

    private func receive(_ patience: Patience) -> Received {
        var (bytes, reason) = take(Self.chunk, patience)
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
    private func take(_ most: Int, _ patience: Patience) -> (bytes: [UInt8], errno: Int32) {
        withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { space in
            var got: Int
            repeat {
                got =
                    medium == .socket
                    ? recv(descriptor, space.baseAddress, space.count, patience.flags)
                    : read(descriptor, space.baseAddress, space.count)
            } while got < 0 && errno == EINTR
            return got < 0 ? ([], errno) : (Array(space.prefix(got)), 0)
        }
    }

    /// Not inlined (`Line.stackSize`).
    @inline(never)
    private func flood() -> [UInt8] { take(Self.mostOfFlood, .nonBlocking).bytes }

    func send(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(ModbusError) {
        recorder?.record(.sent, bytes)
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { bytes in
                switch medium {
                case .socket:
                    Glibc.send(
                        descriptor, bytes.baseAddress, bytes.count,
                        Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
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

    /// What comes by `deadline`; nil if nothing does.
    func receive(until deadline: ContinuousClock.Instant) throws(ModbusError) -> Received? {
        if medium == .socket, deadline - .now >= Self.ample {
            if line?.isStopping == true { throw .broken(errno: ECANCELED) }
            let received = receive(.blocking)
            if case .nothing = received {} else { return received }
        }
        return try wait(for: POLLIN, until: deadline) ? receive() : nil
    }

    /// Lets a socket's reads wait for `attention` at most, unless they are told not to.
    static func makePatient(_ socket: Int32) {
        var slice = timeval(tv_sec: 0, tv_usec: Int(attention.nanoseconds / 1_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        let outcome = setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &slice, size)
        let flags = fcntl(socket, F_GETFL)
        precondition(
            outcome == 0 && fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0,
            "what every socket can do")
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
