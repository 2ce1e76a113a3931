// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Acquisition
internal import Settings

extension LearntBefore {
    /// For `check`: what the gateway will not ask for from the start, and why; it is no mistake.
    var notes: [Note] {
        switch self {
        case .known(let path, let statuses):
            statuses.map { status in
                Note(
                    file: path, place: .start,
                    message: "\(status.device.text) "
                        + LearntText.line(of: status.fact, status.signals))
            }
        case .unreadable(let path, let mistake):
            [
                Note(
                    file: path, place: .start,
                    message: "what was learnt of the devices cannot be used (\(mistake)); it is "
                        + "found out again")
            ]
        }
    }
}
