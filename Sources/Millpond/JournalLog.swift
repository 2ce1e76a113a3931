// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Equipment
internal import Glibc
internal import Logging

/// Writes log lines to standard error: with `<N>` priorities if that is the journal
/// (sd-daemon(3)), else with the time and the level in words.
struct JournalLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    private let destination: Destination
    private enum Destination { case journal, terminal }

    init() {
        destination = Self.standardErrorIsJournal ? .journal : .terminal
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(event.message)"
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted("\(value)"))"
        }
        if let error = event.error { line += " error=\(Self.quoted("\(error)"))" }
        switch destination {
        case .journal: Terminal.say("<\(event.level.priority)>\(line)")
        case .terminal: Terminal.say("\(WallClock.now.rfc3339) \(event.level.word) \(line)")
        }
    }

    /// Whether `JOURNAL_STREAM` names the very file that standard error is (systemd.exec(5)).
    private static var standardErrorIsJournal: Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        let parts = String(cString: stream).split(separator: ":")
        var status = stat()
        guard parts.count == 2, fstat(STDERR_FILENO, &status) == 0 else { return false }
        return UInt64(parts[0]) == UInt64(status.st_dev)
            && UInt64(parts[1]) == UInt64(status.st_ino)
    }

    /// What a value looks like in a log line: plain words as they are, all else in quotes with
    /// control characters escaped, cut to a length that no device can use to flood the log.
    static func quoted(_ value: String) -> String {
        let longest = 200
        let cut = value.count > longest ? value.prefix(longest) + "…" : value[...]
        let isPlain =
            !cut.isEmpty
            && cut.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && $0 != "\"" && $0 != "\\" && $0 != "="
            }
        guard !isPlain else { return String(cut) }
        var text = "\""
        for scalar in cut.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension Logger.Level {
    /// syslog(3) priorities.
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    fileprivate var word: String {
        rawValue.uppercased()
    }
}

extension JournalLog {
    /// The gateway's logger.
    static func logger(level: Logger.Level) -> Logger {
        var handler = JournalLog()
        handler.logLevel = level
        return Logger(label: "millpond") { [handler] _ in handler }
    }
}

/// The levels of the log, by the names that `--log-level` takes.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
