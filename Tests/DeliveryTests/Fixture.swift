// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import FoundationEssentials
import Logging
import Testing

@testable import Delivery

/// A real server on a free port over a real buffer in a directory of its own.
struct Fixture: Sendable {
    let client: RawClient
    let buffer: BatchBuffer
    let server: PullServer
    private let stops: AsyncStream<Void>.Continuation

    /// Runs `test`, then stops the server, audits the books and removes the directory.
    static func run(
        limit: Int = 64 << 20, status: GatewayStatus = SamplePlant.status,
        _ test: (Fixture) async throws -> Void
    ) async throws {
        let directory = try temporaryDirectory()
        defer { remove(directory) }
        try await Books.audited {
            try await run(in: directory, limit: limit, status: status, test)
        }
    }

    private static func run(
        in directory: String, limit: Int, status: GatewayStatus,
        _ test: (Fixture) async throws -> Void
    ) async throws {
        let buffer = try BatchBuffer(
            .init(
                directory: directory, gateway: "edge-07", site: "suzhou-2", limit: limit,
                keepAcknowledged: .zero))
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let pull = server(
            at: .init(host: "127.0.0.1", port: 0), buffer: buffer, status: status
        ) { listening.yield($0) }
        let (requests, stops) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { listening.finish() }
                try await withThrowingTaskGroup(of: Void.self) { server in
                    server.addTask { try await pull.run() }
                    server.addTask { for await _ in requests {} }
                    try await server.next()
                    server.cancelAll()
                }
            }
            let port = try #require(await ports.first { _ in true })
            try await test(
                Fixture(
                    client: RawClient(port: port), buffer: buffer, server: pull, stops: stops))
            stops.finish()
        }
        await buffer.close()
    }

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func server(
        at address: PullServer.Address, buffer: BatchBuffer,
        status: GatewayStatus = SamplePlant.status,
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> PullServer {
        PullServer(
            listen: address, buffer: buffer, plant: { SamplePlant.equipment },
            status: { status }, frames: { $0 == "meters" ? "frames of \($0)\n" : nil },
            logger: logger, listening: listening)
    }

    /// Stops the server while the test goes on.
    func stop() {
        stops.finish()
    }

    /// Returns once so many clients wait in long polls.
    func waiters(_ count: Int) async throws {
        while server.waiters != count { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Seals `count` readings as the next batch, and writes it down; returns its head.
    @discardableResult
    func seal(
        _ count: Int = 3, from first: Int = 0, after losses: [Loss] = []
    ) async throws -> BatchHead {
        let head = try await buffer.seal(
            Records(Self.records(count, from: first)), sealed: SamplePlant.now, clock: .synced,
            losses: losses)
        Books.note(head, losses: losses, in: buffer.directory)
        return head
    }

    static let signals = [
        Signal(
            equipment: "press-1", device: "drive", signal: "motor-temperature", unit: "Cel",
            role: nil),
        Signal(equipment: "press-1", device: "meter", signal: "voltage-l1", unit: "V", role: nil),
        Signal(equipment: "press-1", device: "drive", signal: "name", unit: nil, role: nil),
    ]

    /// Readings of every quality, with a text that every format has to escape.
    static func records(_ count: Int, from first: Int = 0) -> [Record] {
        (first..<(first + count)).map { number in
            let time = Timestamp(milliseconds: 1_795_136_600_000 + Int64(number) * 100)
            let content: Reading.Content =
                switch number % 5 {
                case 0: .bad(.noAnswer)
                case 1: .uncertain(.number(4.5), .calibrationOverdue)
                case 2: .good(.text("a \"quoted\", \\ and\r\n<broken> line é"))
                default: .good(.number(Double(number) / 4))
                }
            return .reading(
                Reading(signal: signals[number % 3], time: time, content: content))
        }
    }

    static func temporaryDirectory() throws -> String {
        let path = "/tmp/millpond-delivery-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        return path
    }

    static func remove(_ directory: String) {
        // A left-over directory in /tmp fails no test.
        try? FileManager.default.removeItem(atPath: directory)
    }
}
