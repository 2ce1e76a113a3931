// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Modbus
package import Plant

/// A profile that a unit matches, and by what.
package struct Recognition: Hashable, Sendable {
    /// What was seen of the device that the profile says its model has.
    package enum Evidence: Hashable, Sendable {
        /// What Read Device Identification says, vendor and product.
        case identification(vendor: String?, product: String)
        /// The part of the answer to Report Server ID.
        case serverID(String)
        /// What stands in these registers.
        case registers([Identity.Mark])
    }

    /// `<vendor>/<model>`.
    package let profile: String
    /// Why.
    package let evidence: Evidence

    /// A match that somebody has seen.
    package init(profile: String, evidence: Evidence) {
        self.profile = profile
        self.evidence = evidence
    }
}

extension Recognition {
    fileprivate var isByIdentification: Bool {
        if case .identification = evidence { true } else { false }
    }
}

/// What a unit says of itself, without being asked for a register.
package struct SelfDescription: Hashable, Sendable {
    /// The objects of Read Device Identification; `nil` if it gave none.
    package var identification: DeviceIdentification?
    /// The answer to Report Server ID; `nil` if it gave none.
    package var serverID: [UInt8]?

    /// Nothing known yet.
    package init() {}

    /// The profiles among `known` that it matches by its own words, those by Read Device
    /// Identification first: a server ID is free text.
    package func matches(among known: [(id: String, identity: Identity)]) -> [Recognition] {
        let found = known.compactMap { id, identity in
            evidence(for: identity).map { Recognition(profile: id, evidence: $0) }
        }
        return found.filter(\.isByIdentification) + found.filter { !$0.isByIdentification }
    }

    private func evidence(for identity: Identity) -> Recognition.Evidence? {
        if let product = identity.product, let identification {
            let names = [4, 1, 5].compactMap { identification.text(of: $0) }
            let name = names.first { $0.contains(ignoringCase: product) }
            let vendor = identification.text(of: 0)
            let isVendor = identity.vendor.map { vendor?.contains(ignoringCase: $0) ?? false }
            if let name, isVendor ?? true { return .identification(vendor: vendor, product: name) }
        }
        if let part = identity.serverID, let serverID {
            if DeviceText.printable(serverID).contains(ignoringCase: part) {
                return .serverID(part)
            }
        }
        return nil
    }
}

extension Identity.Mark {
    /// What fetches it; whether a unit has it shows by the answer.
    package func request(of unit: UInt8) -> Request {
        Request(unit: unit, table: table, start: address, count: layout.width)
    }

    /// Whether the words are what this model holds there.
    package func holds(_ words: [UInt16]) -> Bool {
        guard words.count == layout.width else { return false }
        switch (layout.raw(of: words[...]), content) {
        case (.signed(let found), .number(let wanted)): return found == wanted
        case (.unsigned(let found), .number(let wanted)): return Int64(exactly: found) == wanted
        case (.boolean(let found), .number(let wanted)): return found == (wanted != 0)
        case (.text(let found), .text(let wanted)): return found.hasPrefix(wanted)
        default: return false
        }
    }
}

extension DeviceIdentification {
    /// An object as text that may stand in a table or a file; `nil` if it is not there or empty.
    package func text(of object: UInt8) -> String? {
        objects[object].map(DeviceText.printable).flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Bytes that a device sent as text.
package enum DeviceText {
    /// The longest that is shown.
    static let limit = 120

    /// The printable ASCII of it, with `?` for the rest, without blanks and NULs at the ends.
    package static func printable(_ bytes: [UInt8]) -> String {
        let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
        let body = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        let shown = body.prefix(limit).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: shown, as: UTF8.self)
    }
}

extension String {
    fileprivate func contains(ignoringCase part: String) -> Bool {
        lowercased().contains(part.lowercased())
    }
}
