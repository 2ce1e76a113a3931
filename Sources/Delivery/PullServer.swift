// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Buffer
package import Equipment
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// The pull API and the status page over HTTP/1.1, on one address.
///
/// Acquisition is known to it by three closures alone, which must not block: a client can make it
/// call them as often as it likes.
package struct PullServer: Service {
    /// Where to listen.
    package struct Address: Hashable, Sendable {
        package var host: String
        /// 0 for any free port.
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// The address cannot be listened on; `errno` says why, such as `EADDRINUSE`, if the system
    /// said so.
    package struct CannotListen: Error, Hashable, Sendable {
        package var address: Address
        package var errno: Int32?

        package init(address: Address, errno: Int32?) {
            self.address = address
            self.errno = errno
        }
    }

    private let address: Address
    private let responder: Responder
    private let logger: Logger
    private let listening: @Sendable (_ port: Int) async -> Void

    /// `frames` is what went over a connection last, as text, nil if there is none of that name;
    /// `listening` is called once, with the actual port, when clients can connect.
    package init(
        listen address: Address, buffer: BatchBuffer,
        plant: @escaping @Sendable () -> [EquipmentSnapshot],
        status: @escaping @Sendable () -> GatewayStatus,
        frames: @escaping @Sendable (_ connection: String) -> String?, logger: Logger,
        listening: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        self.address = address
        self.responder = Responder(
            hosts: HostNames(listen: address.host),
            pull: Pull(buffer: buffer),
            consumers: Consumers(buffer: buffer),
            state: StateAnswers(buffer: buffer, plant: plant, status: status, frames: frames))
        self.logger = logger
        self.listening = listening
    }

    /// Serves until graceful shutdown (which ends long polls at once and waits for answers under
    /// way) or cancellation; throws `CannotListen`.
    package func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            throw CannotListen(address: address, errno: error.errnoCode)
        } catch is SocketAddressError {
            throw CannotListen(address: address, errno: nil)
        }
    }

    /// How many clients wait in long polls at the moment.
    var waiters: Int { responder.pull.waiting }

    private var application: some ApplicationProtocol {
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [Connection()], idleTimeout: Limits.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Limits.headerBytes, maxHeaderListSize: Limits.headerBytes,
                maxHeaderFieldCount: Limits.headerFields))
        let listening = listening
        return Application(
            responder: responder,
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(Limits.connections, logger: logger)),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}
