// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Equipment

/// What `JSONText` can write as a value.
package protocol JSONWritable {
    /// Appends this value, and nothing around it.
    func write(to json: inout JSONText)
}

extension String: JSONWritable {
    package func write(to json: inout JSONText) { json.write(self) }
}

extension Bool: JSONWritable {
    package func write(to json: inout JSONText) {
        json.write(literal: self ? "true" : "false")
    }
}

extension Int: JSONWritable {
    package func write(to json: inout JSONText) {
        json.writeNumber { NumberText.write(Int64(self), to: $0) }
    }
}

extension Int64: JSONWritable {
    package func write(to json: inout JSONText) {
        json.writeNumber { NumberText.write(self, to: $0) }
    }
}

extension UInt64: JSONWritable {
    package func write(to json: inout JSONText) {
        json.writeNumber { NumberText.write(self, to: $0) }
    }
}

extension Double: JSONWritable {
    /// A number that is not finite has no JSON; it is written as null.
    package func write(to json: inout JSONText) {
        guard isFinite else { return json.write(literal: "null") }
        json.writeNumber { NumberText.write(self, to: $0) }
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    package func write(to json: inout JSONText) {
        switch self {
        case .some(let value): value.write(to: &json)
        case .none: json.write(literal: "null")
        }
    }
}

extension Timestamp: JSONWritable {
    package func write(to json: inout JSONText) { json.write(rfc3339) }
}

extension Cursor: JSONWritable {
    package func write(to json: inout JSONText) { json.write(description) }
}

extension Value {
    /// As a record says it, without quotes around a text.
    package var text: String {
        if case .text(let text) = self { return text }
        var json = JSONText()
        write(to: &json)
        return json.text
    }
}

extension Value: JSONWritable {
    package func write(to json: inout JSONText) {
        switch self {
        case .number(let number): number.write(to: &json)
        case .integer(let integer): integer.write(to: &json)
        case .unsigned(let unsigned): unsigned.write(to: &json)
        case .boolean(let boolean): boolean.write(to: &json)
        case .text(let text): text.write(to: &json)
        }
    }
}
