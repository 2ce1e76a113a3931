// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Who reads, and how far each had come, as the tail of a log has it.
///
/// The newest sound frame of a page decides, whatever an older one says: who was removed and came
/// back stands further back than before. Of a frame that does not check each row counts whose digest
/// does, and whoever is not among them may have stood there all the same: of those nobody knows.
struct TailConsumers {
    /// Those on pages that the tail has written.
    private(set) var rows: [String: Place] = [:]
    /// Those that were on such a page before, and are not any more.
    private(set) var gone: [String: Int64] = [:]
    /// Those whose page was written once more by a frame that does not tell of them.
    private(set) var doubtful: Set<String> = []
    private var seen: Set<UInt32> = []

    struct Place: Equatable {
        var sequence: Int64
        var page: UInt32
    }

    /// One frame after another; `view` is where the log has what was before.
    mutating func look(
        at frame: LogFrames.Frame, of damaged: DamagedDatabase, before view: [UInt32: Int]
    ) {
        if seen.insert(frame.page).inserted {
            for row in damaged.consumers(on: damaged.page(frame.page, in: view)[...]) {
                rows[row.name] = Place(sequence: row.sequence, page: frame.page)
            }
        }
        let present = damaged.consumers(
            on: damaged.page(frame.page, in: [frame.page: frame.offset])[...])
        take(present, on: frame.page, isSound: frame.checks)
    }

    private mutating func take(_ present: [ConsumerRow], on page: UInt32, isSound: Bool) {
        let names = Set(present.map(\.name))
        for (name, place) in rows where place.page == page && !names.contains(name) {
            if isSound {
                gone[name] = place.sequence
                rows[name] = nil
                doubtful.remove(name)
            } else {
                doubtful.insert(name)
            }
        }
        for row in present {
            // Where a frame does not check, its page's number need not be right either.
            let there = isSound ? page : rows[row.name]?.page ?? page
            rows[row.name] = Place(sequence: row.sequence, page: there)
            gone[row.name] = nil
            doubtful.remove(row.name)
        }
    }

    /// What is to be put back.
    struct Outcome: Equatable {
        /// Everyone, by name.
        var places: [String: Int64]
        /// Whose place may be one from before what they have acknowledged.
        var doubtful: [String] = []
        /// Whether these are all, and no others.
        var isComplete = true
    }

    /// Who reads, when the database without the tail says `before`, and a mark has the digest
    /// `readers` of their names; `nil` if there is none.
    func outcome(_ before: [String: Int64], readers: UInt32?) -> Outcome {
        var places = before.filter { gone[$0.key] == nil }
        for (name, place) in rows { places[name] = place.sequence }
        guard let readers else {
            return Outcome(places: places, doubtful: places.keys.filter(doubtful.contains).sorted())
        }
        let isComplete = complete(&places, as: readers)
        return Outcome(
            places: places, doubtful: places.keys.filter(doubtful.contains).sorted(),
            isComplete: isComplete)
    }

    /// What one bad frame can hide: one who was removed, or was not.
    private func complete(_ places: inout [String: Int64], as readers: UInt32) -> Bool {
        let names = Set(places.keys)
        if ConsumerRow.digest(of: names) == readers { return true }
        for name in names where ConsumerRow.digest(of: names.subtracting([name])) == readers {
            places[name] = nil
            return true
        }
        for (name, sequence) in gone
        where ConsumerRow.digest(of: names.union([name])) == readers {
            places[name] = sequence
            return true
        }
        return false
    }
}

extension DamagedDatabase {
    /// Those on a page whose rows say what was written.
    fileprivate func consumers(on page: ArraySlice<UInt8>) -> [ConsumerRow] {
        let page = PageBytes(page)
        return [PageFormat.indexLeaf, PageFormat.indexInner].flatMap { kind in
            format.rows(of: kind, on: page).compactMap { ConsumerRow($0.record) }
        }
    }
}
