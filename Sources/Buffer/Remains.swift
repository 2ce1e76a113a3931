// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// What a database in quarantine still says of itself: whatever cannot be read is not there.
struct Remains {
    var epoch: Epoch?
    var consumers: [String] = []
    var ended: [EndedEpoch] = []
    private var mark: Mark?

    init(_ directory: BufferDirectory) {
        // It is damaged or gone, and each question may fail: salvage looks at its bytes.
        guard BufferDirectory.size(of: directory.database) > 0,
            let database = try? Database(path: directory.database, mode: .read),
            let epoch = try? Schema.epoch(of: database),
            let stream = try? Stream(database: database, epoch: epoch)
        else { return }
        self.epoch = epoch
        consumers = (try? stream.consumerNames()) ?? []
        ended = (try? stream.ended()) ?? []
        mark = (try? stream.tally()).flatMap { try? Holding(stream).mark($0) }
        // What they were owed is in the mark, and is owed of the epoch that ends now.
        for index in ended.indices { ended[index].owed = 0 }
    }

    /// What the epoch had come to: as the mark says, or the database where it is further.
    func newest(than other: Mark?, of epoch: Epoch) -> Mark? {
        // Where they agree the mark is believed: it has a checksum.
        guard var mark, mark.epoch == epoch, mark.newest > other?.newest ?? -1 else { return other }
        // A damaged tree may have lost its first leaf: only the mark knows what had gone.
        mark.oldest = other?.oldest ?? 0
        return mark
    }
}
