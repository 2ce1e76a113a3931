// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Buffer
package import Equipment
internal import Modbus
package import Plant
internal import Synchronization

/// Polls the plant of a configuration and has its records sealed, from `run` to `stop`.
///
/// One thread for each connection asks; one task collects what they report. A dead device delays
/// no other connection, and a slow buffer delays no poll.
package final class Acquisition: Sendable {
    /// How long the lines may take to end their last exchange; what they learn later is not kept.
    private static let longestFarewell = Duration.seconds(2)
    private static let farewellTick = Duration.milliseconds(10)

    private let plan: PollPlan
    private let collector: Collector
    private let clock: PlantClock
    private let exchanges = Exchanges()
    private let seed: UInt64
    /// Of each line, by its index.
    private let frames: [LineFrames]
    private let begun: Milestone
    private let ended: Milestone
    private let isStopping = Atomic(false)

    /// `version` stands in dumps of frames, which are kept in the folder `frames` of the buffer's
    /// directory; `seed` makes the jitter of back-offs; `clockState` says whether the wall clock is
    /// synchronised, asked at every look; `events` is called from the task that runs `run`.
    package init(
        _ configuration: Configuration, version: String, buffer: BatchBuffer, seed: UInt64,
        clockState: @escaping @Sendable () -> ClockState,
        events: @escaping @Sendable (PlantEvent) -> Void
    ) {
        let clock = PlantClock()
        let boot = Boot(id: buffer.boot, started: clock.started)
        let folder = FrameFolder(configuration.buffer.directory + "/frames")
        plan = PollPlan(configuration)
        frames = plan.lines.map { LineFrames($0, version: version, folder: folder) }
        self.clock = clock
        self.seed = seed
        collector = Collector(
            Ledger(configuration, plan, boot: boot, at: clock.now),
            sealEvery: configuration.buffer.sealEvery, buffer: buffer,
            file: LearntFile(in: buffer.directory), now: { clock.now },
            clockState: clockState, tell: events)
        let lines = plan.lines.count { !$0.devices.isEmpty }
        begun = Milestone(count: lines)
        ended = Milestone(count: lines)
    }

    /// Polls until `stop` is called; returns when all that was gathered is sealed.
    ///
    /// A cancelled task stops as well, without waiting for exchanges that are under way.
    package func run() async {
        await collector.resume()
        let learnt = await collector.recall()
        let lines = plan.lines.filter { !$0.devices.isEmpty }.map { start($0, knowing: learnt) }
        await collector.run(on: ContinuousClock()) {
            isStopping.load(ordering: .acquiring)
        }
        for line in lines { line.stop() }
        let latest = clock.now.monotonic + Self.longestFarewell
        while !ended.isReached, clock.now.monotonic < latest {
            // A cancelled task cannot sleep, and does not wait.
            guard (try? await ContinuousClock().sleep(for: Self.farewellTick)) != nil else { break }
        }
        await collector.finish()
    }

    /// Asks `run` to end, from any thread; returns at once.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
    }

    /// Returns when every connection's thread has begun its rounds.
    package func polling() async {
        await begun.reached()
    }

    /// Every equipment as it stands now, in the order of the configuration.
    package var snapshot: [EquipmentSnapshot] { collector.snapshot }

    /// What went over a connection last, as a text of at most 32 KiB; nil if nothing is polled over
    /// one of that name.
    package func frames(of connection: String) -> String? {
        guard let line = plan.lines.first(where: { $0.name == connection }), !line.devices.isEmpty
        else { return nil }
        return frames[line.index].text(because: "asked", at: clock.now)
    }

    /// Counts since the start.
    package var status: AcquisitionStatus { collector.status }

    private func start(_ plan: LinePlan, knowing learnt: [Int: Learnt]) -> Line {
        Line(name: plan.name) { [self] line in
            begun.report()
            var poller = poller(of: plan, on: line, knowing: learnt)
            // What a stop interrupts looks like a failure, and is none.
            while let report = poller.advance(pause: { line.pause(until: clock.instant($0)) }),
                !line.isStopping
            {
                collector.mailbox.post(report)
            }
            ended.report()
        }
    }

    /// Not inlined (`Line.stackSize`).
    @inline(never)
    private func poller(
        of plan: LinePlan, on line: Line, knowing learnt: [Int: Learnt]
    ) -> LinePoller<Link> {
        let dice = Dice(seed: seed &+ UInt64(plan.index))
        let frames = frames[plan.index]
        let link = Link(
            to: plan.endpoint, heeding: line, sharing: exchanges, recording: frames.recorder)
        return LinePoller(
            Rounds(plan, share: self.plan.shares[plan.index], dice: dice, knowing: learnt),
            source: link,
            timeout: plan.timeout, frames: frames, now: { [clock] in clock.now })
    }
}
