// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Talks to systemd about readiness, the watchdog and what to show in `systemctl status`
/// (sd_notify(3)); says nothing when `NOTIFY_SOCKET` is not set.
struct Systemd: Sendable {
    private let socketPath: String?

    init() {
        socketPath = getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    }

    /// How often the watchdog must hear from us: half of what systemd allows; `nil`: never.
    var watchdogPeriod: Duration? {
        guard socketPath != nil, let text = getenv("WATCHDOG_USEC"),
            let microseconds = Int64(String(cString: text)), microseconds > 0
        else { return nil }
        if let pid = getenv("WATCHDOG_PID"), pid_t(String(cString: pid)) != getpid() { return nil }
        return .microseconds(microseconds / 2)
    }

    func ready(status: String) { send("READY=1\nSTATUS=\(status)") }
    func status(_ text: String) { send("STATUS=\(text)") }
    func alive() { send("WATCHDOG=1") }
    func stopping() { send("STOPPING=1\nSTATUS=sealing and stopping") }

    /// Says that a reload has begun; systemd wants the monotonic time with it.
    func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonic_microseconds())")
    }

    /// One datagram to the socket; a lost one is repeated by the next, so failures are let be.
    private func send(_ message: String) {
        guard let socketPath, !socketPath.isEmpty else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socketPath.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            buffer.copyBytes(from: path)
            // A leading @ means the abstract namespace, spelt with a NUL (unix(7)).
            if path.first == UInt8(ascii: "@") { buffer[0] = 0 }
        }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let payload = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(
                    descriptor, payload, payload.count, CInt(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
