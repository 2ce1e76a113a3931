// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Buffer
internal import Modbus
internal import Plant
internal import Settings

extension CheckCommand {
    /// What there is to say about a configuration.
    struct Finding {
        /// Above it a wire has no room for retries and for devices that are slow today.
        private static let busy = 0.7

        let path: String
        var mistakes: [Mistake] = []
        var notes: [Note] = []
        var plans: [WirePlan] = []
        var devices = 0
        private(set) var forecast: EnduranceForecast?
        /// What is described and not there yet.
        private var unserved: String?

        init(_ outcome: Result<(Configuration, [Note]), ConfigurationError>, path: String) {
            self.path = path
            switch outcome {
            case .success(let (configuration, notes)):
                self.notes = notes + LearntBefore(configuration).notes
                plans = WirePlan.all(of: configuration)
                devices = configuration.equipment.flatMap(\.devices).count
                forecast = EnduranceForecast(configuration)
                unserved = Process.unserved(configuration.pull)
            case .failure(let error):
                mistakes = error.mistakes
                notes = error.notes
            }
        }

        /// A serial line's wire time is known, so that a load above 100 % is a mistake.
        private var overloaded: [WirePlan] { plans.filter { $0.isPhysics && $0.load > 1 } }
        private var crowded: [WirePlan] {
            plans.filter { $0.load > Self.busy && !($0.isPhysics && $0.load > 1) }
        }

        var isAccepted: Bool { mistakes.isEmpty && overloaded.isEmpty }

        private var warnings: [String] {
            overloaded.map {
                "\($0.connection): loaded by \(Wording.percent($0.load)): the line cannot carry it; read less "
                    + "often (`every`), raise `baud`, or move devices to another line"
            }
                + crowded.map {
                    "\($0.connection): loaded by \(Wording.percent($0.load)): "
                        + ($0.load > 1
                            ? "if that estimate holds, not every poll can be kept"
                            : "little room is left for devices that answer late or not at all")
                }
                + (unserved.map { [$0] } ?? [])
        }

        func say() {
            for mistake in mistakes { Terminal.say("\(mistake)") }
            for note in notes { Terminal.say("\(note)") }
        }

        func conclude() {
            for warning in warnings { Terminal.say("\(path): \(warning)") }
            if let forecast, let warning = forecast.warning {
                let place = forecast.place.map { "\($0): " } ?? ""
                Terminal.say("\(path):\(place)warning: \(warning)")
            } else if let forecast {
                Terminal.say("\(path): \(forecast.sentence)")
            }
            if mistakes.isEmpty {
                Terminal.say(
                    "\(path): \(isAccepted ? "good" : "refused"): "
                        + "\(Wording.count(devices, "device")) on "
                        + "\(Wording.count(plans.count, "connection"))")
            } else {
                Terminal.say("\(path): \(Wording.count(mistakes.count, "mistake"))")
            }
        }

        var json: String {
            var json = JSONText()
            json.object { json in
                json.member("file", path)
                json.member("accepted", isAccepted)
                json.array("mistakes") { json in
                    for mistake in mistakes { json.object { mistake.write(to: &$0) } }
                }
                json.array("notes") { json in
                    for note in notes {
                        json.object { json in
                            json.member("file", note.file)
                            json.member("line", note.place.line)
                            json.member("column", note.place.column)
                            json.member("message", note.message)
                        }
                    }
                }
                json.array("warnings") { json in
                    for warning in warnings { json.element(warning) }
                    if let warning = forecast?.warning { json.element(warning) }
                }
                if let forecast { json.object("buffer") { forecast.write(to: &$0) } }
                json.array("connections") { json in
                    for plan in plans { json.object { plan.write(to: &$0) } }
                }
            }
            return json.text
        }
    }
}

extension Mistake {
    fileprivate func write(to json: inout JSONText) {
        json.member("file", file)
        json.member("line", place.line)
        json.member("column", place.column)
        json.member("message", message)
        json.member("suggestion", suggestion)
    }
}
