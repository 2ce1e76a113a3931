// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Zstandard frames with a content checksum and a content size (RFC 8878). Sole importer of CZstd.
enum Compression {
    /// Level 1 has level 3's ratio on these bytes at half its cost.
    static let level: Int32 = 1

    /// A frame of `bytes`; `nil` only if memory ran out.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        guard let context = ZSTD_createCCtx() else { return nil }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let bound = ZSTD_compressBound(bytes.count)
        var failed = false
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            let size = ZSTD_compress2(context, target.baseAddress, bound, bytes, bytes.count)
            failed = ZSTD_isError(size) != 0
            count = failed ? 0 : size
        }
        return failed ? nil : frame
    }

    /// The content of `frame`, which must be one whole frame that says its size and checks;
    /// `nil` for anything else, and for more than `maxSize` bytes.
    static func decompressed(_ frame: [UInt8], maxSize: Int) -> [UInt8]? {
        let size = ZSTD_getFrameContentSize(frame, frame.count)
        // The two highest values say "unknown" and "no frame"; both are beyond any limit.
        guard size <= UInt64(maxSize),
            ZSTD_findFrameCompressedSize(frame, frame.count) == frame.count
        else { return nil }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { target, count in
            let got = ZSTD_decompress(target.baseAddress, Int(size), frame, frame.count)
            failed = ZSTD_isError(got) != 0 || got != Int(size)
            count = failed ? 0 : got
        }
        return failed ? nil : bytes
    }
}
