// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A stock program that a platform team would use.
enum Tool {
    /// Runs it and returns what it wrote; throws if it failed. A thread waits for it, because the
    /// server under test needs the cooperative pool.
    static func run(_ path: String, _ arguments: [String]) async throws -> Data {
        let directory = try Fixture.temporaryDirectory()
        defer { Fixture.remove(directory) }
        let output = directory + "/output"
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: wait(path, arguments, output))
            }
        }
        guard status == 0 else { throw Failed(path: path, status: status) }
        return try Data(contentsOf: URL(filePath: output))
    }

    private static func wait(_ path: String, _ arguments: [String], _ output: String) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawn(&process, path, &actions, nil, words, environ) == 0 else { return -1 }
        var status: Int32 = 0
        return waitpid(process, &status, 0) == process ? status : -1
    }

    struct Failed: Error {
        let path: String
        /// As `waitpid` gives it.
        let status: Int32
    }
}
