// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a database file has taken over of the commits in its log that SQLite would drop.
///
/// That it holds a page as a dropped commit says is no proof: a commit writes pages as they were as
/// well, and a consumer that goes and comes back leaves its page as it had been long before. A
/// checkpoint takes the last version of each page, in the order of their numbers (wal.c,
/// `walIteratorInit`): so it has taken a page over only where it has all of lower numbers, too.
struct Backfill {
    private let frames: LogFrames
    private let log: [UInt8]
    private let page: (_ number: UInt32) -> [UInt8]?
    /// Of each page what SQLite would believe, the last version.
    private var before: [UInt32: LogFrames.Frame] = [:]
    /// And what it would drop, all versions.
    private var dropped: [UInt32: [LogFrames.Frame]] = [:]

    /// `page` says what the file holds.
    init(
        of frames: LogFrames, in log: [UInt8],
        page: @escaping (_ number: UInt32) -> [UInt8]?
    ) {
        self.frames = frames
        self.log = log
        self.page = page
        for frame in frames.frames[..<frames.believed] { before[frame.page] = frame }
        for frame in frames.frames[frames.believed...] {
            dropped[frame.page, default: []].append(frame)
        }
    }

    var held: LogInspection.Held {
        let news = dropped.values.joined().filter { isHeld($0) && isNew($0) }
        guard let lowest = news.min(by: { $0.page < $1.page }) else { return .none }
        if isWhole { return .all }
        // One commit, which a power cut may have torn, has to be there in full.
        let isOne = dropped.values.joined().count(where: \.isCommit) == 1
        if isOne, !dropped.values.joined().allSatisfy(isHeld) { return .none }
        return isTaken(upTo: lowest) ? .some : .none
    }

    private func isHeld(_ frame: LogFrames.Frame) -> Bool {
        page(frame.page).map { frames.isFrame(at: frame.offset, of: log, $0) } ?? false
    }

    /// Whether the frames before do not say what the file holds.
    private func isNew(_ frame: LogFrames.Frame) -> Bool {
        before[frame.page].map { !isHeld($0) } ?? before.isEmpty
    }

    /// Whether the file has the last version of every page.
    private var isWhole: Bool {
        frames.isGapless
            && Set(before.keys).union(dropped.keys).allSatisfy { number in
                (dropped[number]?.last ?? before[number]).map(isHeld) ?? false
            }
    }

    /// Whether it has some of what the frames before say, and all of it of the pages before that of
    /// `frame`, also where a commit that was dropped had written them by then.
    private func isTaken(upTo frame: LogFrames.Frame) -> Bool {
        let taken = before.filter { page, last in
            isHeld(last) || dropped[page]?.contains(where: isHeld) ?? false
        }
        let others = before.keys.filter { $0 != frame.page }
        let isGapless = dropped.allSatisfy { page, versions in
            page >= frame.page || before[page] != nil || versions[0].offset > frame.offset
                || versions.contains(where: isHeld)
        }
        return isGapless && others.allSatisfy { $0 > frame.page || taken[$0] != nil }
            && (others.isEmpty || others.contains { taken[$0] != nil })
    }
}
