// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A stock program that a platform team would use.
enum Tool {
    /// Runs it and returns what it wrote; throws if it failed.
    static func run(_ path: String, _ arguments: [String]) async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        let (ends, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended.yield($0.terminationStatus) }
        let (pieces, piece) = AsyncStream<Data>.makeStream()
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                piece.finish()
            } else {
                piece.yield(data)
            }
        }
        try process.run()
        var all = Data()
        for await data in pieces { all += data }
        var iterator = ends.makeAsyncIterator()
        let status = await iterator.next()
        guard status == 0 else { throw Failed(path: path, status: status) }
        return all
    }

    struct Failed: Error {
        let path: String
        let status: Int32?
    }
}
