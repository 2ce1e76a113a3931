// swift-tools-version:6.2
// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// How the product is linked: by lld, which comes with Swift. Unlike gold it keeps code apart from
/// what only unwinding and reflection read, and packs relocations; and nobody asks an executable
/// for the 24,000 symbols that a static Swift library has it export. Of the binary, 4 MB less
/// become resident.
let lean: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker",
            "pack-relative-relocs",
        ], .when(configuration: .release))
]

/// A Debian library as a C module of its own, imported by exactly one target.
func debian(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// `data` are folders that the tests read where they lie.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], data: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: data, swiftSettings: strict)
}

/// A program that tests run: no product, and no part of the house. `data` is what lies beside it.
func testProgram(
    _ name: String, _ dependencies: [Target.Dependency], data: [String] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: data,
        swiftSettings: strict)
}

let package = Package(
    name: "millpond",
    products: [.executable(name: "millpond", targets: ["Millpond"])],
    dependencies: [
        // HTTP/1.1 server with back-pressure, limits and structured concurrency; no traits: no ICU.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // The command line: parsing, help and completions.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Event loops and HTTP/1.1 codec under Hummingbird; `status` and `tail` use its client.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Header fields, the currency of Hummingbird.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Hummingbird's currency on the wire's side: what is refused before a route is known.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // The log facade that Hummingbird and the service group speak.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Order of start and stop, and signals.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        debian("CModbus", pkgConfig: "libmodbus", package: "libmodbus-dev"),
        debian("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        debian("CYaml", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        debian("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
        debian("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
        .systemLibrary(name: "CLinux"),
        debian("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),

        library("Equipment", []),
        library("Modbus", ["CModbus"]),
        library("Settings", ["CYaml"]),
        library("Plant", ["Equipment", "Modbus", "Settings"]),
        library("Buffer", ["Equipment", "CSQLite", "CZstd", "CCrypto"]),
        library("Acquisition", ["Plant", "Settings", "Modbus", "Equipment", "Buffer"]),
        library("Simulator", ["Plant", "Settings", "Modbus", "Equipment"]),
        library(
            "Delivery",
            [
                "Buffer", "Equipment", "CZlib",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "Millpond",
            dependencies: [
                "Acquisition", "Delivery", "Simulator", "Plant", "Settings", "Buffer", "Modbus",
                "Equipment", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict, linkerSettings: lean),

        tests("EquipmentTests", ["Equipment"]),
        tests("ModbusTests", ["Modbus"], data: ["Dumps"]),
        tests("SettingsTests", ["Settings"]),
        tests("PlantTests", ["Plant", "Settings", "Equipment", "Modbus"]),
        tests("BufferTests", ["Buffer", "Equipment"]),
        tests(
            "AcquisitionTests",
            ["Acquisition", "Plant", "Modbus", "Equipment", "Buffer", "Simulator"]),
        tests("SimulatorTests", ["Simulator", "Plant", "Modbus", "Equipment"]),
        tests(
            "DeliveryTests",
            [
                "Delivery", "Buffer", "Equipment",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "MillpondTests",
            [
                "Millpond", "Acquisition", "Buffer", "Delivery", "Equipment", "Modbus", "Plant",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests("TidyTests", []),
        testProgram(
            "Torture", ["Buffer", "Equipment"], data: ["Shim", "mutants.py", "figures.py"]),
    ],
    swiftLanguageModes: [.v6]
)
