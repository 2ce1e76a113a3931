// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The targets of the package and what each imports of the others: the arrows of the house.
struct Arrows: Equatable {
    var imports: [String: Set<String>] = [:]

    /// The libraries and the executable, without C modules and tests.
    var swiftTargets: Set<String> { Set(imports.keys) }
    var cTargets: Set<String> = []

    /// As Package.swift declares them, through its functions `debian`, `library` and `tests`; a C
    /// module without a Debian package of its own is a plain `.systemLibrary`.
    init(manifest: String) {
        let declaration =
            /(debian|library|tests|\.executableTarget|\.systemLibrary)\(\s*(?:name: )?"(\w+)"/
        let found = manifest.matches(of: declaration)
        cTargets = Set(
            found.filter { $0.1 == "debian" || $0.1 == ".systemLibrary" }.map { String($0.2) })
        let tests = Set(found.filter { $0.1 == "tests" }.map { String($0.2) })
        let names = Set(found.map { String($0.2) }).subtracting(tests)
        for (match, next) in zip(found, found.dropFirst().map(Optional.some) + [nil]) {
            guard match.1 == "library" || match.1 == ".executableTarget" else { continue }
            let end = next?.range.lowerBound ?? manifest.endIndex
            let body = manifest[match.range.upperBound..<end]
                .replacing(/\.product\([^)]*\)/, with: "")
            let imported = body.matches(of: /"(\w+)"/).map { String($0.1) }
            imports[String(match.2)] = Set(imported).intersection(names)
        }
    }

    /// As the `import` lines of the sources show them.
    init(sources: [TextFile], among targets: Set<String>) {
        let importLine =
            #/
            ^\s*(?:@\w+\s+)* (?:(?:package|internal|private|fileprivate)\s+)?
            import\s+ (?:(?:struct|class|enum|protocol|func|typealias|let|var)\s+)? (\w+)
            /#
        for file in sources {
            let target = String(file.path.split(separator: "/")[1])
            for line in file.code where line.contains("import") {
                guard let name = line.firstMatch(of: importLine)?.1 else { continue }
                guard targets.contains(String(name)) else { continue }
                imports[target, default: []].insert(String(name))
            }
            imports[target, default: []].formUnion([])
        }
    }

    /// As the table of Sources/README.md tells them: `| `Target` | what it is | `A` `B` |`.
    init(map: String) {
        for line in map.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { String($0) }
            guard cells.count == 3 else { continue }
            let imported = cells[2].matches(of: /`(\w+)`/).map { String($0.1) }
            for target in cells[0].matches(of: /`(\w+)`/) {
                imports[String(target.1)] = Set(imported)
            }
        }
    }

    /// Where two views differ, one line for each target.
    func differences(from other: Arrows) -> [String] {
        Set(imports.keys).union(other.imports.keys).sorted().compactMap { target in
            let (mine, theirs) = (imports[target], other.imports[target])
            guard mine != theirs else { return nil }
            return "\(target): \(Self.tell(mine)) against \(Self.tell(theirs))"
        }
    }

    private static func tell(_ imported: Set<String>?) -> String {
        imported.map { $0.isEmpty ? "nothing" : $0.sorted().joined(separator: " ") } ?? "absent"
    }
}
