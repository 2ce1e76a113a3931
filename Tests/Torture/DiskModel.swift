// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A directory as its program sees it, and as a power cut may leave it.
///
/// Names are as hostile as POSIX allows: that a file is there, gone or called otherwise is certain
/// only when its directory was synced; a sync of the file itself promises its bytes alone. Renaming
/// is one step, as in every journal, and certain when either directory was synced.
final class DiskModel {
    private var files: [Int: DiskFile] = [:]
    private var present = Names()
    private var durable = Names()
    private var pending: [Pending] = []

    /// What has not happened on disk: also what waits for the directory that it is in.
    private struct Pending {
        let change: NameChange
        var isSynced = false
    }

    fileprivate struct Names {
        var files: [String: DiskFile] = [:]
        var directories: Set<String> = []
    }

    fileprivate enum NameChange {
        case appears(String, DiskFile)
        case goes(String)
        case moves(from: String, to: String)
        case directoryAppears(String)
        case directoryGoes(String)
    }

    /// All that `image` holds is on disk.
    init(_ image: Image) {
        for (name, bytes) in image.files { present.files[name] = DiskFile(bytes) }
        present.directories = image.directories
        durable = present
    }

    /// Does what the program did.
    func apply(_ operation: Operation) {
        switch operation {
        case .opened(let number, let name):
            if let file = present.files[name] { files[number] = file }
        case .created(let number, let name):
            let file = DiskFile()
            files[number] = file
            change(.appears(name, file))
        case .renamed(let from, let to): change(.moves(from: from, to: to))
        case .linked(let from, let to):
            if let file = present.files[from] { change(.appears(to, file)) }
        case .unlinked(let name): change(.goes(name))
        case .directoryMade(let name): change(.directoryAppears(name))
        case .directoryRemoved(let name): change(.directoryGoes(name))
        case .directorySynced(let name): syncNames(of: name)
        case .written(let file, let offset, let bytes): files[file]?.write(bytes, at: offset)
        case .durable(let file, let range): files[file]?.syncRange(range)
        case .truncated(let file, let size): files[file]?.resize(to: size)
        case .allocated(let file, let range): files[file]?.allocate(range)
        case .punched(let file, let range): files[file]?.punch(range)
        case .synced(let file): files[file]?.sync()
        case .syncFailed(let file): files[file]?.loseWhatIsPending()
        case .noted: break
        }
    }

    /// What a power cut leaves now.
    func image(_ choice: Choice) -> Image {
        var choice = choice
        var names = durable
        for (change, isKept) in zip(pending, choice.names(pending.count)) where isKept {
            names.apply(change.change)
        }
        var image = Image()
        image.directories = names.directories
        for (name, file) in names.files.sorted(by: { $0.key < $1.key }) {
            image.files[name] = file.remains(&choice)
        }
        return image
    }

    private func change(_ change: NameChange) {
        present.apply(change)
        pending.append(Pending(change: change))
    }

    private func syncNames(of directory: String) {
        for index in pending.indices
        where pending[index].change.names.contains(where: { Self.parent(of: $0) == directory }) {
            pending[index].isSynced = true
        }
        var count: Int
        repeat {
            count = pending.count
            pending.removeAll { pending in
                guard pending.isSynced, durable.hasPlace(for: pending.change) else { return false }
                durable.apply(pending.change)
                return true
            }
        } while pending.count < count
    }

    private static func parent(of name: String) -> String {
        name.lastIndex(of: "/").map { String(name[..<$0]) } ?? ""
    }
}

extension DiskModel.Names {
    /// Does nothing where what it needs is not there.
    fileprivate mutating func apply(_ change: DiskModel.NameChange) {
        switch change {
        case .appears(let name, let file):
            if hasParent(of: name) { files[name] = file }
        case .goes(let name): files[name] = nil
        case .moves(let from, let to):
            guard hasParent(of: to), let file = files.removeValue(forKey: from) else { return }
            files[to] = file
        case .directoryAppears(let name):
            if !name.isEmpty, hasParent(of: name) { directories.insert(name) }
        case .directoryGoes(let name):
            if !files.keys.contains(where: { $0.hasPrefix(name + "/") }) {
                directories.remove(name)
            }
        }
    }

    /// Whether the directory is there in which something appears.
    fileprivate func hasPlace(for change: DiskModel.NameChange) -> Bool {
        switch change {
        case .appears(let name, _), .moves(_, let name), .directoryAppears(let name):
            hasParent(of: name)
        case .goes, .directoryGoes: true
        }
    }

    private func hasParent(of name: String) -> Bool {
        name.lastIndex(of: "/").map { directories.contains(String(name[..<$0])) } ?? true
    }
}

extension DiskModel.NameChange {
    fileprivate var names: [String] {
        switch self {
        case .appears(let name, _), .goes(let name), .directoryAppears(let name),
            .directoryGoes(let name):
            [name]
        case .moves(let from, let to): [from, to]
        }
    }
}
