// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Plant

extension RegisterLayout {
    /// Two characters a register, high byte first in ABCD.
    func text(_ words: Span<UInt16>) -> Raw {
        var bytes: [UInt8] = []
        for position in 0..<words.count {
            let word = register(position, of: words)
            bytes += [UInt8(word >> 8), UInt8(word & 0xFF)]
        }
        return .text(of: bytes)
    }

    /// One character a register, in the low byte in ABCD; a register that has something in the
    /// other byte as well is no character.
    func characters(_ words: Span<UInt16>) -> Raw {
        var bytes: [UInt8] = []
        for position in 0..<words.count {
            guard let byte = UInt8(exactly: register(position, of: words)) else { return .nonsense }
            bytes.append(byte)
        }
        return .text(of: bytes)
    }
}

extension RegisterLayout.Raw {
    /// Up to the first NUL, without the spaces that pad it; printable UTF-8 or nonsense.
    fileprivate static func text(of bytes: [UInt8]) -> Self {
        var bytes = bytes.prefix { $0 != 0 }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return .nonsense }
        return .text(text)
    }
}
