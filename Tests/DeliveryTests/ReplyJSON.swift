// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

/// What the tests read of the JSON that comes back, with a decoder that is not the project's.
extension Reply {
    struct Problem: Decodable {
        var type: String
        var title: String
        var status: Int
        var detail: String?
        var resume: String?
    }

    struct Page: Decodable {
        var epoch: String
        var discontinuities: [Gap]
        var batches: [Batch]
        var next: String
        var more: Bool
    }

    struct Gap: Decodable {
        var type: String
        var from: String
        var to: String
        var records: Int?
        var reason: String
    }

    struct Batch: Decodable {
        var type: String
        var cursor: String
        var sha256: String
        var records: [Record]
    }

    struct Record: Decodable {
        var type: String
        var time: String
        var signal: String?
        var quality: String?
        var reason: String?
    }

    struct Consumer: Decodable {
        var name: String
        var cursor: String
        var lag_batches: Int
        var lag_readings: Int
        var lag_seconds: Double
        var holds_back_bytes: Int
        var moved: Bool?
    }

    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The problem document, held against what every one must have.
    func problem(sourceLocation: SourceLocation = #_sourceLocation) throws -> Problem {
        #expect(
            headers["content-type"] == "application/problem+json", sourceLocation: sourceLocation)
        let problem = try json(Problem.self)
        #expect(problem.status == status, sourceLocation: sourceLocation)
        #expect(problem.type.hasPrefix("urn:millpond:problem:"), sourceLocation: sourceLocation)
        #expect(!problem.title.isEmpty, sourceLocation: sourceLocation)
        #expect(problem.detail?.isEmpty == false, sourceLocation: sourceLocation)
        return problem
    }

    var lines: [String] {
        text.split(separator: "\n").map(String.init)
    }
}
