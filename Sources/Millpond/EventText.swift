// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Equipment
internal import Logging
internal import Modbus

/// An event as one log line: a stable id, its facts, and a sentence that says what it means and
/// what happens next.
struct EventText {
    let level: Logger.Level
    let id: String
    let sentence: String
    var facts: Logger.Metadata = [:]

    func log(to logger: Logger) {
        logger.log(
            level: level, "\(sentence)",
            metadata: facts.merging(["event": "\(id)"]) { $1 })
    }
}

extension EventText {
    /// The line for a change in the plant; `legend` says what the names in it mean.
    init(_ event: PlantEvent, legend: Legend) {
        switch event {
        case .connected(let connection, let absence):
            self.init(connection: connection, absence: absence)
        case .disconnected(let connection, let error, let frames):
            self.init(lost: connection, at: legend.endpoint(of: connection), because: error)
            facts["frames"] = frames.map { "\($0)" }
        case .deviceAnswers(let device, let absence):
            self.init(answering: device, absence: absence)
        case .deviceVanished(let device, let reason, let since, let frames):
            self.init(
                level: .warning, id: "device-offline",
                sentence: "\(device.text) has not answered since \(since.rfc3339) "
                    + "(\(reason.word)); its signals are bad; it is probed until it returns",
                facts: ["device": "\(device.text)"])
            facts["frames"] = frames.map { "\($0)" }
        case .answerGarbled(let device, let request, let frames):
            self.init(
                level: .notice, id: "answer-garbled",
                sentence: "what \(device.text) sent is no answer to \(request.text); it is asked "
                    + "again at the next poll; what came lies in the file, and `status` counts more",
                facts: ["device": "\(device.text)", "frames": "\(frames)"])
        case .otherFraming(let connection):
            self.init(otherFramingAt: legend.endpoint(of: connection), of: connection)
        case .answersLate(let device, let connection, let delay):
            let late = LateText(delay: delay)
            self.init(
                level: .warning, id: "answers-late",
                sentence: "answers of \(device.text) come late (\(late.time)) and are thrown away: "
                    + "raise `timeout` of \(connection), to \(late.timeout) for example",
                facts: ["device": "\(device.text)", "connection": "\(connection)"])
        case .requestRefused(let device, let request, let exception):
            self.init(refusing: device, request, exception: exception)
        case .requestAccepted(let device, let request):
            self.init(
                level: .notice, id: "request-accepted",
                sentence: "\(device.text) answers \(request.text) again",
                facts: ["device": "\(device.text)"])
        case .learnt(let device, let facts, let signals):
            self.init(device, learnt: facts, about: signals)
        case .unlearnt(let device, let fact, let signals):
            self.init(
                level: .notice, id: "given-again",
                sentence: "\(device.text) gives \(LearntText.matter(of: [fact], signals)) by now; "
                    + "it is read as its profile says",
                facts: ["device": "\(device.text)"])
        case .learntUnreadable(let path, let mistake):
            self.init(
                level: .warning, id: "learnt-unreadable",
                sentence: "what was learnt of the devices cannot be read from \(path) "
                    + "(\(mistake)); it is found out again, and the file is written anew then")
        case .learntNotKept(let path, let code):
            self.init(
                level: .warning, id: "learnt-not-kept",
                sentence:
                    "cannot write \(path): \(ErrorText.text(ofErrno: code)); what was learnt of the "
                    + "devices is in use, and has to be found out again after a restart")
        case .conditionChanged(let transition):
            self.init(transition, action: legend.action(for: transition))
        case .counterReset(let signal, let from, let to):
            self.init(
                level: .notice, id: "counter-reset",
                sentence: "\(signal.equipment)/\(signal.name) went back from \(from.text) to "
                    + "\(to.text): it was set or its device exchanged; the stream has a note",
                facts: ["signal": "\(signal.equipment)/\(signal.name)"])
        case .clockStepped(let step):
            self.init(clockStep: step)
        case .clockCorrected(let offset):
            self.init(clockCorrection: offset)
        case .sealFailed(let error, let waiting):
            self.init(
                level: .error, id: "seal-failed",
                sentence: "cannot seal: \(ErrorText.of(error)); polling goes on, "
                    + "\(Wording.count(waiting, "record")) wait in memory and sealing is tried again"
            )
        case .sealRecovered(let outage):
            self.init(
                level: .notice, id: "seal-recovered",
                sentence: "sealing works again after \(Wording.duration(outage))")
        case .recordsLost(let loss):
            self.init(loss)
        case .recordsAbandoned(let loss):
            self.init(abandoned: loss)
        }
    }

    private init(connection: String, absence: Duration?) {
        if let absence {
            self.init(
                level: .notice, id: "connection-restored",
                sentence: "connected to \(connection) again after \(Wording.duration(absence))",
                facts: ["connection": "\(connection)"])
        } else {
            self.init(
                level: .info, id: "connected", sentence: "connected to \(connection)",
                facts: ["connection": "\(connection)"])
        }
    }

    private init(lost connection: String, at endpoint: Endpoint?, because error: ModbusError) {
        self.init(
            level: .warning, id: "connection-lost",
            sentence: "no connection to \(connection): \(ErrorText.of(error)); "
                + "the signals of its devices are bad; trying again",
            facts: [
                "connection": "\(connection)", "endpoint": "\(endpoint?.text ?? "")",
            ])
    }

    private init(otherFramingAt endpoint: Endpoint?, of connection: String) {
        let place = endpoint?.text ?? connection
        self.init(
            level: .warning, id: "other-framing",
            sentence: "\(place) answers in RTU framing, not as Modbus TCP: it is a serial device "
                + "server; in the configuration, give \(connection) `rtu-over-tcp` in place of `tcp`",
            facts: ["connection": "\(connection)", "endpoint": "\(endpoint?.text ?? "")"])
    }

    private init(refusing device: DeviceName, _ request: Request, exception: UInt8) {
        self.init(
            level: .warning, id: "request-refused",
            sentence: "\(device.text) refuses \(request.text) with exception \(exception) "
                + "(\(ErrorText.meaning(ofException: exception))); these signals are bad, "
                + "the others go on: "
                + ((1...3).contains(exception)
                    ? "compare the profile with the device's manual"
                    : "it is asked again at every poll; look at the device if that lasts"),
            facts: ["device": "\(device.text)"])
    }

    private init(_ device: DeviceName, learnt facts: [LearntFact], about signals: [String]) {
        self.init(
            level: .warning, id: "learnt",
            sentence: "\(device.text) \(LearntText.sentence(of: facts, signals))",
            facts: ["device": "\(device.text)"])
    }

    private init(clockStep step: Duration) {
        self.init(
            level: .warning, id: "clock-step",
            sentence: "the clock stepped \(step < .zero ? "back" : "forward") by "
                + "\(Wording.duration(step < .zero ? .zero - step : step)); the batch was "
                + "sealed early; order is kept by the sequence")
    }

    private init(clockCorrection offset: Duration) {
        let size = Wording.duration(offset < .zero ? .zero - offset : offset)
        let was =
            offset == .zero
            ? "right before, too" : "\(size) \(offset < .zero ? "fast" : "slow") before"
        self.init(
            level: .notice, id: "clock-synced",
            sentence: "the clock is synchronised; it was \(was), as a note in the stream says")
    }

    private init(answering device: DeviceName, absence: Duration?) {
        if let absence {
            self.init(
                level: .notice, id: "device-online",
                sentence: "\(device.text) answers again after \(Wording.duration(absence))",
                facts: ["device": "\(device.text)"])
        } else {
            self.init(
                level: .info, id: "device-online", sentence: "\(device.text) answers",
                facts: ["device": "\(device.text)"])
        }
    }
}

extension DeviceName {
    /// `<equipment>/<device>`, as `read` takes it.
    var text: String { "\(equipment)/\(device)" }
}

extension Request {
    /// `holding 40–45 of unit 7`.
    var text: String {
        let last = Int(start) + count - 1
        let range = count == 1 ? "\(start)" : "\(start)–\(last)"
        return "\(table.rawValue) \(range) of unit \(unit)"
    }
}
