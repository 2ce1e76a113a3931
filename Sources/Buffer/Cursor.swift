// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A place in the stream, `<epoch>.<sequence>`; the epoch is new whenever the buffer is replaced.
package struct Cursor: Hashable, Sendable {
    /// Which buffer it belongs to.
    package let epoch: Epoch
    /// 0 is before the first batch; batches count from 1, without a gap, and never again.
    package let sequence: Int64

    package init(epoch: Epoch, sequence: Int64) {
        precondition(sequence >= 0, "sequences count from 0")
        self.epoch = epoch
        self.sequence = sequence
    }
}

/// Which buffer a cursor belongs to: 8 characters of 0-9a-z, random at creation.
package struct Epoch: Hashable, Sendable {
    /// The 8 characters.
    package let text: String

    /// `nil` unless `text` is 8 characters of 0-9a-z.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 8,
            text.utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            })
        else { return nil }
        self.text = String(text)
    }

    /// A new one from `generator`.
    package init(using generator: inout some RandomNumberGenerator) {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        text = String((0..<8).map { _ in alphabet[Int.random(in: 0..<36, using: &generator)] })
    }
}

extension Cursor: LosslessStringConvertible {
    /// `nil` unless `text` is an epoch, a dot and a decimal number without leading zeros.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = Epoch(parts[0]), parts[1].utf8.count <= 19,
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            parts[1] == "0" || parts[1].first != "0", let sequence = Int64(parts[1])
        else { return nil }
        self.init(epoch: epoch, sequence: sequence)
    }

    package var description: String {
        "\(epoch.text).\(sequence)"
    }
}
