// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Carries a closure onto a new thread, which alone has it from then on.
final class ThreadBody {
    private let body: () -> Void
    private let leave: @Sendable () -> Void

    /// `leave` is called when `body`, and all that it held, is gone.
    init(_ body: @escaping () -> Void, leave: @escaping @Sendable () -> Void) {
        self.body = body
        self.leave = leave
    }

    /// 0, or the errno of pthread_create.
    func start() -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let carried = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw else { return nil }
                var carried: ThreadBody? = Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue()
                let leave = carried?.leave
                carried?.body()
                carried = nil
                leave?()
                return nil
            }, carried.toOpaque())
        if code != 0 { carried.release() }
        return code
    }

    /// SQLite's deepest calls and our codec take some 50 KiB.
    private static let stackSize = 512 << 10
}
