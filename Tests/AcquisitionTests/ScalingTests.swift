// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Testing

@testable import Acquisition
@testable import Plant

struct ScalingTests {
    static let decimal: [(raw: Double, scale: Double, offset: Double, value: Double)] = [
        (3, 0.1, 0, 0.3), (7, 0.1, 0, 0.7), (1105, 0.01, 0, 11.05), (3, 0.3, 0, 0.9),
        (213, 0.1, -40, -18.7), (2982, 0.1, -273.15, 25.05), (-57, 0.1, 0, -5.7),
        (4_294_967_295, 0.001, 0, 4_294_967.295), (3, 1.0 / 1024, 0, 0.0029296875),
        (1, 1.0 / 65536, 0, 0.0000152587890625), (12, 0.25, 1.5, 4.5), (9, 10, 0, 90),
        (5, -0.1, 0, -0.5), (7, 1, 0.1, 7.1), (41, 1e-9, 0, 4.1e-8),
    ]

    @Test(arguments: decimal)
    func `a decimal scale gives the number that is meant`(
        _ raw: Double, _ scale: Double, _ offset: Double, _ value: Double
    ) {
        #expect(Scaling(scale: scale, offset: offset).apply(to: raw) == value)
    }

    @Test func `every tenth is the decimal that a reader would write`() throws {
        let scaling = Scaling(scale: 0.1, offset: 0)
        for raw in 0...65_535 {
            let written = try #require(Double("\(raw / 10).\(raw % 10)"))
            #expect(scaling.apply(to: Double(raw)) == written)
        }
    }

    @Test func `a scale that is no decimal is multiplied by`() {
        let scaling = Scaling(scale: 0.123_456_789_012_345, offset: 1)
        #expect(scaling.apply(to: 3) == 3 * 0.123_456_789_012_345 + 1)
    }

    @Test func `only scale 1 without an offset leaves a number as it stands`() {
        #expect(Scaling(scale: 1, offset: 0).isIdentity)
        #expect(!Scaling(scale: 1, offset: 1).isIdentity)
        #expect(!Scaling(scale: -1, offset: 0).isIdentity)
    }
}
