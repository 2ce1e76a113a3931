// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A page that is being put together: adjacent losses of one reason are one.
struct PageRun {
    let epoch: Epoch
    var items: [Page.Item] = []
    /// Everything up to here is on the page.
    private(set) var next: Int64
    private var lost: LostRow?
    private var isOver = false

    init(epoch: Epoch, next: Int64) {
        self.epoch = epoch
        self.next = next
    }

    mutating func append(_ batch: Batch) {
        guard !isOver else { return }
        flush()
        items.append(.batch(batch))
    }

    mutating func append(_ row: LostRow) {
        guard !isOver else { return }
        if lost?.continues(with: row) == true {
            lost?.append(row)
        } else {
            flush()
            lost = row
        }
    }

    /// Nothing more is taken, from this sequence on.
    mutating func end(before sequence: Int64) {
        guard !isOver else { return }
        next = sequence - 1
        isOver = true
    }

    mutating func flush() {
        if let lost { items.append(.lost(lost.range(epoch))) }
        lost = nil
    }
}
