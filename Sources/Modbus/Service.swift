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
    /// A unit that talks unasked leaves the others some time.
    private static let shortestPeriod = Duration.milliseconds(1)

    private struct Client {
        let wire: Wire
        var indications: Indications
        var outbox: Outbox
    }

    private let entrance: Entrance
    private let bank: RegisterBank
    private let pace: ModbusServer.Pace?
    private let responder: Responder
    private var clients: [Client] = []
    private var memory = Memory()
    /// What was on its way when the last client left. A device server of RTU frames does not know
    /// whose it is: the next client gets it.
    private var orphans = Outbox()
    /// When each unit that talks unasked does so next.
    private var talks: [UInt8: ContinuousClock.Instant] = [:]
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
            clients = [Client(wire: wire, indications: Indications(.rtu), outbox: Outbox())]
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
        let next = (clients.compactMap(\.outbox.next) + talks.values).min()
        var patience = timespec(min(Self.attention, next.map { $0 - .now } ?? Self.attention))
        ppoll(&entries, nfds_t(entries.count), &patience, nil)
        talk()
        for index in clients.indices.reversed() {
            let stays = (entries[index].revents == 0 || hear(index)) && speak(index)
            if !stays && !isTerminal { dismiss(index) }
        }
        if !isTerminal, entries[entries.count - 1].revents != 0 { welcome() }
    }

    private mutating func dismiss(_ index: Int) {
        let client = clients.remove(at: index)
        close(client.wire.descriptor)
        guard framing == .rtu else { return }
        if let last = clients.indices.last {
            clients[last].outbox.adopt(client.outbox)
        } else {
            orphans.adopt(client.outbox)
        }
    }

    /// Lets the units that talk unasked have their say.
    private mutating func talk() {
        var ahead: [UInt8: ContinuousClock.Instant] = [:]
        for (unit, stray, place) in bank.strays {
            guard case .every(let period) = place else { continue }
            ahead[unit] = talks[unit] ?? .now + period
            guard let due = ahead[unit], due <= .now else { continue }
            ahead[unit] = .now + max(period, Self.shortestPeriod)
            for index in clients.indices { put(stray, of: unit, to: index) }
        }
        talks = ahead
    }

    private mutating func put(_ stray: Fault.Stray, of unit: UInt8, to client: Int) {
        let bytes = memory.bytes(of: stray, unit, question: nil)
        clients[client].outbox.add(bytes, unit: unit, from: .now, .atOnce, .overtaking)
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
        clients.append(
            Client(wire: wire, indications: Indications(framing), outbox: orphans))
        orphans = Outbox()
        bank.welcome()
        for (unit, stray, place) in bank.strays where place == .onConnect {
            put(stray, of: unit, to: clients.count - 1)
        }
    }

    /// Takes requests and puts their answers into the outbox; false when the client is gone.
    private mutating func hear(_ index: Int) -> Bool {
        guard case .bytes(let bytes) = clients[index].wire.receive() else { return isTerminal }
        guard let indications = clients[index].indications.take(bytes) else { return isTerminal }
        for indication in indications {
            let response = responder.respond(to: indication, from: bank, remembering: &memory)
            let character = pace.map { Duration.seconds(1) / $0.bytesPerSecond } ?? .zero
            let travel = character * indication.frame.count + (pace?.turnaround ?? .zero)
            for parcel in response.parcels {
                let manner =
                    parcel.manner == .atOnce && pace != nil ? .paced(character) : parcel.manner
                clients[index].outbox.add(
                    parcel.bytes, unit: indication.unit, from: .now + travel + parcel.delay,
                    manner, parcel.order, ending: parcel.ending)
            }
        }
        return true
    }

    /// Sends what is due; false when the client is to be hung up on, or does not take it. An
    /// answer is far smaller than what a socket holds, so a client that leaves no room reads
    /// nothing.
    private mutating func speak(_ index: Int) -> Bool {
        let (due, ending) = clients[index].outbox.take(at: .now)
        let wire = clients[index].wire
        do throws(ModbusError) {
            try wire.send(due, by: .now)
        } catch {
            return false
        }
        switch ending {
        case .close: return false
        case .reset:
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                wire.descriptor, SOL_SOCKET, SO_LINGER, &hard,
                socklen_t(MemoryLayout<linger>.size))
            return false
        case .silence, nil: return true
        }
    }
}
