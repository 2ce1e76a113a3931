// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc
internal import Synchronization

/// A plain thread with a mailbox: it owns one link, may block, and is asked to stop.
///
/// A stop wakes a pausing thread at once. A thread that is blocked in a link made with
/// `Link(to:heeding:)` notices it within a quarter of a second, because the link waits in slices:
/// no descriptor and no signal is spent on it, and sockets and serial ports are alike.
package final class Line: Sendable {
    /// Why a pause is over.
    package enum Wake: Sendable { case due, stop }

    /// Measured enough for 900 lines inside libmodbus; the system's 8 MiB only swell the address space.
    /// A thread keeps every page of it that it ever touched: what is rare on a line's way is therefore
    /// not inlined, which would enlarge the frames of what is not.
    private static let stackSize = 128 * 1024
    /// The kernel cuts the name of a thread at 15 bytes.
    private static let nameLimit = 15

    private struct End {
        var isOver = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let bell = Bell()
    private let end = Mutex(End())

    /// Starts a thread named `name` (cut to 15 bytes) that runs `body` to its end.
    package init(name: String, _ body: @escaping @Sendable (Line) -> Void) {
        let launch = Unmanaged.passRetained(Launch(line: self, name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let refusal = pthread_create(
            &thread, &attributes,
            { launch in
                guard let launch else { return nil }
                Unmanaged<Launch>.fromOpaque(launch).takeRetainedValue().run()
                return nil
            }, launch.toOpaque())
        pthread_attr_destroy(&attributes)
        precondition(refusal == 0, "a gateway that may not have its threads can do nothing")
        pthread_setname_np(
            thread, String(decoding: name.utf8.prefix(Self.nameLimit), as: UTF8.self))
    }

    /// Sleeps until `instant` or until asked to stop; called on the line's own thread.
    package func pause(until instant: ContinuousClock.Instant) -> Wake {
        bell.wait(until: instant) ? .stop : .due
    }

    /// Whether the thread has been asked to stop; it stays so.
    package var isStopping: Bool { bell.isRung }

    /// Asks the thread to stop, from any thread; returns at once.
    package func stop() { bell.ring() }

    /// Waits until `body` has returned, without blocking the caller's thread.
    package func finished() async {
        await withCheckedContinuation { continuation in
            let isOver = end.withLock { end in
                if !end.isOver { end.waiting.append(continuation) }
                return end.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    private final class Launch: Sendable {
        let line: Line
        let name: String
        let body: @Sendable (Line) -> Void

        init(line: Line, name: String, body: @escaping @Sendable (Line) -> Void) {
            self.line = line
            self.name = String(decoding: name.utf8.prefix(Line.nameLimit), as: UTF8.self)
            self.body = body
        }

        func run() {
            pthread_setname_np(pthread_self(), name)
            body(line)
            let waiting = line.end.withLock { end in
                end.isOver = true
                defer { end.waiting = [] }
                return end.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }
}
