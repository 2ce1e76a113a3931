// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Buffer

/// Batches as older versions sealed them.
struct FormatTests {
    /// What was sealed before 2026-11-22, byte for byte.
    @Test func `a batch of format 2 reads as it did then`() throws {
        let frame = Self.bytes(
            """
            28b52ffd24b081050002a9460871376d326b397864f8fedae7be6801043566306307656467652d30\
            37010873757a686f752d3271eeed0ebb27c122a5d38bb695c08db142066b91fe409ae22e850d1312\
            66f14801010301010770726573732d3105647269766501116d6f746f722d74656d70657261747572\
            65010343656c000001000101009f9c01d00f0000010770726573732d311c7b2274797065223a2268\
            65616c7468222c22696e646578223a38357d5100010601da5f758ad131
            """)
        let (head, columns) = try BatchCodec.decode(frame)
        var bytes: [UInt8] = []
        Batch(head: head, columns: columns).appendNDJSON(to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"type":"batch","cursor":"q7m2k9xd.9001","gateway":"edge-07","site":"suzhou-2",\
                "sealed":"2026-11-20T01:04:03.004Z","records":3,"clock":"unsynced","boot":"5f0c",\
                "sha256":"71eeed0ebb27c122a5d38bb695c08db142066b91fe409ae22e850d131266f148"}
                {"type":"reading","time":"2026-11-20T01:03:53.004Z","equipment":"press-1",\
                "signal":"drive/motor-temperature","value":61.25,"unit":"Cel","quality":"good"}
                {"type":"reading","time":"2026-11-20T01:03:54.004Z","equipment":"press-1",\
                "signal":"drive/motor-temperature","value":null,"unit":"Cel","quality":"bad",\
                "reason":"no-answer"}
                {"type":"health","index":85}

                """)
        let (digest, _) = RecordLines(columns, end: UInt8(ascii: "\n")).digest()
        #expect(Digest.hex(digest) == head.sha256)
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
