// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The libraries of this box, and what is known of them.
struct LibraryDiagnosis {
    /// By their names, as they say themselves.
    let versions: [(name: String, version: String)]

    var diagnoses: [Diagnosis] {
        versions.map { name, version in
            let known = Self.matter(with: name, version).map { " (\($0))" } ?? ""
            return .ok(.libraries, "\(name) \(version)\(known)")
        }
    }

    /// What is wrong with a version, and why that does no harm here; `nil`: nothing is known.
    static func matter(with name: String, _ version: String) -> String? {
        let number = version.split(separator: ".").prefix(3).compactMap { Int($0) }
        return switch name {
        case "SQLite" where !hasLogReset(number):
            "before 3.51.3 two connections that write to one log can lose pages; here one writes"
        case "libmodbus" where number.lexicographicallyPrecedes([3, 2]):
            "it takes late and foreign answers for its own; the guard before it does not"
        default: nil
        }
    }

    /// The race at a reset of the log, 3.7.0 to 3.51.2, is mended in 3.51.3, 3.50.7 and 3.44.6.
    private static func hasLogReset(_ number: [Int]) -> Bool {
        for mended in [[3, 44, 6], [3, 50, 7]] where number.starts(with: mended.prefix(2)) {
            return !number.lexicographicallyPrecedes(mended)
        }
        return !number.lexicographicallyPrecedes([3, 51, 3])
    }
}
