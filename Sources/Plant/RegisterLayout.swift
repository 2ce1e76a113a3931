// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How one value lies in registers or bits.
///
/// Bytes inside a register are big-endian on the wire (MODBUS Application Protocol V1.1b3, §4.2);
/// the order of the registers, and sometimes of the bytes, is up to the vendor.
package struct RegisterLayout: Hashable, Sendable {
    /// `bool` is a bit of a bit table, or a register that is 0 for false and anything else for true.
    /// `string` has two bytes a register, high byte first, padded with NUL or spaces. `mod10k` is
    /// the sum of register × 10000^i, most significant register first in order ABCD.
    package enum Encoding: String, CaseIterable, Sendable {
        case bool, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64
        case bcd16, bcd32, mod10k, string
    }

    /// The letters name the bytes of a 32-bit value, most significant first, as they are sent.
    ///
    /// With two or more registers CDAB reverses the registers (all of them), BADC swaps the bytes
    /// within each, DCBA does both; with one register BADC and DCBA swap its bytes.
    package enum Order: String, CaseIterable, Sendable {
        case abcd = "ABCD"
        case cdab = "CDAB"
        case badc = "BADC"
        case dcba = "DCBA"
    }

    /// What the bits mean.
    package var encoding: Encoding
    /// How registers and bytes are ordered.
    package var order: Order
    /// Registers (or bits, for `bool` in a bit table) that one value takes; fixed by the encoding
    /// but for `string` and `mod10k`.
    package var width: Int

    /// `width` is that of the encoding, or what the profile says.
    package init(encoding: Encoding, order: Order, width: Int) {
        self.encoding = encoding
        self.order = order
        self.width = width
    }
}
