// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Buffer
internal import Delivery
internal import Glibc
internal import Modbus
internal import Simulator

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
        case .consumer(.badName):
            "a consumer's name is 1 to \(Consumer.maxNameLength) of A-Z, a-z, 0-9, ., _ and -"
        case .storage(let code, _) where isDamage(code):
            "the database itself is damaged (SQLite result code \(code)): `millpond run` moves it into "
                + "quarantine when it meets that, brings back what is whole, and the stream says what "
                + "is lost"
        case .storage(let code, _) where code == full:
            "there is no room for it on the disk: make some; it goes on by itself then"
        case .storage(let code, _):
            "SQLite failed with result code \(code): check the disk (space, mount options, kernel log)"
        }
    }

    private static func of(_ reason: BufferError.Unusable) -> String {
        switch reason {
        case .errno(ENOSPC):
            "the disk is full, or has no room for another file: make room for some MiB on it, or "
                + "name a directory on another disk"
        case .errno(let number) where [EACCES, EPERM].contains(number):
            "\(text(ofErrno: number)): give the directory and all in it to the gateway's user "
                + "(chown -R), or name one that it may write to"
        case .errno(let number):
            "\(text(ofErrno: number)): give the gateway's user a directory it may write to"
        case .notADirectory:
            "is not a directory: name a directory for the buffer"
        case .notAFile:
            "is not a plain file, as the buffer's is, and was left untouched: move it away"
        case .foreign:
            "is not a Millpond buffer and was left untouched: name another directory"
        case .gone(let stake):
            "is gone, \(atStake(stake)): `millpond run` makes a new one, in a new epoch, and the "
                + "stream says what is lost"
        case .damaged(let stake):
            "is damaged, \(atStake(stake)): `millpond run` moves it into quarantine, begins a new "
                + "epoch and brings back what is whole, and the stream says what is lost"
        case .newerSchema(let version):
            "was written by a newer Millpond (schema \(version)) and was left untouched: "
                + "install that version, or name another directory"
        }
    }

    private static func atStake(_ stake: BufferError.Stake?) -> String {
        guard let stake else { return "and what it held nobody knows" }
        return "and held \(Wording.count(Int(stake.records), "record")), up to \(stake.newest)"
    }

    /// SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html), with any extension.
    private static func isDamage(_ code: Int32) -> Bool { [11, 26].contains(code & 0xFF) }

    /// SQLITE_FULL.
    private static let full: Int32 = 13

    static func exitCode(of error: BufferError) -> ExitCode {
        switch error {
        case .locked: Sysexits.unavailable
        case .unusable(_, .errno(EACCES)), .unusable(_, .errno(EPERM)): Sysexits.noPermission
        case .unusable(_, .errno), .unusable(_, .notADirectory), .unusable(_, .notAFile):
            Sysexits.cannotCreate
        case .unusable: Sysexits.data
        case .otherEpoch, .beyondNewest, .consumer: Sysexits.data
        case .storage(let code, _): isDamage(code) ? Sysexits.data : Sysexits.inputOutput
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

    static func of(_ error: SimulatorError) -> String {
        switch error {
        case .notLoopback(let connection, let host):
            "\(connection): a plant is simulated on 127.0.0.1 only, not on \(host): "
                + "change the connection's address"
        case .occupied(let connection, let path):
            "\(connection): there is something at \(path) already: name a path that is free, "
                + "for the simulated serial line"
        case .unnameable(let connection, let path, let number):
            "\(connection): cannot make \(path): \(text(ofErrno: number))"
        case .unavailable(let connection, let endpoint, let reason):
            "\(connection): cannot serve \(endpoint.text): \(of(reason))"
        }
    }

    /// What is wrong, and what to do; `key` says where the API listens.
    static func parts(
        of error: PullServer.CannotListen, setBy key: String
    ) -> (what: String, remedy: String) {
        let address = error.address.host.authority(port: error.address.port)
        return switch error.errno {
        case EADDRINUSE?:
            (
                "\(address) is in use",
                "end what listens there, or give the pull API another port (\(key))"
            )
        case let number?:
            (
                "cannot listen on \(address): \(text(ofErrno: number))",
                "give the pull API another address (\(key))"
            )
        case nil:
            (
                "cannot listen on \(address): there is no such address on this box",
                "give the pull API another one (\(key))"
            )
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
