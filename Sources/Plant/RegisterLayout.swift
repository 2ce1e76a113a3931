// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How one value lies in registers or bits.
///
/// Bytes inside a register are big-endian on the wire (MODBUS Application Protocol V1.1b3, §4.2);
/// the order of the registers, and sometimes of the bytes, is up to the vendor.
package struct RegisterLayout: Hashable, Sendable {
    /// `bool` is a bit of a bit table, or a register that is 0 for false and anything else for true.
    /// `signmag` has its sign in the highest bit and the magnitude in the others. `mod10k` is the
    /// sum of register × 10000^i, most significant register first in order ABCD.
    ///
    /// `string` has two bytes a register, high byte first, padded with NUL or spaces; `chars` has
    /// one, in the low byte, and in BADC the high one.
    ///
    /// `unixtime` counts seconds since 1970 in UTC; `days2000` days since 2000-01-01; `bcdtime` is
    /// YY MM, DD hh, mm ss, two digits a byte; `datetime` is the CP56-like form of four registers
    /// that meters have (IEC 60870-5-4, as in the register lists of Schneider Electric).
    package enum Encoding: String, CaseIterable, Sendable {
        case bool, int16, uint16, int32, uint32, int64, uint64, signmag16, signmag32
        case float16, float32, float64, bcd16, bcd32, mod10k
        case string, chars, unixtime, datetime, bcdtime, days2000
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
    /// but for `string`, `chars` and `mod10k`.
    package var width: Int

    /// `width` is that of the encoding, or what the profile says.
    package init(encoding: Encoding, order: Order, width: Int) {
        self.encoding = encoding
        self.order = order
        self.width = width
    }
}
