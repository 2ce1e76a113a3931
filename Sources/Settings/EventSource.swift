// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import CYaml

/// One step through a YAML document.
struct Event {
    enum Kind {
        case streamEnd, documentStart
        case scalar(String, quoted: Bool)
        case sequenceStart, mappingStart, alias
        /// Of a sequence or a mapping.
        case collectionEnd
        /// A step without content.
        case other
    }

    var kind: Kind
    var place: Place
    var hasAnchor = false
    var hasTag = false
}

/// libyaml's parser over a text that outlives it: the sole user of the C library.
struct EventSource {
    /// On the heap, because libyaml keeps a pointer to it within itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        let isReady = yaml_parser_initialize(parser)
        precondition(isReady == 1, "libyaml fails here only without memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    /// Frees the parser; nothing may be asked of it afterwards.
    func close() {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
    }

    /// The next step, or `nil` after a failure.
    func next() -> Event? {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { return nil }
        defer { yaml_event_delete(&event) }
        let place = Place(event.start_mark)
        switch event.type {
        case YAML_STREAM_END_EVENT:
            return Event(kind: .streamEnd, place: place)
        case YAML_DOCUMENT_START_EVENT:
            return Event(kind: .documentStart, place: place)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return Event(
                kind: .scalar(
                    String(decoding: bytes, as: UTF8.self),
                    quoted: scalar.style != YAML_PLAIN_SCALAR_STYLE),
                place: place, hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return Event(
                kind: .sequenceStart, place: place, hasAnchor: start.anchor != nil,
                hasTag: start.tag != nil)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return Event(
                kind: .mappingStart, place: place, hasAnchor: start.anchor != nil,
                hasTag: start.tag != nil)
        case YAML_ALIAS_EVENT:
            return Event(kind: .alias, place: place)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            return Event(kind: .collectionEnd, place: place)
        default:
            return Event(kind: .other, place: place)
        }
    }

    /// Why the last `next` gave nothing.
    var failure: SyntaxFailure {
        let state = parser.pointee
        return SyntaxFailure(
            problem: state.problem.map { String(cString: $0) } ?? "unreadable",
            context: state.context.map {
                (text: String(cString: $0), place: Place(state.context_mark))
            },
            place: state.error == YAML_READER_ERROR ? nil : Place(state.problem_mark),
            offset: Int(clamping: state.problem_offset))
    }
}

extension Place {
    /// libyaml counts lines and characters from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
