// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Settings

/// A host and a port as settings write them: `10.0.4.21`, `plc.local:502`, `"[fd00::7]:502"`.
package struct Address: Equatable, Sendable {
    /// A name or an address, without brackets.
    package var host: String
    /// `nil` if none is written.
    package var port: UInt16?

    /// Whether only this box can reach it, as far as the text can say.
    package var isLoopback: Bool {
        if host == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            return UInt32(bigEndian: four.s_addr) >> 24 == 127
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return withUnsafeBytes(of: six) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }

    /// Why a text is no address.
    package enum Flaw: Error {
        case shape(meant: String?)
        case host(String)
        case port(String)
    }

    /// Reads `text` strictly.
    package init(_ text: String) throws(Flaw) {
        if let scheme = text.firstRange(of: "://") {
            throw .shape(meant: String(text[scheme.upperBound...]))
        }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
            guard Self.isIPv6(host) else { throw .host(String(host)) }
        } else if text.count(where: { $0 == ":" }) > 1 {
            throw .shape(meant: Self.isIPv6(text[...]) ? "[\(text)]" : nil)
        } else {
            host = text.prefix { $0 != ":" }
            rest = text.dropFirst(host.count)
            guard Self.isHost(host) else { throw .host(String(host)) }
        }
        self.host = String(host)
        guard !rest.isEmpty else { return }
        guard rest.hasPrefix(":") else { throw .shape(meant: nil) }
        let digits = rest.dropFirst()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits)
        else { throw .port(String(digits)) }
        self.port = port
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        var address = in6_addr()
        let literal = String(text.prefix { $0 != "%" })  // "%eth0" names the zone.
        return inet_pton(AF_INET6, literal, &address) == 1
    }

    /// An IPv4 address, or a name (RFC 1123, §2.1; underscores occur).
    private static func isHost(_ text: Substring) -> Bool {
        if text.allSatisfy({ "0123456789.".contains($0) }) {
            var address = in_addr()
            return inet_pton(AF_INET, String(text), &address) == 1
        }
        let absolute = text.hasSuffix(".") ? text.dropLast() : text
        return absolute.utf8.count <= 253
            && absolute.split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy { Name.isValid($0) && !$0.hasSuffix("-") }
    }
}

extension Field {
    /// A host and port, as `example` shows.
    func address(example: String) -> Address? {
        if case .sequence = node.content {
            mistake("an IPv6 address in brackets must be quoted: \"[fd00::7]:502\"")
            return nil
        }
        guard let text = text() else { return nil }
        do throws(Address.Flaw) {
            return try Address(text)
        } catch {
            switch error {
            case .shape(let meant):
                mistake(
                    "\(Field.quote(key)) must be an address such as \(example), "
                        + "not \(Field.quote(text))",
                    suggestion: meant)
            case .host(let host):
                mistake("\(Field.quote(host)) is neither a host name nor an address")
            case .port(let port):
                mistake("the port must be 0 to 65535, not \(Field.quote(port))")
            }
        }
        return nil
    }
}
