// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer

/// Where the stream is not whole: a lost range, or a change of epoch.
extension Page.Item {
    var isGap: Bool {
        switch self {
        case .lost, .epoch: true
        case .batch: false
        }
    }

    /// The problem that it is to a client that does not want to go on over it.
    var gapProblem: Problem? {
        switch self {
        case .batch: nil
        case .lost(let range):
            .lost(records: range.records, reason: range.reason.rawValue, resume: range.to)
        case .epoch(_, let to, let reason):
            .otherEpoch(resume: Cursor(epoch: to, sequence: 0), reason: reason)
        }
    }
}

extension Page {
    var hasGap: Bool { items.contains(where: \.isGap) }

    /// The page as far as the client wants it: one that wants no gaps gets what stands before the
    /// first, and a problem when nothing does.
    func applying(_ policy: GapPolicy) throws(Problem) -> Page {
        guard policy == .error, let gap = items.firstIndex(where: \.isGap) else { return self }
        if gap == 0, let problem = items[gap].gapProblem { throw problem }
        var page = self
        page.items.removeSubrange(gap...)
        if case .batch(let last)? = page.items.last { page.next = last.head.cursor }
        page.more = true
        return page
    }
}
