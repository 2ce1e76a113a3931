// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// A serial port in the making: raw, at exactly the speed asked for, and ours alone.
///
/// libmodbus silently opens at 9600 what is not in its list of speeds (14400, 28800, 250000 …),
/// and lets two processes share a port. Here any speed is given to the kernel as a number and
/// read back.
enum SerialPort {
    /// Opens the port at `path`.
    ///
    /// Throws `.broken` with the system's reason, EBUSY when another process has locked it,
    /// ENOTTY when it is no serial port, EOPNOTSUPP when it cannot do the format.
    static func open(
        _ path: String, _ format: SerialFormat, heeding line: Line?
    ) throws(ModbusError) -> Wire {
        let flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let wire = Wire(
            descriptor: try Descriptors.admit(Glibc.open(path, flags)), line: line, medium: .port)
        do throws(ModbusError) {
            try claim(wire.descriptor)
            try set(wire.descriptor, to: format)
        } catch {
            wire.close()
            throw error
        }
        return wire
    }

    /// The lock goes with the descriptor; TIOCEXCL would not stop a superuser.
    private static func claim(_ descriptor: Int32) throws(ModbusError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        throw .broken(errno: errno == EWOULDBLOCK ? EBUSY : errno)
    }

    private static func set(
        _ descriptor: Int32, to format: SerialFormat
    ) throws(ModbusError) {
        var settings = serial_settings()
        guard ioctl(descriptor, UInt(SERIAL_GET), &settings) == 0 else {
            throw .broken(errno: errno)
        }
        settings.input = 0
        settings.output = 0
        settings.local = 0
        settings.control = control(of: format)
        settings.input_speed = UInt32(clamping: format.baud)
        settings.output_speed = settings.input_speed
        // A read returns what is there, and says EAGAIN when nothing is: 0 then means hung up.
        settings.characters.5 = 0  // VTIME
        settings.characters.6 = 1  // VMIN
        guard ioctl(descriptor, UInt(SERIAL_SET), &settings) == 0 else {
            throw .broken(errno: errno)
        }
        guard let actual = self.settings(of: descriptor), actual.speed == format.baud,
            actual.control & size == settings.control & size
        else { throw .broken(errno: EOPNOTSUPP) }
        tcflush(descriptor, TCIOFLUSH)
    }

    /// What is really set.
    static func settings(of descriptor: Int32) -> (speed: Int, control: UInt32)? {
        var settings = serial_settings()
        guard ioctl(descriptor, UInt(SERIAL_GET), &settings) == 0 else { return nil }
        return (Int(settings.output_speed), settings.control)
    }

    private static let size = UInt32(CSIZE)

    private static func control(of format: SerialFormat) -> UInt32 {
        let parity: Int32 =
            switch format.parity {
            case .none: 0
            case .even: PARENB
            case .odd: PARENB | PARODD
            }
        return UInt32(CREAD | CLOCAL)
            | UInt32(format.dataBits == 7 ? CS7 : CS8)
            | UInt32(format.stopBits == 2 ? CSTOPB : 0)
            | UInt32(parity)
            | UInt32(SERIAL_OTHER_SPEED)
    }
}

extension SerialFormat {
    /// The silence that ends a frame: 3.5 characters, and above 19200 fixed
    /// (MODBUS over Serial Line V1.02, §2.5.1.1).
    package var silence: Duration {
        baud > 19_200
            ? .microseconds(1750) : .seconds(1) * (3.5 * Double(bitsPerCharacter) / Double(baud))
    }
}
