// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Buffer
import Equipment
import Glibc

/// Tortures of the buffer: `LD_PRELOAD=disk.so Torture <which> [--option value]…`.
@main struct Torture {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments)
            guard let disk = Disk() else { throw TortureError.usage("LD_PRELOAD names no disk.so") }
            let isWell = try await run(options, disk)
            exit(isWell ? 0 : 1)
        } catch {
            say("Torture: \(error)")
            exit(64)
        }
    }

    private static func run(_ options: Options, _ disk: Disk) async throws -> Bool {
        switch options.which {
        case "powercut": try await PowerCutRun(options, disk).run()
        case "faults": try await FaultRun(options, disk).run()
        case "tails": try await TailRun(options, disk).run()
        case "flips": try await FlipRun(options, disk).run()
        default: throw TortureError.usage("unknown: \(options.which)")
        }
    }
}

/// A line on standard output, at once: whoever tortures a buffer may die of it.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    write(STDOUT_FILENO, bytes, bytes.count)
}

/// What was asked for on the command line.
struct Options {
    let which: String
    private var values: [String: String] = [:]

    init(_ arguments: [String]) throws(TortureError) {
        guard arguments.count >= 2, arguments.count % 2 == 0 else {
            throw .usage("Torture powercut|faults|tails|flips [--option value]…")
        }
        which = arguments[1]
        for index in stride(from: 2, to: arguments.count, by: 2) {
            guard arguments[index].hasPrefix("--") else { throw .usage(arguments[index]) }
            values[String(arguments[index].dropFirst(2))] = arguments[index + 1]
        }
    }

    func number(_ name: String, default usual: Int) throws(TortureError) -> Int {
        guard let text = values[name] else { return usual }
        guard let number = Int(text) else { throw .usage("--\(name) \(text)") }
        return number
    }

    func text(_ name: String, default usual: String) -> String { values[name] ?? usual }
}
