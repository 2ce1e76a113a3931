// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Gathers what is wrong with one file, so that all of it can be told at once.
///
/// Whoever reads a value reports here and goes on with the next one.
package final class Findings {
    /// More mistakes than this are not kept: whoever has so many has given the wrong file.
    package static let limit = 200

    /// The path as it was given; it heads every mistake and note.
    package let file: String
    private var collected: [Mistake] = []
    private var collectedNotes: [Note] = []

    /// Nothing found yet.
    package init(file: String) {
        self.file = file
    }

    /// In the order of the file; at most `limit` and one that says that there were more.
    package var mistakes: [Mistake] {
        let sorted = collected.sorted { $0.place < $1.place }
        guard sorted.count > Self.limit, let last = sorted.last else { return sorted }
        let more = Mistake(
            file: file, place: last.place,
            message: "there are more mistakes than these \(Self.limit)", suggestion: nil)
        return sorted.prefix(Self.limit) + [more]
    }

    /// In the order of the file.
    package var notes: [Note] {
        collectedNotes.sorted { $0.place < $1.place }
    }

    /// Whether nothing wrong was found so far.
    package var isClean: Bool { collected.isEmpty }

    /// Reports a mistake at `place`; `message` is one sentence without a full stop.
    package func mistake(at place: Place, _ message: String, suggestion: String? = nil) {
        guard collected.count <= Self.limit else { return }
        collected.append(
            Mistake(file: file, place: place, message: message, suggestion: suggestion))
    }

    /// Reports something worth knowing at `place`; `message` is one sentence without a full stop.
    package func note(at place: Place, _ message: String) {
        guard collectedNotes.count < Self.limit else { return }
        collectedNotes.append(Note(file: file, place: place, message: message))
    }
}
