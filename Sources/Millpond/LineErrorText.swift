// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Modbus

extension ErrorText {
    /// What went wrong with a question to `unit` at `endpoint`, and what to do.
    static func of(_ error: ModbusError, unit: UInt8, at endpoint: Endpoint) -> String {
        switch error {
        case .silent:
            "no answer of unit \(unit) at \(endpoint.text): check the unit (millpond scan finds "
                + "those that answer), \(endpoint.silenceCauses)"
        case .garbled:
            "bytes came from \(endpoint.text), but no valid answer of unit \(unit): "
                + endpoint.noiseCauses
        case .refused(10), .refused(11):
            "\(of(error)): the gateway at \(endpoint.text) reaches no unit \(unit): check the unit "
                + "and the line behind the gateway"
        case .refused(let exception):
            "unit \(unit) refused with exception \(exception) "
                + "(\(meaning(ofException: exception)))\(advice(onException: exception))"
        case .broken, .tooManyDescriptors:
            of(error, opening: endpoint)
        }
    }

    /// Why `endpoint` could not be opened or was lost, and what to do.
    static func of(_ error: ModbusError, opening endpoint: Endpoint) -> String {
        guard case .broken(let number) = error else { return of(error) }
        let place = endpoint.text
        return switch number {
        case EBUSY:
            "\(place) is held by \(endpoint.lockHolder ?? "another program"), mostly by the "
                + "gateway: stop it for the time (systemctl stop millpond), or ask it "
                + "(millpond status)"
        case EACCES, EPERM:
            "\(place): permission denied; serial ports belong to a group, mostly dialout: "
                + "sudo usermod -aG dialout $USER, then log in anew"
        case ENOENT:
            "\(place): there is no such port; those there are: ls -l /dev/serial/by-id"
        case ENOTTY:
            "\(place) is no serial port; those there are: ls -l /dev/serial/by-id"
        case EOPNOTSUPP, EINVAL:
            "\(place): the port cannot be set to that speed and format"
        case ECONNREFUSED:
            "\(place): connection refused; nobody listens there: check address and port, and that "
                + "Modbus TCP is switched on in the device"
        case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH:
            "\(place): \(text(ofErrno: number)); check the address, the cable and the network, "
                + "e.g. with ping"
        case ECONNRESET, EPIPE:
            "\(place) closed the connection; it may serve one client only, and have one already"
        case ENXIO where !endpoint.isPort:
            "\(place): the name is not known; check it, or give the address"
        case EAGAIN where !endpoint.isPort:
            "\(place): the name server does not answer; give the address"
        case EIO, ENXIO, ENODEV:
            "\(place) has gone: is the adapter plugged in?"
        case ECANCELED: "stopped"
        default: "\(place): \(text(ofErrno: number))"
        }
    }

    /// 77 where permission is missing, else 69: what is needed is not there.
    static func exitCode(of error: ModbusError) -> ExitCode {
        switch error {
        case .broken(EACCES), .broken(EPERM): Sysexits.noPermission
        default: Sysexits.unavailable
        }
    }

    /// The reason that stands for a port which can be set to none of several settings.
    static let cannotBeSet = EOPNOTSUPP

    private static func advice(onException code: UInt8) -> String {
        switch code {
        case 1: "; try another table (--holding, --input, --coil, --discrete)"
        case 2:
            "; addresses count from 0 here: what a list calls 40041 is mostly --holding 40, and a "
                + "32-bit value may only be read whole (--count 2)"
        case 3: "; ask for fewer with --count"
        case 5, 6: "; try again"
        default: ""
        }
    }
}

extension Endpoint {
    fileprivate var isPort: Bool {
        if case .serial = self { true } else { false }
    }

    fileprivate var silenceCauses: String {
        switch self {
        case .serial:
            "speed and format (scan finds them too), the wiring (A and B may be swapped) and the "
                + "device's power"
        case .tcp:
            "and the line behind, if this is a gateway; --timeout 3s waits longer; a serial device "
                + "server speaks RTU: rtu+tcp://"
        case .rtuOverTCP:
            "and the line behind; --timeout 3s waits longer"
        }
    }

    fileprivate var noiseCauses: String {
        switch self {
        case .serial:
            "mostly the wrong speed or format, two units of one number, or a line without "
                + "termination"
        case .tcp: "if it is a serial device server, it may speak RTU: try rtu+tcp://"
        case .rtuOverTCP: "it may speak plain Modbus TCP: try tcp://"
        }
    }

    /// `process 812 (millpond)`: who has locked the port, as far as the kernel tells us
    /// (proc(5), `/proc/locks`).
    fileprivate var lockHolder: String? {
        guard case .serial(let path, _) = self else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let inode = ":\(status.st_ino) "
        let line = ProcFile.text("/proc/locks")?.split(separator: "\n")
            .first { $0.contains(" FLOCK ") && $0.contains(inode) }
        guard let fields = line?.split(separator: " "), fields.count > 4, let id = Int(fields[4])
        else { return nil }
        let name = ProcFile.text("/proc/\(id)/comm")?.split(separator: "\n").first
        return "process \(id)" + (name.map { " (\($0))" } ?? "")
    }
}

/// A file of proc(5), which has no size before it is read.
private enum ProcFile {
    /// The first 64 KiB; `nil` if it cannot be read.
    static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
