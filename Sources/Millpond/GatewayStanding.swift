// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The part of `/v1/status` that is shown; its keys are those of the API.
struct GatewayStanding: Decodable {
    struct Reason: Decodable { var text: String }
    struct Buffer: Decodable {
        var batches: Int
        var readings: Int
        var bytes: Int
        var limit_bytes: Int
        var newest: String
        var lost_records: Int
        var holds_seconds: Double?
        var survive_seconds: Double?
    }
    struct Consumer: Decodable {
        var name: String
        var cursor: String
        var lag_batches: Int
        var left_seconds: Double?
    }
    var gateway: String
    var version: String
    var time: String
    var clock: String
    var ready: Bool
    var uptime_seconds: Double
    var reasons: [Reason]
    var buffer: Buffer
    var consumers: [Consumer]
    var connections: [LineStanding]
}

/// The part of `/v1/equipment` that is shown.
struct PlantStanding: Decodable {
    struct Equipment: Decodable {
        var id: String
        var health: Health
        var data: DataHealth
    }
    struct Health: Decodable {
        var status: String?
        var index: Int?
        var conditions: [Condition]
    }
    struct Condition: Decodable {
        var state: String
        var text: String
        var action: String?
    }
    struct DataHealth: Decodable { var status: String }
    var equipment: [Equipment]
}
