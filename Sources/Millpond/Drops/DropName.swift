// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// Which part of the stream a drop holds, as its files are called.
struct DropName: Equatable {
    /// The first sequence in it: of a new epoch, the first of all.
    let from: Cursor
    /// The last, of the same epoch.
    let to: Cursor

    static let content = ".ndjson"
    static let sums = ".sha256"
    static let manifest = ".manifest.json"

    /// What its three names begin with: they sort as the stream goes.
    var text: String {
        "\(to.epoch.text).\(Self.padded(from.sequence))-\(Self.padded(to.sequence))"
    }

    var content: String { text + Self.content }
    var sums: String { text + Self.sums }
    var manifest: String { text + Self.manifest }

    /// Digits enough for a batch a second over thirty thousand years.
    private static func padded(_ sequence: Int64) -> String {
        let digits = "\(sequence)"
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    init(from: Cursor, to: Cursor) {
        self.from = from
        self.to = to
    }

    /// Of a file of records; `nil` if its name is none that we give.
    init?(content file: String) {
        guard file.hasSuffix(Self.content), let dot = file.firstIndex(of: "."),
            let epoch = Epoch(String(file[..<dot]))
        else { return nil }
        let sequences = file[file.index(after: dot)...].dropLast(Self.content.count)
            .split(separator: "-").compactMap { Int64($0) }
        guard sequences.count == 2 else { return nil }
        from = Cursor(epoch: epoch, sequence: sequences[0])
        to = Cursor(epoch: epoch, sequence: sequences[1])
        guard content == file else { return nil }
    }

    /// Whether both hold something of one part of the stream.
    func meets(_ other: DropName) -> Bool {
        to.epoch == other.to.epoch && from.sequence <= other.to.sequence
            && other.from.sequence <= to.sequence
    }
}
