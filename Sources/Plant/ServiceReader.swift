// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Settings

extension ConfigurationReader {
    /// `nil` after a mistake.
    func readBuffer(_ field: Field?) -> Configuration.BufferSettings? {
        typealias Default = Configuration.Default
        typealias Bound = Configuration.Bound
        guard let field else {
            findings.noteUnlessDirectory(Default.directory, at: .start)
            return .standard
        }
        guard let section = field.section(keys: Configuration.Key.buffer) else { return nil }
        let directory = section.value("directory", or: Default.directory) { $0.path() }
        let limit = section.value("limit", or: Default.limit) { $0.size(in: Bound.limit) }
        let sealEvery = section.value("seal-every", or: Default.sealEvery) {
            $0.duration(in: Bound.sealEvery)
        }
        let keep = section.value("keep-acknowledged", or: Default.keepAcknowledged) {
            $0.duration(in: Bound.keepAcknowledged)
        }
        let survive = section.value("survive", or: Configuration.Survival?.none) { field in
            field.duration(in: Bound.survive).map {
                Configuration.Survival(duration: $0, place: field.place)
            }
        }
        let whenFull = section.value("when-full", or: Default.whenFull) {
            $0.choice(of: Configuration.WhenFull.allCases)
        }
        guard let directory, let limit, let sealEvery, let keep, let survive, let whenFull
        else { return nil }
        findings.noteUnlessDirectory(
            directory, at: section["directory"]?.place ?? field.keyPlace)
        return Configuration.BufferSettings(
            directory: directory, limit: limit, sealEvery: sealEvery, keepAcknowledged: keep,
            survive: survive, whenFull: whenFull)
    }

    /// `nil` after a mistake.
    func readPull(_ field: Field?) -> Configuration.PullSettings? {
        var settings = Configuration.PullSettings(
            host: Configuration.Default.host, port: Configuration.Default.listenPort,
            insecureLAN: Configuration.Default.insecureLAN)
        guard let field else { return settings }
        guard let section = field.section(keys: Configuration.Key.pull) else { return nil }
        let listen = section["listen"].map { $0.address(example: "127.0.0.1:8470") }
        if let tokens = section["tokens"], let path = tokens.path() {
            settings.tokens = path
            tokens.noteUnlessFile(path)
        }
        if let tls = section["tls"]?.section(keys: Configuration.Key.tls) {
            let certificate = readFile(tls.required("certificate"))
            let key = readFile(tls.required("key"))
            if let certificate, let key {
                settings.tls = Configuration.TLS(certificate: certificate, key: key)
            }
        }
        if let insecure = section["insecure-lan"]?.flag() { settings.insecureLAN = insecure }
        guard let listen else { return settings }
        guard let address = listen else { return nil }
        settings.host = address.host
        settings.port = address.port ?? settings.port
        guard
            address.isLoopback || settings.insecureLAN
                || section["tokens"] != nil && section["tls"] != nil
        else {
            section["listen"]?.mistake(
                "\(address.host) is beyond loopback: that needs \"tls\" and \"tokens\", "
                    + "or insecure-lan: true")
            return nil
        }
        return settings
    }

    private func readFile(_ field: Field?) -> String? {
        guard let field, let path = field.path() else { return nil }
        field.noteUnlessFile(path)
        return path
    }
}

extension Configuration.BufferSettings {
    fileprivate static let standard = Configuration.BufferSettings(
        directory: Configuration.Default.directory, limit: Configuration.Default.limit,
        sealEvery: Configuration.Default.sealEvery,
        keepAcknowledged: Configuration.Default.keepAcknowledged,
        whenFull: Configuration.Default.whenFull)
}
