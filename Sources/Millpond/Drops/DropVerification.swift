// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Glibc

/// What a folder of drops proves.
struct DropVerification {
    let drops: [Drop]
    /// Of each file that does not hold, why.
    private(set) var faults: [(file: String, fault: String)] = []
    /// Drops that follow none of the others: one, if nothing is missing between them.
    private(set) var starts: [Drop] = []
    /// Drops that none of the others follows: where the last ends, as far as anybody can tell here.
    private(set) var ends: [Drop] = []
    /// Drops that do not know the file that they follow (`--after`): that nothing is missing before
    /// them is proven by cursors and seals alone.
    private(set) var begunAnew: [Drop] = []
    /// Drops whose sums are not there.
    private(set) var withoutSums: [Drop] = []
    /// Files of records without a manifest: not finished, or still on the way.
    let unfinished: [DropName]

    init(_ folder: DropFolder) throws(DropFolder.Failure) {
        let content = try folder.content()
        drops = content.drops
        unfinished = content.unfinished.filter { !content.damaged.contains($0.manifest) }
        faults = content.damaged.map { ($0, "it is no manifest of a drop") }
        for drop in drops {
            for fault in Self.faults(of: drop, in: folder) {
                faults.append((drop.name.content, fault))
            }
            checkSums(of: drop, in: folder)
        }
        chain()
    }

    /// A file that is missing, or cannot be read, keeps no other from being checked.
    private static func faults(of drop: Drop, in folder: DropFolder) -> [String] {
        do throws(DropFolder.Failure) {
            return try DropCheck.faults(of: drop, in: folder)
        } catch {
            return [ErrorText.text(ofErrno: error.errno)]
        }
    }

    private mutating func checkSums(of drop: Drop, in folder: DropFolder) {
        do throws(DropFolder.Failure) {
            let sums = drop.sums(ofManifest: try folder.sha256(of: drop.name.manifest))
            guard try folder.read(drop.name.sums) != Array(sums.utf8) else { return }
            faults.append((drop.name.sums, "its sums are not those of the file and its manifest"))
        } catch {
            guard error.errno == ENOENT else {
                return faults.append((drop.name.sums, ErrorText.text(ofErrno: error.errno)))
            }
            withoutSums.append(drop)
        }
    }

    private mutating func chain() {
        let endings = Dictionary(grouping: drops, by: \.to)
        var followed: Set<Cursor> = []
        for drop in drops {
            guard followed.insert(drop.after).inserted else {
                faults.append(
                    (drop.name.manifest, "another drop follows \(drop.after), too: remove one"))
                continue
            }
            if let before = endings[drop.after] {
                follow(before, drop)
            } else if let other = drops.first(where: { $0.reachesBeyond(drop.after) }) {
                faults.append(
                    (
                        drop.name.manifest,
                        "\(other.name.content) holds what comes after \(drop.after), too: remove one"
                    ))
            } else {
                starts.append(drop)
            }
        }
        ends = drops.filter { !followed.contains($0.to) }
    }

    private mutating func follow(_ before: [Drop], _ drop: Drop) {
        guard let digest = drop.afterSHA256 else { return begunAnew.append(drop) }
        guard !before.contains(where: { $0.sha256 == digest }) else { return }
        faults.append((drop.name.manifest, "what it follows is not the file that was there"))
    }

    /// Whether there is nothing that a drop consists of.
    var isEmpty: Bool { drops.isEmpty && faults.isEmpty && unfinished.isEmpty }

    /// Whether all files hold, and nothing is missing between the first and the last.
    var isSound: Bool {
        !drops.isEmpty && faults.isEmpty && starts.count <= 1
            && !unfinished.contains(where: isMissing)
    }

    /// Whether a finished drop follows one that is not.
    func isMissing(_ name: DropName) -> Bool { starts.contains { $0.after == name.to } }

    /// What all of them hold.
    var counts: Drop.Counts {
        drops.reduce(into: Drop.Counts()) { sum, drop in
            sum.batches += drop.counts.batches
            sum.records += drop.counts.records
            sum.readings += drop.counts.readings
            sum.lost += drop.counts.lost
        }
    }
}

extension Drop {
    /// Whether it holds a cursor, and something after it.
    fileprivate func reachesBeyond(_ cursor: Cursor) -> Bool {
        to.epoch == cursor.epoch && from.sequence <= cursor.sequence
            && cursor.sequence < to.sequence
    }
}
