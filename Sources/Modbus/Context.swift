// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// A context of libmodbus on a descriptor of ours; it never sees a wire.
struct Context: ~Copyable {
    let handle: OpaquePointer

    init(_ framing: Endpoint.Framing, on descriptor: Int32) {
        // Neither address nor port nor speed is ever used.
        let made =
            switch framing {
            case .tcp: modbus_new_tcp("127.0.0.1", 502)
            case .rtu: modbus_new_rtu("/dev/null", 19_200, CChar(UInt8(ascii: "N")), 8, 1)
            }
        guard let made else { preconditionFailure("out of memory for a context") }
        handle = made
        modbus_set_error_recovery(handle, MODBUS_ERROR_RECOVERY_NONE)
        // What is to be read is there before libmodbus looks: nothing is ever waited for.
        modbus_set_byte_timeout(handle, 0, 0)
        modbus_set_response_timeout(handle, 0, 1000)
        modbus_set_socket(handle, descriptor)
    }

    /// Leaves the descriptor to its owner.
    deinit { modbus_free(handle) }
}

/// Two sockets back to back, for the server's side: what goes in at one end comes out at the other.
struct SocketPair: ~Copyable {
    /// The end that the server's libmodbus may use.
    let near: Int32
    private let far: Int32

    init() throws(ModbusError) {
        var ends: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let outcome = socketpair(AF_UNIX, Int32(kind), 0, &ends)
        near = try Descriptors.admit(outcome == 0 ? ends[0] : -1)
        far = ends[1]
    }

    deinit {
        close(near)
        close(far)
    }

    /// All that libmodbus has sent.
    borrowing func taken() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 2 * Frame.longestRTU) { space, count in
            let got = recv(far, space.baseAddress, space.count, Int32(MSG_DONTWAIT))
            count = max(0, got)
        }
    }
}
