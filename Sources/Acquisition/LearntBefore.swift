// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Plant

/// What an earlier run has found out about the devices of a configuration and kept beside the
/// buffer, read for people: nothing is changed by it.
package enum LearntBefore: Sendable {
    /// The next run begins with these, by device, in the order of the configuration; none where
    /// there is no file, or no device in it that is still as it was.
    case known(path: String, [LearntStatus])
    /// The file is there and cannot be used: the next run finds everything out again.
    case unreadable(path: String, mistake: String)

    /// Reads the file of this configuration, which may block.
    package init(_ configuration: Configuration) {
        let file = LearntFile(in: configuration.buffer.directory)
        let plan = PollPlan(configuration)
        do throws(LearntFile.Unreadable) {
            let known = LearntShelf(plan).recalling(try file.read(), of: plan)
            self = .known(path: file.path, known)
        } catch {
            self = .unreadable(path: file.path, mistake: error.mistake)
        }
    }
}

extension LearntShelf {
    fileprivate func recalling(
        _ entries: [LearntFile.Entry], of plan: PollPlan
    ) -> [LearntStatus] {
        var shelf = self
        _ = shelf.recall(entries, of: plan)
        return shelf.statuses(of: plan)
    }

    /// What is known of every device, by its name.
    func statuses(of plan: PollPlan) -> [LearntStatus] {
        zip(plan.devices, entries).flatMap { device, entry in
            entry.facts.map {
                LearntStatus(device: device.name, fact: $0, signals: device.names(of: $0))
            }
        }
    }
}
