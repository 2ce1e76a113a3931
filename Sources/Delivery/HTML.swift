// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// A piece of HTML in which everything that is not HTML itself has been escaped.
///
/// Interpolating a text escapes it; interpolating a piece of HTML does not. There is no other way
/// in, so nothing that a device or a configuration says can become markup.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral text: String) {
        self.text = text
    }

    init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    static let nothing: HTML = ""

    static func += (left: inout HTML, right: HTML) {
        left.text += right.text
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        mutating func appendInterpolation(_ html: HTML) {
            text += html.text
        }

        mutating func appendInterpolation(_ number: Int) {
            text += String(number)
        }

        mutating func appendInterpolation(_ plain: some StringProtocol) {
            for character in plain.unicodeScalars {
                switch character {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                default:
                    text.unicodeScalars.append(Self.isPlain(character) ? character : "\u{FFFD}")
                }
            }
        }

        /// Controls, and marks that turn the direction of writing, could make a page lie.
        private static func isPlain(_ character: Unicode.Scalar) -> Bool {
            switch character.value {
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }
}

extension Sequence<HTML> {
    /// All of them, one after the other.
    func joined() -> HTML {
        reduce(into: .nothing) { $0 += $1 }
    }
}
