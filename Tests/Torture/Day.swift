// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer

/// Something that happens to a buffer.
enum Deed: Sendable {
    case seal, register, acknowledge, forget, restart
    /// Everything is read, as by a platform that comes back after a long time.
    case read
    /// The check in the background goes once through all that is stored.
    case scrub
    /// The bytes of a batch are overwritten while nobody has the database open.
    case spoil
    /// The database is overwritten in places, while nobody has it open.
    case ruin
    /// The same beneath a gateway that runs.
    case ruinRunning
    /// Another program takes most of the disk, or gives it back.
    case press
}

/// What kind of day it is: how much is sealed, and how often what happens.
struct Day: Sendable {
    let name: String
    var steps = 40
    /// Readings in a batch.
    var readings = 1...20
    /// Bytes of text in it beside them.
    var text = 0...2_000
    var whenFull = WhenFull.drop
    /// Whether the day before belonged to the first Millpond.
    var isFirstOfSchema = false
    /// Each as often as it stands here.
    var deeds: [Deed]

    private static let usual =
        Array(repeating: Deed.seal, count: 12) + [.register, .register, .forget]
        + Array(repeating: .acknowledge, count: 4)

    /// Small batches, which go soon after they are acknowledged.
    static let acknowledging = Day(name: "acknowledging", steps: 60, deeds: usual + [.restart])
    /// The gateway stops and starts all the time.
    static let restarting = Day(
        name: "restarting", deeds: usual + Array(repeating: .restart, count: 8))
    /// Batches of some 30 kB, more than the limit holds: the oldest go.
    static let ring = Day(
        name: "ring", steps: 60, text: 10_000...60_000, deeds: [.seal])
    /// The same, and summaries are left of the readings.
    static let thinning = Day(
        name: "thinning", steps: 60, readings: 100...300, text: 10_000...40_000,
        whenFull: .thin, deeds: Array(repeating: .seal, count: 15) + [.restart])
    /// Large batches: the log is worked off while it is written.
    static let checkpointing = Day(
        name: "checkpointing", text: 1_000...120_000, deeds: usual + [.restart])
    /// The first start after an update from the first Millpond.
    static let migrating = Day(
        name: "migrating", steps: 12, isFirstOfSchema: true, deeds: usual + [.restart])
    /// Now and then the database is damaged, and goes into quarantine.
    static let quarantine = Day(
        name: "quarantine", steps: 36, deeds: usual + [.read, .restart, .ruin, .ruin, .ruinRunning])
    /// Now and then a batch is.
    static let rot = Day(
        name: "rot", text: 2_000...8_000,
        deeds: usual + [.spoil, .spoil, .read, .scrub, .scrub, .restart])
    /// The disk fills and empties, and the ring grows no further meanwhile.
    static let pressed = Day(
        name: "pressed", steps: 60, text: 10_000...40_000,
        deeds: Array(repeating: .seal, count: 9) + [.press, .press, .restart])

    /// In turn, from one seed to the next.
    private static let all = [
        quarantine, acknowledging, migrating, restarting, rot, thinning, quarantine, ring,
        migrating, pressed, rot, checkpointing,
    ]

    /// The day of a seed.
    init(of seed: UInt64) { self = Self.all[Int(seed % UInt64(Self.all.count))] }

    private init(
        name: String, steps: Int = 40, readings: ClosedRange<Int> = 1...20,
        text: ClosedRange<Int> = 0...2_000, whenFull: WhenFull = .drop,
        isFirstOfSchema: Bool = false, deeds: [Deed]
    ) {
        self.name = name
        self.steps = steps
        self.readings = readings
        self.text = text
        self.whenFull = whenFull
        self.isFirstOfSchema = isFirstOfSchema
        self.deeds = deeds
    }
}
