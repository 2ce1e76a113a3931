// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a served unit says of itself; a unit that does not know the question refuses it, as many
/// do in the field.
struct Nameplate {
    /// Function 43/14; nil: not supported.
    var identification: DeviceIdentification?
    /// Function 17, what follows the byte count; nil: not supported.
    var serverID: [UInt8]?

    /// The longest message: 253 bytes (MODBUS Application Protocol V1.1b3, §4.1).
    private static let longestMessage = 253
    /// Function, MEI type, category, conformity, more, next and number of objects.
    private static let headerSize = 7

    /// The answer to function 17.
    var serverIDMessage: Result<[UInt8], Indication.Refusal> {
        guard let serverID else { return .failure(.illegalFunction) }
        return .success([17, UInt8(serverID.count)] + serverID)
    }

    /// The answer to function 43/14: as many objects as fit, and where the next begins
    /// (same document, §6.21).
    func identificationMessage(
        category: UInt8, from object: UInt8
    ) -> Result<[UInt8], Indication.Refusal> {
        guard let objects = identification?.objects else { return .failure(.illegalFunction) }
        let known = objects.keys.sorted()
        switch category {
        case 1, 2, 3:
            let last: UInt8 = [2, 0x7F, 0xFF][Int(category) - 1]
            let wanted = known.filter { $0 <= last }
            // An object that does not exist stands for the first.
            let start = wanted.firstIndex(of: object) ?? 0
            return .success(message(category, wanted[start...], of: objects))
        case 4:
            guard known.contains(object) else { return .failure(.illegalAddress) }
            return .success(message(category, [object], of: objects))
        default: return .failure(.illegalValue)
        }
    }

    private func message(
        _ category: UInt8, _ wanted: ArraySlice<UInt8>, of objects: [UInt8: [UInt8]]
    ) -> [UInt8] {
        var (body, count, next) = ([UInt8](), UInt8(0), UInt8?.none)
        for number in wanted {
            let text = objects[number, default: []].prefix(Self.longestObject)
            guard Self.headerSize + body.count + 2 + text.count <= Self.longestMessage else {
                next = number
                break
            }
            body += [number, UInt8(text.count)] + text
            count += 1
        }
        return [
            43, 14, category, conformity(of: objects), next == nil ? 0 : 0xFF, next ?? 0, count,
        ]
            + body
    }

    /// What one message can hold of an object; no object is continued in the next.
    private static let longestObject = longestMessage - headerSize - 2

    /// Basic, regular or extended, each in streams and one by one.
    private func conformity(of objects: [UInt8: [UInt8]]) -> UInt8 {
        switch objects.keys.max() ?? 0 {
        case 0...2: 0x81
        case 3...0x7F: 0x82
        default: 0x83
        }
    }
}
