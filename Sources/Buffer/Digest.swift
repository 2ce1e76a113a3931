// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// SHA-256 (FIPS 180-4). Sole importer of CCrypto.
package enum Digest {
    /// Bytes of a digest.
    static let length = 32

    /// The digest of `bytes`.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var running = Running()
        running.add(bytes)
        return running.digest()
    }

    /// The digest of bytes that come piece by piece.
    package struct Running {
        private var state = SHA256_CTX()

        /// Of nothing yet.
        package init() { SHA256_Init(&state) }

        /// Adds the next piece.
        package mutating func add(_ bytes: UnsafeRawBufferPointer) {
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
        }

        /// Called once, at the end.
        package mutating func digest() -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: Digest.length) { target, count in
                SHA256_Final(target.baseAddress, &state)
                count = Digest.length
            }
        }
    }

    /// `bytes` as lower-case hex digits.
    package static func hex(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { target in
            for (index, byte) in bytes.enumerated() {
                target[index * 2] = digit(byte >> 4)
                target[index * 2 + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
