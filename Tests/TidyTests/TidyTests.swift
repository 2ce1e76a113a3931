// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What compiler and formatter cannot see, held against every file of the repository.
@Suite struct `The repository` {
    @Test func `has no file that is too long`() {
        #expect(
            Repository.files.filter { $0.hasSuffix(".swift", ".py") }.flatMap(findTooLong) == [])
    }

    @Test func `opens each file with its licence`() {
        let named = Repository.files.filter {
            $0.hasSuffix(".swift", ".h", ".py", ".service", ".sysusers", ".ci/run", "Makefile")
        }
        #expect(named.flatMap(findMissingHeader) == [])
    }

    @Test func `names things in the plant`() {
        #expect(Repository.swift.flatMap(findEmptyNames) == [])
    }

    @Test func `does without what hides errors and races`() {
        let findings = Repository.swift.flatMap {
            findConstructs($0, exceptions: provenExceptions)
        }
        #expect(findings == [])
        #expect(findStale(provenExceptions, in: Repository.swift) == [])
    }

    @Test func `documents what other targets use`() {
        #expect(Repository.sources.flatMap(findUndocumented) == [])
    }

    @Test func `audits the books of every buffer in a test`() {
        #expect(Repository.swift.flatMap(findUnaudited) == [])
    }

    @Test func `knows no path of the machine it was written on`() {
        #expect(Repository.files.flatMap(findMachinePaths) == [])
    }

    @Test func `proves every profile by a capture`() {
        let models = Repository.folder("devices").flatMap { vendor in
            Repository.folder("devices/\(vendor)").map { "devices/\(vendor)/\($0)" }
        }.filter(Repository.isFolder)
        #expect(!models.isEmpty)
        for model in models {
            #expect(Repository.folder(model).contains("profile.yaml"), "\(model)")
            #expect(Repository.folder(model).contains("capture.yaml"), "\(model)")
        }
    }
}

/// Who imports whom: said by Package.swift, done by the sources, drawn in the map.
@Suite struct `The house` {
    private let manifest = Arrows(manifest: Repository.text("Package.swift"))
    private var sources: Arrows {
        Arrows(
            sources: Repository.sources, among: manifest.swiftTargets.union(manifest.cTargets))
    }

    @Test func `imports what the manifest declares, and all of it`() {
        #expect(sources.differences(from: manifest) == [])
    }

    @Test func `is drawn in the map as it stands`() {
        let map = Arrows(map: Repository.text("Sources/README.md"))
        #expect(map.differences(from: manifest) == [])
    }

    @Test func `imports each C library in one target`() {
        for module in manifest.cTargets.sorted() {
            let importers = sources.imports.filter { $0.value.contains(module) }.keys
            #expect(importers.count == 1, "\(module) is imported by \(importers.sorted())")
        }
    }

    @Test func `keeps acquisition and delivery apart`() {
        for (one, other) in [("Acquisition", "Delivery"), ("Delivery", "Acquisition")] {
            #expect(manifest.imports[one]?.contains(other) == false)
        }
    }
}
