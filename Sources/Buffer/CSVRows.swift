// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Equipment

/// Writes a batch's readings as CSV (RFC 4180): the columns of `Batch.csvHeader`, CRLF.
struct CSVRows {
    private let columns: Columns
    /// `,equipment,signal,` of each column.
    private let middles: [[UInt8]]
    /// `,unit,` of each column.
    private let units: [[UInt8]]
    /// `,cursor` and the line end.
    private let tail: [UInt8]

    init(_ columns: Columns, cursor: Cursor) {
        self.columns = columns
        let names = columns.names
        middles = names.columns.indices.map { column in
            let device = names.device(of: column)
            let signal = "\(device.device)/\(names.quantity(of: column).signal)"
            return ",\(Self.cell(device.equipment)),\(Self.cell(signal)),".bytes
        }
        units = names.columns.indices.map {
            ",\(Self.cell(names.quantity(of: $0).unit ?? "")),".bytes
        }
        tail = ",\(cursor)\r\n".bytes
    }

    func append(to output: inout [UInt8]) {
        columns.walk { step in
            let column = columns.columns[step.column]
            output += Timestamp(milliseconds: step.time).rfc3339.utf8
            output += middles[step.column]
            if !step.state.isBad { append(columns.value(at: step.cell, of: column), to: &output) }
            output += units[step.column]
            output += step.state.quality.rawValue.utf8
            output.append(UInt8(ascii: ","))
            if let reason = step.state.reason { output += reason.word.utf8 }
            output += tail
        } entry: { _ in
        }
    }

    private func append(_ value: Value?, to output: inout [UInt8]) {
        switch value {
        case .text(let text): output += Self.cell(text).utf8
        case let value?: output += value.text.utf8
        case nil: break
        }
    }

    /// A text as a cell: harmless to a spreadsheet, which would take = + - @ (or a tab or return
    /// before them) for the start of a formula; quoted where RFC 4180 asks for it.
    static func cell(_ text: String) -> String {
        let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let harmless = isFormula ? "'" + text : text
        guard harmless.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else {
            return harmless
        }
        var quoted = "\""
        for character in harmless.unicodeScalars {
            if character == "\"" { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}

extension String {
    fileprivate var bytes: [UInt8] { Array(utf8) }
}
