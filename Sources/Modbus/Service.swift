// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// The server's loop on its own thread: all clients of one endpoint, by `ppoll`.
struct Service: ~Copyable {
    /// Clients beyond these are hung up on.
    static let clientLimit = 64
    /// The longest wait without a look at whether to stop.
    private static let attention = Duration.milliseconds(50)

    private struct Client {
        let wire: Wire
        var indications: Indications
        var outbox = Outbox()
    }

    private let entrance: Entrance
    private let bank: RegisterBank
    private let pace: ModbusServer.Pace?
    private let responder: Responder
    private var clients: [Client] = []
    private var framing: Endpoint.Framing { entrance.endpoint.framing }
    private var isTerminal: Bool { entrance.slave != nil }

    init(_ entrance: Entrance, _ bank: RegisterBank, _ pace: ModbusServer.Pace?) throws(ModbusError)
    {
        self.entrance = entrance
        self.bank = bank
        self.pace = pace
        responder = try Responder(entrance.endpoint.framing)
        if entrance.slave != nil {
            let wire = Wire(descriptor: entrance.descriptor, line: nil, medium: .port)
            clients = [Client(wire: wire, indications: Indications(.rtu))]
        }
    }

    consuming func end() {
        if !isTerminal {
            for client in clients { close(client.wire.descriptor) }
        }
        entrance.close()
    }

    /// Waits for something to do, and does it.
    mutating func turn() {
        var entries = clients.map {
            pollfd(fd: $0.wire.descriptor, events: Int16(POLLIN), revents: 0)
        }
        if !isTerminal {
            entries.append(pollfd(fd: entrance.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let next = clients.compactMap(\.outbox.next).min()
        var patience = timespec(min(Self.attention, next.map { $0 - .now } ?? Self.attention))
        ppoll(&entries, nfds_t(entries.count), &patience, nil)
        var (staying, leaving): ([Client], [Client]) = ([], [])
        for (var client, entry) in zip(clients, entries) {
            let stays = (entry.revents == 0 || hear(&client)) && speak(&client)
            if stays || isTerminal { staying.append(client) } else { leaving.append(client) }
        }
        clients = staying
        for client in leaving { close(client.wire.descriptor) }
        if !isTerminal, entries[entries.count - 1].revents != 0 { welcome() }
    }

    private mutating func welcome() {
        let descriptor = accept(entrance.descriptor, nil, nil)
        guard descriptor >= 0 else { return }
        guard clients.count < Self.clientLimit else {
            close(descriptor)
            return
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one,
            socklen_t(MemoryLayout<Int32>.size))
        let wire = Wire(descriptor: descriptor, line: nil, medium: .socket)
        clients.append(Client(wire: wire, indications: Indications(framing)))
    }

    /// Takes requests and puts their answers into the outbox; false when the client is gone.
    private borrowing func hear(_ client: inout Client) -> Bool {
        guard case .bytes(let bytes) = client.wire.receive() else { return isTerminal }
        guard let indications = client.indications.take(bytes) else { return isTerminal }
        for indication in indications {
            let response = responder.respond(to: indication, from: bank, framing: framing)
            if response.resets && !isTerminal {
                var hard = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    client.wire.descriptor, SOL_SOCKET, SO_LINGER, &hard,
                    socklen_t(MemoryLayout<linger>.size))
                return false
            }
            let character = pace.map { Duration.seconds(1) / $0.bytesPerSecond } ?? .zero
            let travel = character * indication.frame.count + (pace?.turnaround ?? .zero)
            let manner =
                response.manner == .atOnce && pace != nil ? .paced(character) : response.manner
            client.outbox.add(
                response.bytes, unit: indication.unit, from: .now + response.delay + travel, manner)
        }
        return true
    }

    /// Sends what is due; false when the client does not take it. An answer is far smaller than
    /// what a socket holds, so a client that leaves no room reads nothing.
    private borrowing func speak(_ client: inout Client) -> Bool {
        let due = client.outbox.take(at: .now)
        guard !due.isEmpty else { return true }
        do throws(ModbusError) {
            try client.wire.send(due, by: .now)
            return true
        } catch {
            return isTerminal
        }
    }
}
