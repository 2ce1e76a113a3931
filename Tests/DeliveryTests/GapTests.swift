// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Testing

@testable import Delivery

/// Holes in the stream are told in band, or end it where the client wants that.
@Suite struct GapTests {
    static let loss = Loss(
        records: 5_500, first: SamplePlant.ago(.seconds(60)), last: SamplePlant.now,
        reason: .notStored)

    @Test func `a lost range stands between the batches, in every form`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            try await fixture.seal(3, from: 3, after: [Self.loss])
            let epoch = fixture.buffer.epoch.text
            let json = try await fixture.client.get("/v1/batches")
            #expect(json.headers["gateway-discontinuity"] == "?1")
            let page = try json.json(Reply.Page.self)
            #expect(page.discontinuities.map(\.type) == ["lost"])
            #expect(page.discontinuities.map(\.records) == [5_500])
            #expect(page.discontinuities.map(\.reason) == ["not-stored"])
            #expect(page.batches.count == 2)
            let ndjson = try await fixture.client.get(
                "/v1/batches", ["Accept": "application/x-ndjson"])
            let types = ndjson.lines.map { $0.prefix { $0 != "," } }
            #expect(types.filter { $0 == #"{"type":"lost""# }.count == 1)
            #expect(types.firstIndex(of: #"{"type":"lost""#) == 4)
            let csv = try await fixture.client.get("/v1/batches", ["Accept": "text/csv"])
            #expect(csv.headers["gateway-discontinuity"] == "?1")
            #expect(csv.headers["gateway-next-cursor"] == "\(epoch).3")
        }
    }

    @Test func `on_gap=error gives what stands before the gap, then 410 with resume`() async throws
    {
        try await Fixture.run { fixture in
            try await fixture.seal()
            try await fixture.seal(3, from: 3, after: [Self.loss])
            let epoch = fixture.buffer.epoch.text
            let before = try await fixture.client.get("/v1/batches?on_gap=error")
                .json(Reply.Page.self)
            #expect(before.batches.map(\.cursor) == ["\(epoch).1"])
            #expect(before.next == "\(epoch).1" && before.more && before.discontinuities.isEmpty)
            let gone = try await fixture.client.get(
                "/v1/batches?on_gap=error&after=\(before.next)")
            #expect(gone.status == 410)
            let resume = try #require(try gone.problem().resume)
            let after = try await fixture.client.get("/v1/batches?on_gap=error&after=\(resume)")
                .json(Reply.Page.self)
            #expect(after.batches.map(\.cursor) == ["\(epoch).3"])
        }
    }

    @Test func `an old epoch is told in band, and reading goes on from the start`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            let epoch = fixture.buffer.epoch.text
            let target = "/v1/batches?after=00000000.77"
            let json = try await fixture.client.get(target)
            #expect(json.status == 200 && json.headers["gateway-discontinuity"] == "?1")
            let page = try json.json(Reply.Page.self)
            #expect(page.epoch == epoch && page.next == "\(epoch).1")
            #expect(page.discontinuities.map(\.type) == ["epoch"])
            #expect(page.discontinuities.map(\.from) == ["00000000"])
            #expect(page.discontinuities.map(\.to) == [epoch])
            #expect(page.batches.map(\.cursor) == ["\(epoch).1"])
            let ndjson = try await fixture.client.get(
                target, ["Accept": "application/x-ndjson"])
            let line = #"{"type":"epoch","from":"00000000","to":"\#(epoch)","reason":"replaced"}"#
            #expect(ndjson.lines.first == line)
            let error = try await fixture.client.get(target + "&on_gap=error&wait=60")
            #expect(error.status == 409)
            #expect(try error.problem().resume == "\(epoch).0")
            let batch = try await fixture.client.get("/v1/batches/00000000.77")
            #expect(batch.status == 404)
            #expect(try batch.problem().resume == "\(epoch).0")
        }
    }

    @Test func `a batch that is lost is 410 and one that never was is 404`() async throws {
        try await Fixture.run { fixture in
            try await fixture.seal()
            try await fixture.seal(after: [Self.loss])
            let epoch = fixture.buffer.epoch.text
            let lost = try await fixture.client.get("/v1/batches/\(epoch).2")
            #expect(lost.status == 410)
            #expect(try lost.problem().resume == "\(epoch).2")
            for cursor in ["\(epoch).0", "\(epoch).4", "\(epoch).999999"] {
                let never = try await fixture.client.get("/v1/batches/\(cursor)")
                #expect(never.status == 404, "\(cursor)")
                _ = try never.problem()
            }
            let nonsense = try await fixture.client.get("/v1/batches/nonsense")
            #expect(nonsense.status == 400)
        }
    }
}
