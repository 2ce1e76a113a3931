// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// Turns libyaml's events into a tree, refusing what a settings file has no use for.
///
/// Anchors, aliases, tags and repeated keys are reported and reading goes on; an alias is never
/// followed. A text that is not YAML ends the reading: what libyaml says of the rest is noise.
struct TreeReader {
    /// Reading cannot go on; the mistake was reported.
    private struct Stop: Error {}

    private let text: UnsafeBufferPointer<UInt8>
    private let findings: Findings
    private var events: EventSource
    private var nodes = 0

    init(_ text: UnsafeBufferPointer<UInt8>, _ findings: Findings) {
        self.text = text
        self.findings = findings
        self.events = EventSource(text)
    }

    /// The only document's tree; `nil` if there is none to judge further.
    mutating func read() -> Node? {
        defer { events.close() }
        guard let root = try? document() else { return nil }  // Reported where it was thrown.
        return root
    }

    private mutating func document() throws(Stop) -> Node? {
        var root: Node?
        while true {
            let event = try next()
            switch event.kind {
            case .other:
                continue
            case .streamEnd:
                if root == nil { findings.mistake(at: .start, "the file is empty") }
                return root
            case .documentStart where root != nil:
                findings.mistake(
                    at: event.place, "a second document begins here; a settings file is one")
                throw Stop()
            case .documentStart:
                let content = try node(try next(), depth: 1)
                if content.isNull {
                    findings.mistake(at: .start, "the file is empty")
                    throw Stop()
                }
                root = content
            case .scalar, .sequenceStart, .mappingStart, .alias, .collectionEnd:
                preconditionFailure("libyaml gives content only within a document")
            }
        }
    }

    private mutating func node(_ event: Event, depth: Int) throws(Stop) -> Node {
        guard depth <= Document.depthLimit else {
            findings.mistake(
                at: event.place, "nested deeper than \(Document.depthLimit) levels")
            throw Stop()
        }
        nodes += 1
        guard nodes <= Document.nodeLimit else {
            findings.mistake(
                at: event.place, "the file has more than \(Document.nodeLimit) keys and values")
            throw Stop()
        }
        if event.hasAnchor {
            findings.mistake(at: event.place, "anchors (&…) are not read; write the value out")
        }
        if event.hasTag {
            findings.mistake(at: event.place, "tags (!…) are not read; leave it out")
        }
        switch event.kind {
        case .scalar(let text, let quoted):
            return Node(place: event.place, content: .scalar(text, quoted: quoted))
        case .sequenceStart:
            return Node(place: event.place, content: .sequence(try items(depth)))
        case .mappingStart:
            return Node(place: event.place, content: .mapping(try entries(depth)))
        case .alias:
            findings.mistake(at: event.place, "aliases (*…) are not read; write the value out")
            return Node(place: event.place, content: .unreadable)
        case .streamEnd, .documentStart, .collectionEnd, .other:
            preconditionFailure("libyaml closes what it opened")
        }
    }

    private mutating func items(_ depth: Int) throws(Stop) -> [Node] {
        var items: [Node] = []
        while true {
            let event = try next()
            if case .collectionEnd = event.kind { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(_ depth: Int) throws(Stop) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        var seen: [String: Place] = [:]
        while true {
            let event = try next()
            if case .collectionEnd = event.kind { return entries }
            let key = try node(event, depth: depth + 1)
            let value = try node(try next(), depth: depth + 1)
            switch key.content {
            case .scalar(let name, _):
                if let first = seen[name] {
                    findings.mistake(
                        at: key.place,
                        "\(Field.quote(name)) stands here twice, first in line \(first.line)")
                } else {
                    seen[name] = key.place
                    entries.append(Node.Entry(key: name, place: key.place, value: value))
                }
            case .sequence, .mapping:
                findings.mistake(at: key.place, "a key must be a single word, not \(key.kind)")
            case .unreadable:
                break
            }
        }
    }

    private mutating func next() throws(Stop) -> Event {
        if let event = events.next() { return event }
        let failure = events.failure.explained(in: text)
        findings.mistake(
            at: failure.place, failure.message, suggestion: failure.suggestion)
        throw Stop()
    }
}
