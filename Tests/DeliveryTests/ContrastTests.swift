// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Delivery

/// WCAG 2.2, 1.4.3: text stands out from its ground by 4.5:1, in both schemes.
@Suite struct ContrastTests {
    static let pairs = [
        ("ink", "bg"), ("ink", "card"), ("soft", "bg"), ("soft", "card"), ("link", "bg"),
        ("link", "card"), ("u", "card"), ("u", "bg"), ("f", "bg"), ("ink", "ft"), ("ink", "ct"),
        ("ink", "st"), ("ink", "mt"), ("ink", "nt"), ("ink", "ut"), ("f", "ft"), ("c", "ct"),
        ("s", "st"), ("m", "mt"), ("n", "nt"), ("u", "ut"), ("u", "hatch"), ("ink", "hatch"),
        ("on", "f"), ("on", "c"), ("on", "s"), ("on", "m"),
    ]

    @Test(arguments: [0, 1]) func `every text can be read`(scheme: Int) throws {
        let schemes = StatusPage.styleSheet.matches(of: /:root\{([^}]*--bg[^}]*)\}/)
        let declarations = String(try #require(schemes.dropFirst(scheme).first).output.1)
        var colours: [String: Double] = [:]
        for match in declarations.matches(of: /--([a-z]+):\s*#([0-9a-f]{3,6})/) {
            colours[String(match.output.1)] = Self.luminance(String(match.output.2))
        }
        for (text, ground) in Self.pairs {
            let one = try #require(colours[text], "\(text)")
            let other = try #require(colours[ground], "\(ground)")
            let ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
            #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
        }
    }

    /// Relative luminance of a colour as CSS writes it.
    private static func luminance(_ hex: String) -> Double {
        let digits = hex.count == 3 ? hex.flatMap { [$0, $0] } : Array(hex)
        let parts = stride(from: 0, to: 6, by: 2).map { start -> Double in
            let value = Double(Int(String(digits[start...(start + 1)]), radix: 16) ?? 0) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
