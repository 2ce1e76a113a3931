// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Delivery
internal import Glibc

/// Whether the API gets its address.
struct ListenDiagnosis {
    let address: PullServer.Address
    /// Why it cannot listen there now; `nil` if it can.
    let refusal: PullServer.CannotListen?
    /// Whether a gateway runs on the buffer: then the address is its own.
    let isServed: Bool

    var diagnoses: [Diagnosis] {
        let place = address.host.authority(port: address.port)
        guard let refusal else { return [.ok(.api, "\(place) is free to listen on")] }
        if refusal.errno == EADDRINUSE, isServed {
            return [.ok(.api, "\(place) is in use, as the buffer is: a gateway runs here")]
        }
        let (what, remedy) = ErrorText.parts(of: refusal, setBy: "pull: listen")
        return [.error(.api, what, do: remedy)]
    }
}
