// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Glibc

/// Whether `run` gets its buffer, and that the room it may take.
struct BufferDiagnosis {
    let path: String
    /// Bytes that the database may take.
    let limit: Int
    let place: Place
    /// Who has it now.
    let holders: [Holder]

    /// What is at `path`.
    enum Place: Hashable, Sendable {
        /// Nothing yet; `run` can make it, or an errno says why not.
        case absent(refusal: Int32?)
        case notADirectory
        /// This user may not write there.
        case closed(owner: String)
        case open(Survey)
    }

    var diagnoses: [Diagnosis] {
        switch place {
        case .absent(nil): return [.ok(.buffer, "\(path) is not there yet: `run` makes it")]
        case .absent(let refusal?):
            return [
                .error(
                    .buffer, "\(path) cannot be made: \(ErrorText.text(ofErrno: refusal))",
                    do: "make the folder that it is to be in, for the gateway's user")
            ]
        case .notADirectory:
            return [
                .error(
                    .buffer, "\(path) is no directory", do: "name another as `buffer: directory`")
            ]
        case .closed(let owner):
            return [
                .error(
                    .buffer, "this user may not write to \(path), which belongs to \(owner)",
                    do: "ask as the gateway's user: `sudo -u \(owner) millpond doctor`")
            ]
        case .open(let survey):
            return [content(survey), mark(survey), quarantine(survey), room(survey), names(survey)]
                .compactMap(\.self)
        }
    }

    private func content(_ survey: Survey) -> Diagnosis {
        let database = "\(path)/millpond.db"
        switch survey.content {
        case .absent, .ours:
            if survey.isHeld {
                let who = holders.first.map { "\($0.name), process \($0.process)" } ?? "a process"
                return .ok(.buffer, "\(path) is in use (\(who))")
            }
            return .ok(
                .buffer, survey.content == .ours ? "\(path) is free to be used" : "\(path) is empty"
            )
        case .foreign:
            return .error(
                .buffer, "\(database) is not Millpond's", do: "name another `buffer: directory`")
        case .damaged:
            return .warning(
                .buffer, "\(database) is damaged",
                do: "the next start moves it into quarantine, and brings back what it can")
        case .newer(let schema):
            return .error(
                .buffer, "\(database) was written by a newer Millpond (schema \(schema))",
                do: "install that one, or name another `buffer: directory`")
        case .unreadable(let code):
            return .error(
                .buffer, "\(database) cannot be read: \(ErrorText.text(ofErrno: code))",
                do: code == EIO
                    ? "see the kernel log, and exchange the disk" : "give it to the user")
        }
    }

    private func mark(_ survey: Survey) -> Diagnosis? {
        switch (survey.content, survey.mark) {
        case (.ours, .damaged):
            .warning(
                .buffer, "its mark (millpond.mark) is damaged",
                do:
                    "`millpond batches verify` says what is there; the next start makes it anew, and "
                    + "cannot tell whether the newest batches are missing")
        case (.ours, .absent):
            .note(
                .buffer, "it has no mark (millpond.mark)",
                do:
                    "the next start makes it, and cannot tell whether the newest batches are missing"
            )
        default: nil
        }
    }

    private func quarantine(_ survey: Survey) -> Diagnosis? {
        guard survey.quarantine > 0 else { return nil }
        return .warning(
            .buffer,
            "\(Wording.bytes(survey.quarantine)) of a damaged database lie in \(path)/quarantine",
            do:
                "what is sound in it is brought back by itself; see the kernel log for why the disk "
                + "damaged it")
    }

    private func room(_ survey: Survey) -> Diagnosis? {
        guard let free = survey.free, let size = survey.size else { return nil }
        let most = Survey.most(limit: limit)
        let needed = max(0, most - survey.taken) + Survey.margin(size: size)
        guard free < needed else {
            return .ok(
                .buffer,
                "\(Wording.bytes(free)) are free, for a directory of at most "
                    + Wording.bytes(most))
        }
        return .warning(
            .buffer,
            "\(Wording.bytes(free)) are free, and \(Wording.bytes(needed)) are needed until "
                + "the buffer is at its limit with a margin for others",
            do: "make room, or lower `buffer: limit`: else the oldest go sooner than it says")
    }

    private func names(_ survey: Survey) -> Diagnosis? {
        guard !survey.hasNames else { return nil }
        return .warning(
            .buffer, "the file system has no inode left", do: "remove small files: see `df -i`")
    }
}
