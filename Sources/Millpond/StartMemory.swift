// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Memory that only the start has needed.
enum StartMemory {
    /// Gives it back to the system: free heap, and the pages of code that are mapped, half of which
    /// ran once. What runs again is mapped again from the page cache, as all of it was at first.
    static func release() {
        malloc_trim(0)
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        while getline(&line, &size, maps) > 0 {
            guard let line, let area = Area(String(cString: line)) else { continue }
            madvise(area.start, area.length, MADV_DONTNEED)
        }
    }

    /// Code out of a file, never written to: what is not in memory can be read again.
    private struct Area {
        let start: UnsafeMutableRawPointer
        let length: Int

        /// `nil` if the line, such as `7f00-7f80 r-xp 00000000 08:01 42 /lib/libm.so.6`, tells of
        /// something else.
        init?(_ line: String) {
            let words = line.split(separator: " ", maxSplits: 5)
            let ends = words.first?.split(separator: "-").compactMap { UInt($0, radix: 16) } ?? []
            guard words.count == 6, words[1] == "r-xp", words[5].contains("/"), ends.count == 2,
                let start = UnsafeMutableRawPointer(bitPattern: ends[0])
            else { return nil }
            self.start = start
            length = Int(ends[1] - ends[0])
        }
    }
}
