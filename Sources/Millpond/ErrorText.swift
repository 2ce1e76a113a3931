// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Glibc
internal import Modbus

/// The sentences for people: what happened, where, and what to do; and the exit code.
enum ErrorText {
    static func of(_ error: BufferError) -> String {
        switch error {
        case .locked(let directory):
            "another millpond holds the buffer \(directory): stop it, or give this one a "
                + "directory of its own (buffer: directory)"
        case .unusable(let path, let reason):
            "\(path): \(of(reason))"
        case .otherEpoch(let resume):
            "the cursor belongs to another buffer than this one: go on from \(resume)"
        case .beyondNewest(let newest):
            "the cursor is beyond the newest batch, \(newest)"
        case .consumer(.unknown):
            "there is no such consumer: make it with PUT /v1/consumers/NAME"
        case .consumer(.changed(let cursor)):
            "the consumer stands at \(cursor), not where the caller believes it"
        case .consumer(.tooMany):
            "there are as many consumers as a buffer keeps: delete one that is not used any more"
        case .storage(let code, let operation):
            "SQLite failed in \(operation) with result code \(code): check the disk "
                + "(space, mount options, kernel log)"
        }
    }

    private static func of(_ reason: BufferError.Unusable) -> String {
        switch reason {
        case .errno(let number):
            "\(text(ofErrno: number)): give the gateway's user a directory it may write to"
        case .notADirectory:
            "is not a directory: name a directory for the buffer"
        case .foreign:
            "is not a Millpond buffer and was left untouched: name another directory"
        case .newerSchema(let version):
            "was written by a newer Millpond (schema \(version)) and was left untouched: "
                + "install that version, or name another directory"
        }
    }

    static func exitCode(of error: BufferError) -> ExitCode {
        switch error {
        case .locked: Sysexits.unavailable
        case .unusable(_, .errno(EACCES)), .unusable(_, .errno(EPERM)): Sysexits.noPermission
        case .unusable(_, .errno), .unusable(_, .notADirectory): Sysexits.cannotCreate
        case .unusable: Sysexits.data
        case .otherEpoch, .beyondNewest, .consumer: Sysexits.data
        case .storage: Sysexits.inputOutput
        }
    }

    static func of(_ error: ModbusError) -> String {
        switch error {
        case .refused(let exception):
            "the device refused with exception \(exception) (\(meaning(ofException: exception)))"
        case .silent: "no answer in time"
        case .garbled: "the answer was damaged or not the one asked for"
        case .broken(let number): text(ofErrno: number)
        case .tooManyDescriptors:
            "no file descriptor below 1024 is left, the most that libmodbus can use: configure "
                + "fewer connections for this gateway"
        }
    }

    /// MODBUS Application Protocol V1.1b3, §7.
    static func meaning(ofException code: UInt8) -> String {
        switch code {
        case 1: "illegal function: it does not have this table"
        case 2: "illegal data address"
        case 3: "illegal data value: often more registers than it gives at once"
        case 4: "device failure"
        case 5: "acknowledge: busy with a long command"
        case 6: "busy"
        case 8: "memory parity error"
        case 10: "gateway path unavailable"
        case 11: "gateway target did not answer"
        default: "the vendor's own code"
        }
    }

    /// What strerror(3) says, in a buffer of our own (strerror_r(3), XSI form).
    static func text(ofErrno number: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        let sentence = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}
