// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// SHA-256 (FIPS 180-4). Sole importer of CCrypto.
package enum Digest {
    /// Bytes of a digest.
    static let length = 32

    /// The digest of `bytes`, or `nil` if libcrypto refuses (out of memory, or no SHA-256 allowed).
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var size: UInt32 = 0
        var worked = false
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { target, count in
            worked =
                EVP_Digest(
                    bytes.baseAddress, bytes.count, target.baseAddress, &size, EVP_sha256(), nil)
                == 1
            count = worked ? Int(size) : 0
        }
        return worked && digest.count == length ? digest : nil
    }

    /// The digest of bytes that come piece by piece.
    struct Running: ~Copyable {
        private let context: OpaquePointer
        private var works: Bool

        /// `nil` if memory ran out.
        init?() {
            guard let context = EVP_MD_CTX_new() else { return nil }
            self.context = context
            works = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        }

        deinit { EVP_MD_CTX_free(context) }

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            works = works && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
        }

        /// `nil` if libcrypto refused at any step; called once, at the end.
        mutating func digest() -> [UInt8]? {
            var size: UInt32 = 0
            let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) {
                works = works && EVP_DigestFinal_ex(context, $0.baseAddress, &size) == 1
                $1 = works ? Int(size) : 0
            }
            return digest.count == length ? digest : nil
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
