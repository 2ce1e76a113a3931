// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment
internal import Glibc
internal import Modbus
internal import Synchronization

/// The folder of the dumps that are kept after faults.
///
/// A thread of its own writes into it while there is something to write: a disk that takes its time
/// delays no poll.
final class FrameFolder: Sendable {
    /// What the writing thread does: makes room, then writes.
    private struct Dump {
        let leaving: [String]
        let file: String
        let text: String
    }

    private struct State {
        var shelf: FrameShelf
        /// As many as the shelf admits in ten minutes, at most.
        var dumps: [Dump] = []
        var isWriting = false
    }

    private let path: String
    private let state: Mutex<State>

    /// `path` is made when there is something to keep; its parent must be there then.
    init(_ path: String) {
        self.path = path
        state = Mutex(State(shelf: FrameShelf(files: Self.files(in: path))))
    }

    /// The path of the file that `text` is written to in a moment; nil if none is due.
    func keep(
        _ connection: String, because cause: FrameShelf.Cause, at now: Moment, _ text: () -> String
    ) -> String? {
        let (name, isFirst) = state.withLock { state -> (String?, Bool) in
            guard let (name, leaving) = state.shelf.admit(connection, because: cause, at: now)
            else { return (nil, false) }
            state.dumps.append(Dump(leaving: leaving, file: name, text: text()))
            defer { state.isWriting = true }
            return (name, !state.isWriting)
        }
        if isFirst { _ = Line(name: "frames") { _ in self.write() } }
        return name.map { "\(path)/\($0)" }
    }

    /// Until nothing is left to write.
    private func write() {
        mkdir(path, 0o750)
        while let dump = next() {
            for file in dump.leaving { unlink("\(path)/\(file)") }
            write(dump.text, to: "\(path)/\(dump.file)")
        }
    }

    private func next() -> Dump? {
        state.withLock { state in
            guard state.dumps.isEmpty else { return state.dumps.removeFirst() }
            state.isWriting = false
            return nil
        }
    }

    /// A file that cannot be written whole is not there: what is wrong with the disk is for the
    /// buffer to tell, and a dump is a convenience.
    private func write(_ text: String, to file: String) {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = open(file, flags, 0o640)
        guard descriptor >= 0 else { return }
        let bytes = Array(text.utf8.prefix(FrameShelf.longestFile))
        let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        if written != bytes.count { unlink(file) }
    }

    private static func files(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var files: [String] = []
        while let entry = readdir(folder) {
            files.append(
                withUnsafeBytes(of: entry.pointee.d_name) { name in
                    String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return files
    }
}
