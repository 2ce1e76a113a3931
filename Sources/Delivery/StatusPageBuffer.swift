// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment

/// What is kept, for how long it lasts, what is lost, and who has read how far.
extension StatusPage {
    var bufferSection: HTML {
        guard let buffer = gateway.buffer else { return .nothing }
        let percentFull = Self.percentFull(buffer)
        let newest = Cursor(epoch: buffer.epoch, sequence: buffer.newest)
        return """
            <section class="buffer" id="buffer"><h2>Buffer</h2>
            \(losses(buffer))
            <div class="gauge"><svg class="bar" role="img" aria-label="\(percentFull) % full" \
            viewBox="0 0 100 1" preserveAspectRatio="none">\
            <rect class="track" width="100" height="1"/>\
            <rect class="fill" width="\(percentFull)" height="1"/></svg>\
            <p><b>\(PageWords.bytes(buffer.bytes))</b> of \(PageWords.bytes(buffer.limit))</p></div>
            <dl class="facts">
            \(Self.fact("a reader may stay away for", "\(holds(buffer))"))\
            \(Self.fact("readings kept", "\(PageWords.count(buffer.readings))"))\
            \(Self.fact("in batches", "\(PageWords.count(buffer.batches))"))\
            \(Self.fact("rate", "\(rate(buffer))"))\
            \(Self.fact("oldest sealed", "\(ago(buffer.oldestSealed))"))\
            \(Self.fact("newest sealed", "\(ago(buffer.newestSealed))"))\
            \(Self.fact("newest cursor", "<code>\(newest.description)</code>"))\
            </dl></section>
            """
    }

    private func holds(_ buffer: BufferState) -> String {
        guard let holds = buffer.holds else { return "not known yet" }
        let wanted = status.survive.map { ", of \(PageWords.span($0)) that it is to" } ?? ""
        return PageWords.span(holds) + wanted
    }

    private func rate(_ buffer: BufferState) -> String {
        guard let rate = buffer.pace?.readings else { return "not known yet" }
        return "\(PageWords.measured((rate * 10).rounded() / 10))/s"
    }

    private func ago(_ time: Timestamp?) -> String {
        time.map { "\(PageWords.span(since: $0, now: status.now)) ago" } ?? "none yet"
    }

    private func losses(_ buffer: BufferState) -> HTML {
        let lost = buffer.lostRecords
        guard lost > 0 else {
            return "<p class=\"kept\">\(Standing.normal.symbol)Nothing has been lost.</p>"
        }
        let records = lost == 1 ? "1 record is lost." : "\(PageWords.count(lost)) records are lost."
        let rotten = buffer.lost[.corruption] ?? 0
        let rot: HTML =
            rotten == 0
            ? "" : "→ \(PageWords.count(rotten)) of them were damaged on disk: check the disk. "
        return """
            <p class="alarm f">\(Standing.failure.symbol)<span><b>\(records)</b> \
            The stream says which, and why. \(rot)→ If it was the limit, raise \
            <code>buffer.limit</code> or let consumers read sooner.</span></p>
            """
    }

    var consumersSection: HTML {
        guard !gateway.consumers.isEmpty else {
            return """
                <section><h2>Consumers</h2><p class="quiet">None is registered. Readers keep their \
                own cursor; the buffer keeps what fits its limit.</p></section>
                """
        }
        return """
            <section><h2>Consumers</h2><table class="consumers"><thead><tr>\
            <th scope="col">Consumer</th><th scope="col" class="num">Behind by</th>\
            <th scope="col" class="num">Batches</th><th scope="col" class="num">Readings</th>\
            <th scope="col" class="num">Holds back</th>\
            <th scope="col" class="num">Has left</th>\
            <th scope="col">Acknowledged</th></tr></thead>
            <tbody>\(gateway.consumers.map(consumerRow).joined())</tbody></table></section>
            """
    }

    /// How long the limit leaves it what it has not read.
    private func left(to consumer: Consumer) -> String {
        gateway.buffer?.left(to: consumer).map(PageWords.span) ?? "–"
    }

    private func consumerRow(_ consumer: Consumer) -> HTML {
        let lag: HTML =
            consumer.lagBatches == 0
            ? "<span class=\"quiet\">nothing</span>" : "\(PageWords.span(consumer.lag))"
        return """
            <tr><th scope="row">\(consumer.name)</th>\
            <td class="num" data-label="Behind by">\(lag)</td>\
            <td class="num" data-label="Batches">\(PageWords.count(consumer.lagBatches))</td>\
            <td class="num" data-label="Readings">\(PageWords.count(consumer.lagReadings))</td>\
            <td class="num" data-label="Holds back">\
            \(PageWords.bytes(consumer.holdsBackBytes))</td>\
            <td class="num" data-label="Has left">\(left(to: consumer))</td>\
            <td data-label="Acknowledged"><code>\(consumer.cursor.description)</code></td></tr>

            """
    }
}
