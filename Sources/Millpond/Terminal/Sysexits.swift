// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The exit codes of sysexits(3) that Millpond uses.
enum Sysexits {
    /// 64: the command line was wrong.
    static let usage = ExitCode(64)
    /// 65: the input data was wrong (a damaged buffer, a capture that does not decode).
    static let data = ExitCode(65)
    /// 69: something needed is not there (no gateway answers, a port is taken).
    static let unavailable = ExitCode(69)
    /// 73: a file or directory cannot be made.
    static let cannotCreate = ExitCode(73)
    /// 74: reading or writing failed.
    static let inputOutput = ExitCode(74)
    /// 77: not permitted.
    static let noPermission = ExitCode(77)
    /// 78: the configuration is missing, unreadable, empty or wrong.
    static let configuration = ExitCode(78)
}
