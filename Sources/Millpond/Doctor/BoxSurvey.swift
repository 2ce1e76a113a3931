// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Buffer
internal import Delivery
internal import Glibc
internal import Modbus
internal import Plant

/// Looks at the box, by a configuration or by what holds without one. It changes nothing, but for
/// a file of some pages that it writes, without a name, to see how fast the disk is.
struct BoxSurvey {
    private let configuration: Configuration?
    private let processes = Holder.all

    /// Writes to the disk, of which the median counts.
    private static let syncs = 9

    init(_ configuration: Configuration?) { self.configuration = configuration }

    /// Everything, in the order in which it is told.
    var diagnoses: [Diagnosis] {
        clock.diagnoses + disk.diagnoses + buffer.diagnoses + api.diagnoses
            + serial.flatMap(\.diagnoses)
            + LibraryDiagnosis(
                versions: [("libmodbus", Link.libraryVersion)] + BatchBuffer.libraries
            ).diagnoses + service.diagnoses
    }

    private var clock: ClockDiagnosis {
        ClockDiagnosis(
            state: WallClock.state, now: WallClock.now, error: WallClock.error,
            keepers: processes.map(\.name).filter(ClockDiagnosis.services.contains),
            hasBattery: access("/dev/rtc0", F_OK) == 0)
    }

    private var directory: String {
        configuration?.buffer.directory ?? Configuration.Default.directory
    }

    private var disk: DiskDiagnosis {
        let path = PathName.nearest(directory)
        let mount = Mount.holding(path)
        return DiskDiagnosis(
            path: path, mount: mount, drive: mount.flatMap { .init(numbered: $0.device) },
            syncs: FileSystem.syncs(in: path, count: Self.syncs))
    }

    private var buffer: BufferDiagnosis {
        let place = BufferDiagnosis.Place(at: directory)
        var holders: [Holder] = []
        if case .open(let survey) = place, survey.isHeld, let lock = PathName.real(survey.lock) {
            holders = processes.filter { $0.has(lock) }
        }
        return BufferDiagnosis(
            path: directory, limit: configuration?.buffer.limit ?? Configuration.Default.limit,
            place: place, holders: holders)
    }

    private var api: ListenDiagnosis {
        let pull = configuration?.pull
        let address = PullServer.Address(
            host: Process.served(pull?.host ?? Configuration.Default.host),
            port: Int(pull?.port ?? Configuration.Default.listenPort))
        var refusal: PullServer.CannotListen?
        do throws(PullServer.CannotListen) { try address.check() } catch { refusal = error }
        return ListenDiagnosis(
            address: address, refusal: refusal,
            isServed: OfflineBuffer.isHeld(directory: directory))
    }

    private var serial: [SerialDiagnosis] {
        (configuration?.connections ?? []).compactMap { connection in
            guard case .serial(let path, _) = connection.endpoint else { return nil }
            return SerialDiagnosis(connection.name, path, among: processes)
        }
    }

    private var service: ServiceDiagnosis {
        let folders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"]
        var limits = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        let isKnown = getrlimit(resource, &limits) == 0
        return ServiceDiagnosis(
            unit: folders.lazy.compactMap { FileSystem.text(of: "\($0)/millpond.service") }.first,
            isEnabled: access(
                "/etc/systemd/system/multi-user.target.wants/millpond.service", F_OK) == 0,
            hasSystemd: access("/run/systemd/system", F_OK) == 0,
            descriptors: isKnown ? Int(clamping: limits.rlim_cur) : Descriptors.limit,
            connections: configuration?.connections.count ?? 0, secrets: secrets)
    }

    private var secrets: [ServiceDiagnosis.Secret] {
        let pull = configuration?.pull
        return [("pull: tokens", pull?.tokens), ("pull: tls: key", pull?.tls?.key)]
            .compactMap { key, path in
                guard let path else { return nil }
                var status = stat()
                return .init(
                    key: key, path: path, mode: stat(path, &status) == 0 ? status.st_mode : nil)
            }
    }
}

extension BufferDiagnosis.Place {
    /// Looks at what is there.
    init(at path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            // Only the folder itself is made, not those that it is in.
            let parent = PathName.parent(of: path)
            let canMake = access(parent, W_OK | X_OK) == 0
            self = .absent(refusal: canMake ? nil : errno)
            return
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            self = .notADirectory
            return
        }
        // A file system that is read-only is told of as such.
        guard access(path, R_OK | W_OK | X_OK) == 0 || errno == EROFS else {
            let owner = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) }
            self = .closed(owner: owner ?? "\(status.st_uid)")
            return
        }
        self = .open(Survey(of: path))
    }
}

extension DiskDiagnosis.Drive {
    /// The block device of that number, such as `254:0`; `nil` if it is none.
    init?(numbered number: String) {
        let device = "/sys/dev/block/\(number)"
        guard access(device, F_OK) == 0 else { return nil }
        // A partition has neither queue nor life of its own.
        func word(_ file: String) -> String? {
            let text =
                FileSystem.text(of: "\(device)/\(file)")
                ?? FileSystem.text(of: "\(device)/../\(file)")
            return text.map { String($0.prefix { $0 != "\n" }) }
        }
        cache = word("queue/write_cache")
        // Two estimates, such as `0x01 0x0a`, in tenths.
        worn = word("device/life_time")?.split(separator: " ")
            .compactMap { Int($0.dropFirst(2), radix: 16) }.max()
    }
}

extension SerialDiagnosis {
    /// Looks at the port at `path`, without opening it: that alone can disturb a line.
    init(_ connection: String, _ path: String, among processes: [Holder]) {
        self.connection = connection
        self.path = path
        let real = PathName.real(path)
        kernelName = String((real ?? path).split(separator: "/").last ?? "")
        latency = FileSystem.text(of: "/sys/class/tty/\(kernelName)/device/latency_timer")
            .flatMap { Int($0.prefix { $0.isNumber }) }
        holders = processes.filter { process in
            guard let real, process.name != "millpond" else { return false }
            return process.has(real)
        }
        stableName = Self.stableName(of: real, namedAs: path)
        var status = stat()
        guard stat(path, &status) == 0 else {
            state = .absent
            return
        }
        guard status.st_mode & S_IFMT == S_IFCHR else {
            state = .notAPort
            return
        }
        let group = getgrgid(status.st_gid).map { String(cString: $0.pointee.gr_name) }
        state =
            access(path, R_OK | W_OK) == 0
            ? .open : .closed(group: group ?? "\(status.st_gid)")
    }

    private static func stableName(of real: String?, namedAs path: String) -> String? {
        let folder = "/dev/serial/by-id"
        guard let real, path == real else { return nil }
        return FileSystem.names(in: folder).sorted().map { "\(folder)/\($0)" }
            .first { PathName.real($0) == real }
    }
}
