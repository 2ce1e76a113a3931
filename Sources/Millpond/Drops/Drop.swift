// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import FoundationEssentials

/// A sealed file of batches for a one-way transfer, and what its manifest says of it.
///
/// A drop is three files, of which the manifest is written last: a drop without one is not
/// finished, and the next export gives it its own.
///
/// ```
/// q7m2k9xd.000000009001-000000009100.ndjson          lost, epoch, batch and record lines
/// q7m2k9xd.000000009001-000000009100.sha256          for `sha256sum -c`, of both others
/// q7m2k9xd.000000009001-000000009100.manifest.json
/// ```
///
/// Each begins where the one before has ended, `after`, and names that one's digest: whoever holds a
/// run of manifests can prove that nothing is missing between them. Where the one before was not in
/// the folder (`--after`), its digest is not known, and the cursors alone prove it.
struct Drop: Equatable {
    /// The last cursor of the drop before; where the stream began, in the first.
    var after: Cursor
    /// The digest of the drop before, `nil` in the first, or where that one is not in the folder.
    var afterSHA256: String?
    var to: Cursor
    var gateway: String?
    var site: String?
    /// Of all records in it, the earliest and the latest time.
    var times: ClosedRange<Timestamp>?
    var counts = Counts()
    var bytes = 0
    var sha256 = ""

    /// What is in it.
    struct Counts: Codable, Equatable {
        var batches = 0
        var records = 0
        var readings = 0
        /// Records that the stream says are lost, but for those that all consumers had.
        var lost = 0
    }

    /// What its files are called.
    var name: DropName { DropName(from: from, to: to) }

    /// The first sequence in it: of a new epoch, the first of all.
    var from: Cursor {
        Cursor(epoch: to.epoch, sequence: after.epoch == to.epoch ? after.sequence + 1 : 1)
    }

    /// What sha256sum(1) checks: a line for each file.
    func sums(ofManifest digest: String) -> String {
        "\(sha256)  \(name.content)\n\(digest)  \(name.manifest)\n"
    }
}

extension Drop {
    /// The manifest.
    var json: String {
        var json = JSONText()
        json.object { json in
            json.member("type", "drop")
            json.member("file", name.content)
            json.member("bytes", bytes)
            json.member("sha256", sha256)
            json.member("gateway", gateway)
            json.member("site", ifAny: site)
            json.member("epoch", to.epoch.text)
            json.member("after", after)
            json.member("after_sha256", afterSHA256)
            json.member("from", from)
            json.member("to", to)
            json.member("first", times?.lowerBound)
            json.member("last", times?.upperBound)
            json.member("batches", counts.batches)
            json.member("records", counts.records)
            json.member("readings", counts.readings)
            json.member("lost", counts.lost)
        }
        return json.text + "\n"
    }

    /// Reads a manifest; `nil` if it is none.
    init?(json: [UInt8]) {
        // Whatever is wrong with it, it is no manifest.
        guard let said = try? JSONDecoder().decode(Said.self, from: Data(json)),
            let after = Cursor(said.after), let to = Cursor(said.to)
        else { return nil }
        self.init(
            after: after, afterSHA256: said.after_sha256, to: to, gateway: said.gateway,
            site: said.site, times: nil,
            counts: Counts(
                batches: said.batches, records: said.records, readings: said.readings,
                lost: said.lost), bytes: said.bytes, sha256: said.sha256)
        if let first = said.first.flatMap({ Timestamp(rfc3339: $0) }),
            let last = said.last.flatMap({ Timestamp(rfc3339: $0) }), first <= last
        {
            times = first...last
        }
    }

    /// The manifest's members, by their names.
    private struct Said: Decodable {
        var after: String
        var after_sha256: String?
        var to: String
        var gateway: String?
        var site: String?
        var first: String?
        var last: String?
        var batches: Int
        var records: Int
        var readings: Int
        var lost: Int
        var bytes: Int
        var sha256: String
    }
}
