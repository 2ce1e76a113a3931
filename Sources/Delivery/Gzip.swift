// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Compresses to one gzip member (RFC 1952): several are legal, and common clients read only the
/// first.
enum Gzip {
    /// A window of 2^15 bytes, the largest; +16 asks zlib for the gzip wrapper.
    private static let windowBits: Int32 = 15 + 16
    /// zlib's own default of 8, for 256 KiB of state.
    private static let memoryLevel: Int32 = 8
    /// NDJSON shrinks 12-fold at level 1 and not much further above it, at several times the work.
    private static let level: Int32 = 1

    /// The member; gives other tasks a turn between steps, since megabytes take tens of
    /// milliseconds.
    static func compress(_ bytes: [UInt8]) async -> [UInt8] {
        var deflater = Deflater(expecting: bytes.count)
        var start = 0
        repeat {
            let end = min(start + Limits.compressionStep, bytes.count)
            deflater.add(bytes[start..<end], isLast: end == bytes.count)
            start = end
            await Task.yield()
        } while start < bytes.count
        return deflater.output
    }

    /// Owner of one zlib stream, freed exactly once. The state lives on the heap because zlib
    /// keeps a pointer back to it.
    private struct Deflater: ~Copyable {
        private let stream: UnsafeMutablePointer<z_stream>
        private(set) var output: [UInt8] = []

        init(expecting count: Int) {
            stream = .allocate(capacity: 1)
            stream.initialize(to: z_stream())
            let result = deflateInit2_(
                stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            precondition(result == Z_OK, "zlib refuses only wrong arguments and lack of memory")
            output.reserveCapacity(count / 8 + 64)
        }

        deinit {
            deflateEnd(stream)
            stream.deallocate()
        }

        mutating func add(_ bytes: ArraySlice<UInt8>, isLast: Bool) {
            var input = Array(bytes)
            input.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                var isFull = true
                while isFull {
                    isFull = room(isLast: isLast)
                }
            }
        }

        /// Compresses into the next piece of output; `true` if that was too small.
        private mutating func room(isLast: Bool) -> Bool {
            let piece = 65_536
            let written = [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(piece)
                let result = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                precondition(result != Z_STREAM_ERROR, "the stream's state is ours alone")
                count = piece - Int(stream.pointee.avail_out)
            }
            output += written
            return written.count == piece
        }
    }
}
