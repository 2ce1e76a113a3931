// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// Standard output for data, standard error for talk.
enum Terminal {
    /// Writes data to standard output; ends the process quietly if nobody reads any more.
    static func print(_ text: String) {
        write(Array((text + "\n").utf8))
    }

    /// Writes bytes to standard output as they are.
    static func write(_ bytes: [UInt8]) {
        put(bytes, to: STDOUT_FILENO)
    }

    /// Says something to the person at the terminal.
    static func say(_ text: String) {
        put(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    /// Writes to the person at the terminal without ending the line.
    static func mark(_ text: String) {
        put(Array(text.utf8), to: STDERR_FILENO)
    }

    private static func put(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                // The reader of a pipe has gone (`| head`): nothing is left to say, as for cat(1).
                exit(errno == EPIPE ? EXIT_SUCCESS : Sysexits.inputOutput.rawValue)
            }
            rest = rest.dropFirst(count)
        }
    }
}
