// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment

/// What a gateway, its platforms and its disk do to a buffer, in an order that a seed decides.
struct Workload {
    let day: Day
    /// What is on disk before it begins.
    private(set) var beginning = Image()
    private(set) var journal = Journal()
    private let disk: Disk
    private let directory: String
    private var random: Seeded
    private var numbered: Numbered
    private var buffer: BatchBuffer?
    private var time = Self.start
    /// Whether another program has most of the disk.
    private var isPressed = false

    private static let start = Timestamp(milliseconds: 1_795_136_633_004)

    /// In an empty folder, in which the buffer makes its directory.
    init(seed: UInt64, folder: String, disk: Disk) {
        day = Day(of: seed)
        self.disk = disk
        directory = folder + Folder.state
        random = Seeded(seed)
        numbered = Numbered(seed: seed)
        journal.whenFull = day.whenFull
    }

    /// The least that a limit can be: a ring turns soon.
    static let limit = 1 << 20

    static func settings(
        _ directory: String, keep: Duration = .seconds(3), limit: Int = limit,
        whenFull: WhenFull = .drop
    ) -> BatchBuffer.Settings {
        var settings = BatchBuffer.Settings(
            directory: directory, gateway: "edge-07", site: nil, limit: limit,
            keepAcknowledged: keep)
        settings.limit = limit
        settings.whenFull = whenFull
        return settings
    }

    /// Does what comes before the day.
    mutating func prepare() async throws {
        guard day.isFirstOfSchema else { return }
        try await open()
        try await perform(.register)
        for _ in 0..<Int.random(in: 1...20, using: &random) { try await perform(.seal) }
        try await perform(.acknowledge)
        try await learn { _ in }
        await close()
        try FirstSchema.takeBack(directory)
        beginning = try Image(of: Folder.parent(of: directory))
    }

    /// Runs it; `note` is called with the number of the truth after each call that has returned.
    mutating func run(note: (Int) -> Void) async throws {
        try await open()
        try await learn(note)
        for _ in 0..<day.steps {
            time = Timestamp(
                milliseconds: time.milliseconds + Int64.random(in: 1...2_000, using: &random))
            try await perform(day.deeds.randomElement(using: &random) ?? .seal, note)
            try await learn(note)
        }
        disk.leave(free: nil)
        await close()
    }

    private mutating func open() async throws(BufferError) {
        buffer = try BatchBuffer(Self.settings(directory, whenFull: day.whenFull))
    }

    private mutating func close() async {
        await buffer?.close()
        buffer = nil
    }

    private mutating func learn(_ note: (Int) -> Void) async throws(BufferError) {
        if let buffer { note(try await journal.learn(from: buffer)) }
    }
}

// MARK: What happens

extension Workload {
    private static let names = ["erp", "historian"]

    private mutating func perform(
        _ deed: Deed, _ note: (Int) -> Void = { _ in }
    ) async throws {
        guard let buffer else { return }
        let name = Self.names[Int.random(in: 0..<Self.names.count, using: &random)]
        switch deed {
        case .seal: try await seal(into: buffer)
        case .register:
            for name in Self.names { try await buffer.register(name, start: .earliest) }
        case .acknowledge: try await acknowledge(name, in: buffer)
        case .forget: _ = try await buffer.remove(name)
        case .restart:
            await close()
            try await open()
        case .read:
            _ = try await buffer.read(after: .earliest, limit: .max, maxBytes: .max)
        case .scrub: try await buffer.scrubNow()
        case .spoil, .ruin, .ruinRunning: try await damage(deed, note)
        case .press:
            isPressed = Bool.random(using: &random)
            disk.leave(free: isPressed ? 1 << 20 : nil)
        }
    }

    private mutating func seal(into buffer: BatchBuffer) async throws(BufferError) {
        let isTransition = Int.random(in: 0..<8, using: &random) == 0
        let made =
            isTransition
            ? numbered.transition(at: time)
            : numbered.next(
                Int.random(in: day.readings, using: &random),
                bytes: Int.random(in: day.text, using: &random), at: time)
        var losses: [Loss] = []
        if Int.random(in: 0..<8, using: &random) == 0 {
            losses.append(
                Loss(
                    records: Int.random(in: 1...100, using: &random), first: time, last: time,
                    reason: .notStored))
        }
        let uptime = Uptime(milliseconds: time.milliseconds - Self.start.milliseconds)
        do throws(BufferError) {
            let head = try await buffer.seal(
                made.records, sealed: time, monotonic: uptime...uptime, clock: .synced,
                losses: losses)
            journal.answer(sealed: head, of: made, told: losses)
        } catch {
            // A ring that has not grown to a batch's size yet has no room for it on such a disk:
            // it was refused, and must not be there.
            guard isPressed, case .storage(Self.full, _) = error else { throw error }
        }
    }

    /// SQLITE_FULL (sqlite.org/rescode.html).
    private static let full: CInt = 13

    /// Some of what the platform can have read.
    private mutating func acknowledge(
        _ name: String, in buffer: BatchBuffer
    ) async throws(BufferError) {
        guard let known = journal.truths.last, try await buffer.consumer(name) != nil else {
            return try await seal(into: buffer)
        }
        let cursor = Cursor(
            epoch: known.epoch, sequence: Int64.random(in: 0...max(0, known.newest), using: &random)
        )
        do throws(BufferError) {
            let answer = try await buffer.acknowledge(cursor, for: name, ifMatch: nil)
            journal.answer(acknowledged: answer.consumer)
        } catch {
            // A platform that is told so reads on in the next epoch.
            guard case .otherEpoch = error else { throw error }
        }
    }

    private mutating func damage(_ deed: Deed, _ note: (Int) -> Void) async throws {
        try await buffer?.settle()
        try await learn(note)
        let database = directory + "/millpond.db"
        if deed != .ruinRunning { await close() }
        if deed == .spoil {
            note(journal.expect { $0.spoiled += 1 })
            _ = try Ruin.spoilBatch(in: database, &random)
        } else {
            let ruin: Ruin = Bool.random(using: &random) ? .header : .anywhere
            note(journal.expect { $0.ruin = $0.ruin == .anywhere ? .anywhere : ruin })
            try ruin.strike(database, &random)
        }
        if deed == .ruinRunning {
            try await perform(.read)
        } else {
            try await open()
        }
    }
}
