// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Modbus

extension Endpoint {
    /// As `probe` takes it: `tcp://10.0.4.21:502`, `serial:///dev/ttyUSB0?baud=9600&format=8E1`.
    var text: String {
        switch self {
        case .tcp(let host, let port): "tcp://\(host.authority(port: Int(port)))"
        case .rtuOverTCP(let host, let port): "rtu+tcp://\(host.authority(port: Int(port)))"
        case .serial(let path, let format):
            "serial://\(path)?baud=\(format.baud)&format=\(format.dataBits)"
                + "\(format.parity.rawValue)\(format.stopBits)"
        }
    }
}
