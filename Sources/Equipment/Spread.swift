// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// How durations are spread: a histogram of fixed size, for medians and the like.
///
///     bucket 0   below 2^15 ns (33 µs)
///     then, for each octave from 2^15 to 2^36 ns (69 s), 12 buckets of equal width
///     the last   everything from there on
///
/// A quantile is the middle of its bucket, at most 1/24 of the octave's beginning away from the
/// truth: 4.2 %. Recent: whenever `agingLimit` samples are in, all counts are halved, so that what
/// was a month ago does not hide today. `count` and `sum` are of all samples, ever. 508 bytes once
/// there is a sample.
package struct Spread: Hashable, Sendable {
    private static let firstOctave = 15
    private static let lastOctave = 35
    private static let bucketsOfOctave = 12
    private static let bucketCount = (lastOctave - firstOctave + 1) * bucketsOfOctave + 2
    /// Enough for a p99 that forty samples lie above, and well within the 16 bits of a count.
    private static let agingLimit = 8192

    private var buckets: [UInt16] = []
    private var weight = 0
    /// How many samples there were.
    package private(set) var count = 0
    /// Of all samples.
    package private(set) var sum = Duration.zero

    /// No samples.
    package init() {}

    /// Takes a sample; a negative one counts as zero.
    package mutating func add(_ sample: Duration) {
        if buckets.isEmpty { buckets = Array(repeating: 0, count: Self.bucketCount) }
        buckets[Self.bucket(of: sample)] += 1
        weight += 1
        count += 1
        sum += max(sample, .zero)
        if weight >= Self.agingLimit { age() }
    }

    /// The duration that this `share` (0 to 1) of the recent samples do not exceed, within 4.2 %;
    /// nil without samples.
    package func quantile(_ share: Double) -> Duration? {
        guard weight > 0 else { return nil }
        var left = max(1, Int((share * Double(weight)).rounded(.up)))
        for (index, bucket) in buckets.enumerated() {
            left -= Int(bucket)
            if left <= 0 { return Self.middle(of: index) }
        }
        return Self.middle(of: Self.bucketCount - 1)
    }

    /// The samples of several, taken together.
    package static func union(_ spreads: some Sequence<Spread>) -> Spread {
        var counts = [Int](repeating: 0, count: bucketCount)
        var union = Spread()
        for spread in spreads where spread.weight > 0 {
            for (index, count) in spread.buckets.enumerated() { counts[index] += Int(count) }
            union.weight += spread.weight
            union.count += spread.count
            union.sum += spread.sum
        }
        guard union.weight > 0 else { return union }
        // Shares stay what they are when all counts are made smaller until they fit.
        let divisor = union.weight / agingLimit + 1
        union.buckets = counts.map { UInt16(($0 + divisor - 1) / divisor) }
        union.weight = union.buckets.reduce(0) { $0 + Int($1) }
        return union
    }

    private mutating func age() {
        weight = 0
        for index in buckets.indices {
            buckets[index] /= 2
            weight += Int(buckets[index])
        }
    }

    private static func bucket(of sample: Duration) -> Int {
        let nanoseconds = sample.nanoseconds
        guard nanoseconds >> firstOctave > 0 else { return 0 }
        let octave = Int64.bitWidth - 1 - nanoseconds.leadingZeroBitCount
        guard octave <= lastOctave else { return bucketCount - 1 }
        let part = Int(((nanoseconds - (1 << octave)) * Int64(bucketsOfOctave)) >> octave)
        return 1 + (octave - firstOctave) * bucketsOfOctave + part
    }

    private static func middle(of bucket: Int) -> Duration {
        guard bucket > 0 else { return .nanoseconds(1 << (firstOctave - 1)) }
        guard bucket < bucketCount - 1 else { return .nanoseconds(1 << (lastOctave + 1)) }
        let (octave, part) = (bucket - 1).quotientAndRemainder(dividingBy: bucketsOfOctave)
        let beginning = Double(Int64(1) << Int64(octave + firstOctave))
        return .nanoseconds(
            Int64(beginning * (1 + (Double(part) + 0.5) / Double(bucketsOfOctave))))
    }
}
