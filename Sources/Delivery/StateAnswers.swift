// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Equipment
internal import HTTPTypes

/// What is so now: the equipment, the gateway itself, and the page that shows both.
struct StateAnswers: Sendable {
    let buffer: BatchBuffer
    let plant: @Sendable () -> [EquipmentSnapshot]
    let status: @Sendable () -> GatewayStatus
    let frames: @Sendable (_ connection: String) -> String?

    func answer(_ route: Route) async throws -> Answer {
        switch route {
        case .allEquipment: .json(allEquipment)
        case .equipment(let id): .json(try equipment(id))
        case .status: .json(await gatewayState().json)
        case .frames(let connection): .plain(try frames(of: connection))
        case .metrics: .plain(await gatewayState().metrics, as: MetricsText.mediaType)
        case .ready: await ready()
        case .alive: .json(alive)
        case .styleSheet: StatusPage.styleSheetAnswer
        default: await StatusPage(plant: plant(), gateway: gatewayState()).answer
        }
    }

    private var allEquipment: [UInt8] {
        var json = JSONText()
        json.object { json in
            json.array("equipment") { json in
                for equipment in plant() { json.object { equipment.write(to: &$0) } }
            }
        }
        json.endLine()
        return json.bytes
    }

    private func equipment(_ id: String) throws -> [UInt8] {
        guard let equipment = plant().first(where: { $0.id == id }) else {
            throw Problem.unknownEquipment(id)
        }
        var json = JSONText()
        json.object { equipment.write(to: &$0) }
        json.endLine()
        return json.bytes
    }

    private func frames(of connection: String) throws -> [UInt8] {
        guard let text = frames(connection) else { throw Problem.unknownConnection(connection) }
        return Array(text.utf8)
    }

    /// A buffer that fails is told, and takes nothing else with it: that is when people look.
    private func gatewayState() async -> GatewayState {
        do throws(BufferError) {
            return GatewayState(
                status: status(), buffer: try await buffer.state(),
                consumers: try await buffer.consumers(), events: buffer.events)
        } catch {
            return GatewayState(
                status: status(), buffer: nil, consumers: [], events: buffer.events)
        }
    }

    /// That this is answered at all says that the gateway is alive.
    private var alive: [UInt8] {
        var json = JSONText()
        json.object { $0.member("alive", true) }
        json.endLine()
        return json.bytes
    }

    private func ready() async -> Answer {
        let obstacles = await gatewayState().obstacles
        var json = JSONText()
        json.object { json in
            json.member("ready", obstacles.isEmpty)
            obstacles.write(to: &json)
        }
        json.endLine()
        return .json(json.bytes, status: obstacles.isEmpty ? .ok : .serviceUnavailable)
    }
}

/// The gateway's state, from all who know of it.
struct GatewayState: Sendable {
    let status: GatewayStatus
    /// `nil` where the buffer cannot be read.
    let buffer: BufferState?
    let consumers: [Consumer]
    /// What happened to the buffer since the start.
    var events: [BufferEvent] = []

    var obstacles: [GatewayStatus.Obstacle] {
        status.obstacles + (buffer == nil ? [.bufferUnreadable] : [])
    }
}

extension GatewayStatus.Obstacle {
    static let bufferUnreadable = Self(
        obstacle: "buffer-unreadable",
        text: "The buffer cannot be read. The log says why; look at the disk.")
}

extension GatewayState {
    /// The answer of `/v1/status`.
    var json: [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("gateway", status.gateway)
            json.member("site", status.site)
            json.member("version", status.version)
            json.member("time", status.now)
            json.member("started", status.started)
            json.member("uptime_seconds", status.uptime.roundedSeconds)
            json.member("configuration", status.configuration)
            json.member("clock", status.clock.rawValue)
            json.member("ready", obstacles.isEmpty)
            obstacles.write(to: &json)
            json.object("counters") { json in
                for counter in status.counters { json.member(counter.name, counter.count) }
            }
            status.writeTraffic(to: &json)
            if let buffer {
                json.object("buffer") { json in
                    buffer.write(to: &json)
                    json.member("survive_seconds", status.survive?.roundedSeconds)
                }
            } else {
                json.member("buffer", json: "null".utf8)
            }
            json.array("consumers") { json in
                for consumer in consumers {
                    json.object { json in
                        consumer.write(to: &json)
                        json.member("left_seconds", buffer?.left(to: consumer)?.roundedSeconds)
                    }
                }
            }
            json.array("buffer_events") { json in
                for event in events {
                    json.object { json in
                        json.member("event", event.id)
                        json.member("records", ifAny: event.records)
                    }
                }
            }
        }
        json.endLine()
        return json.bytes
    }
}

extension BufferState {
    fileprivate func write(to json: inout JSONText) {
        json.member("epoch", epoch.text)
        json.member("oldest", Cursor(epoch: epoch, sequence: oldest))
        json.member("newest", Cursor(epoch: epoch, sequence: newest))
        json.member("batches", batches)
        json.member("readings", readings)
        json.member("bytes", bytes)
        json.member("limit_bytes", limit)
        json.member("quota_bytes", quota)
        json.member("pressed_by_disk", isPressedByDisk)
        json.member("oldest_sealed", oldestSealed)
        json.member("newest_sealed", newestSealed)
        json.member("lost_records", lostRecords)
        json.object("lost_by_reason") { json in
            for reason in LossReason.allCases where reason != .acknowledged {
                json.member(reason.rawValue, lost[reason] ?? 0)
            }
        }
        json.member("in_quarantine_records", owedRecords)
        json.object("scrub") { json in
            json.member("batches", scrub.batches)
            json.member("bytes", scrub.bytes)
            json.member("damaged", scrub.damaged)
            json.member("passes", scrub.passes)
            json.member("last_pass_seconds_ago", scrub.sinceLast?.roundedSeconds)
        }
        json.member("thinned_readings", thinned)
        json.member("readings_per_second", pace?.readings)
        json.member("bytes_per_second", pace?.bytes)
        json.member("holds_seconds", holds?.roundedSeconds)
    }
}

extension [GatewayStatus.Obstacle] {
    fileprivate func write(to json: inout JSONText) {
        json.array("reasons") { json in
            for obstacle in self {
                json.object { json in
                    json.member("reason", obstacle.obstacle)
                    json.member("text", obstacle.text)
                }
            }
        }
    }
}
