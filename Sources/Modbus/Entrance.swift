// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// Where a server's clients come in: a listening socket, or the master of a pseudo-terminal.
struct Entrance: Sendable {
    let endpoint: Endpoint
    let descriptor: Int32
    /// Keeps a pseudo-terminal alive while no client has it open.
    let slave: Int32?

    init(_ place: ModbusServer.Place) throws(ModbusError) {
        switch place {
        case .tcp(let port):
            descriptor = try Self.listen(port)
            slave = nil
            endpoint = .tcp(host: "127.0.0.1", port: Self.port(of: descriptor))
        case .rtuOverTCP(let port):
            descriptor = try Self.listen(port)
            slave = nil
            endpoint = .rtuOverTCP(host: "127.0.0.1", port: Self.port(of: descriptor))
        case .serial(let format):
            let (master, slave, path) = try Self.terminal()
            descriptor = master
            self.slave = slave
            endpoint = .serial(path: path, format: format)
        }
    }

    func close() {
        Glibc.close(descriptor)
        if let slave { Glibc.close(slave) }
    }

    private static func listen(_ port: UInt16) throws(ModbusError) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = try Descriptors.admit(socket(AF_INET, Int32(kind), 0))
        var one: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let outcome = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                bind(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard outcome == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let reason = errno
            Glibc.close(descriptor)
            throw .broken(errno: reason)
        }
        return descriptor
    }

    /// Where a bound socket was put.
    static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                _ = getsockname(descriptor, $0.baseAddress, &size)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func terminal() throws(ModbusError) -> (Int32, Int32, String) {
        let master = try Descriptors.admit(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC))
        var name = [CChar](repeating: 0, count: 64)
        guard grantpt(master) == 0, unlockpt(master) == 0,
            ptsname_r(master, &name, name.count) == 0
        else {
            let reason = errno
            Glibc.close(master)
            throw .broken(errno: reason)
        }
        let path = String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        do throws(ModbusError) {
            let slave = try Descriptors.admit(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC))
            var settings = termios()
            tcgetattr(slave, &settings)
            cfmakeraw(&settings)
            tcsetattr(slave, TCSANOW, &settings)
            return (master, slave, path)
        } catch {
            Glibc.close(master)
            throw error
        }
    }
}
