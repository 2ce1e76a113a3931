// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The process-wide ground that libmodbus needs.
///
/// libmodbus waits by `select`, which aborts the process at a descriptor of 1024 or more. Held
/// to 1024 descriptors, the system itself refuses the next one, cleanly; and `Link` refuses any
/// that is too high nevertheless, before libmodbus sees it.
package enum Descriptors {
    /// One more than the highest that `select` can take (FD_SETSIZE).
    package static let limit = 1024

    /// Lowers the soft limit to `limit`, and ignores SIGPIPE, which libmodbus raises where it
    /// writes RTU frames to a closed socket. Called once at the start of the process.
    package static func prepareProcess() {
        signal(SIGPIPE, SIG_IGN)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0, limits.rlim_cur > rlim_t(limit) else { return }
        limits.rlim_cur = rlim_t(limit)
        // Lowering a soft limit is refused to nobody.
        setrlimit(resource, &limits)
    }

    /// Refuses, and closes, a descriptor that libmodbus could not use.
    static func admit(_ descriptor: Int32) throws(ModbusError) -> Int32 {
        guard descriptor >= 0 else {
            let reason = errno
            throw [EMFILE, ENFILE].contains(reason) ? .tooManyDescriptors : .broken(errno: reason)
        }
        guard descriptor < limit else {
            close(descriptor)
            throw .tooManyDescriptors
        }
        return descriptor
    }
}
