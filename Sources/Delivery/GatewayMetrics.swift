// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// The answer of `/metrics`.
extension GatewayState {
    var metrics: [UInt8] {
        var text = MetricsText()
        writeGateway(to: &text)
        writeBuffer(to: &text)
        writeConnections(to: &text)
        writeDevices(to: &text)
        return text.bytes
    }

    private func writeGateway(to text: inout MetricsText) {
        text.family("build_info", .gauge, "The version that runs.") {
            $0.sample(1, ["version": status.version])
        }
        text.family("start_time_seconds", .gauge, "When the gateway started, in Unix time.") {
            $0.sample(status.started.inSeconds)
        }
        text.family("ready", .gauge, "Whether the gateway can keep its promise.") {
            $0.sample(obstacles.isEmpty ? 1 : 0)
        }
        text.family("clock_synced", .gauge, "Whether the kernel believes the clock.") {
            $0.sample(status.clock == .synced ? 1 : 0)
        }
        text.family("readings_total", .counter, "Readings written, by quality.") { family in
            for quality in ["good", "uncertain", "bad"] {
                family.sample(counter("readings_\(quality)"), ["quality": quality])
            }
        }
        text.family("records_produced_total", .counter, "Records made.") {
            $0.sample(counter("records_produced"))
        }
        text.family("records_sealed_total", .counter, "Records that are on disk.") {
            $0.sample(counter("records_sealed"))
        }
        text.family("records_waiting", .gauge, "Records in memory, for the next batch.") {
            $0.sample(counter("records_waiting"))
        }
        text.family("records_not_stored_total", .counter, "Records given up before the disk.") {
            $0.sample(counter("records_not_stored"))
        }
    }

    private func counter(_ name: String) -> Double? {
        status.counters.first { $0.name == name }.map { Double($0.count) }
    }

    private func writeBuffer(to text: inout MetricsText) {
        guard let buffer else { return }
        text.family("buffer_bytes", .gauge, "What the batches take on disk.") {
            $0.sample(buffer.bytes)
        }
        text.family("buffer_limit_bytes", .gauge, "What they may take.") {
            $0.sample(buffer.limit)
        }
        text.family("buffer_quota_bytes", .gauge, "What they may take now, as the disk has it.") {
            $0.sample(buffer.quota)
        }
        text.family("buffer_pressed_by_disk", .gauge, "Whether the disk is short of the limit.") {
            $0.sample(buffer.isPressedByDisk ? 1 : 0)
        }
        text.family("buffer_batches", .gauge, "Batches kept.") { $0.sample(buffer.batches) }
        text.family("buffer_oldest_timestamp_seconds", .gauge, "When the oldest was sealed.") {
            $0.sample(buffer.oldestSealed?.inSeconds)
        }
        text.family("buffer_newest_timestamp_seconds", .gauge, "When the newest was sealed.") {
            $0.sample(buffer.newestSealed?.inSeconds)
        }
        text.family("lost_records", .gauge, "Records that this buffer's stream tells as lost.") {
            $0.sample(buffer.lostRecords)
        }
        text.family("lost_records_total", .counter, "The same, by reason.") { family in
            for reason in LossReason.allCases where reason != .acknowledged {
                family.sample(buffer.lost[reason] ?? 0, ["reason": reason.rawValue])
            }
        }
        text.family("in_quarantine_records", .gauge, "Records still to be brought back, or lost.") {
            $0.sample(buffer.owedRecords)
        }
        writeScrub(buffer.scrub, to: &text)
        text.family(
            "thinned_readings", .gauge,
            "Those of them that were condensed to summaries, which may have gone since."
        ) {
            $0.sample(buffer.thinned)
        }
        text.family("buffer_fill_bytes_per_second", .gauge, "What comes to be kept.") {
            $0.sample(buffer.pace?.bytes)
        }
        text.family(
            "buffer_holds_seconds", .gauge,
            "How long a reader may stay away before the limit takes what it has not read."
        ) {
            $0.sample(buffer.holds?.seconds)
        }
        text.family("buffer_survive_seconds", .gauge, "How long that is to be.") {
            $0.sample(status.survive?.seconds)
        }
        text.family(
            "consumer_left_seconds", .gauge,
            "How long until the limit takes what a consumer has not read."
        ) { family in
            for consumer in consumers {
                family.sample(buffer.left(to: consumer)?.seconds, ["consumer": consumer.name])
            }
        }
        text.family("consumer_lag_seconds", .gauge, "How far behind a consumer is.") { family in
            for consumer in consumers {
                family.sample(consumer.lag.seconds, ["consumer": consumer.name])
            }
        }
    }
}

extension GatewayState {
    private func writeScrub(_ scrub: ScrubProgress, to text: inout MetricsText) {
        text.family("scrub_batches", .gauge, "Batches that this pass of the check has seen.") {
            $0.sample(scrub.batches)
        }
        text.family("scrub_passes_total", .counter, "Passes of the check over all batches.") {
            $0.sample(scrub.passes)
        }
        text.family("scrub_damaged_total", .counter, "Damaged batches that the check found.") {
            $0.sample(scrub.damaged)
        }
        text.family("scrub_age_seconds", .gauge, "How long ago the last pass ended.") {
            $0.sample(scrub.sinceLast?.seconds)
        }
    }
}

extension Timestamp {
    /// Unix time.
    fileprivate var inSeconds: Double { Double(milliseconds) / 1_000 }
}
