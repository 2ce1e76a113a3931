// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus

/// Consecutive registers of one table, read several times.
package struct SampledRun: Hashable, Sendable {
    /// Which of the four tables; a bit is 0 or 1.
    package let table: Table
    /// The address of the first.
    package let start: Int
    /// One or more, the oldest first; each has all the registers.
    package let samples: [[UInt16]]

    /// One or more samples of one length.
    package init(table: Table, start: Int, samples: [[UInt16]]) {
        precondition(!samples.isEmpty, "a run was read at least once")
        precondition(Set(samples.map(\.count)).count == 1, "every sample has all the registers")
        self.table = table
        self.start = start
        self.samples = samples
    }

    /// How many registers.
    package var count: Int { samples[0].count }

    /// Some of the registers, `index` counted from the first, in each sample.
    func words(_ index: Int, _ width: Int) -> [ArraySlice<UInt16>] {
        samples.map { $0[index..<index + width] }
    }
}
