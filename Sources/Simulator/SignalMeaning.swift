// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment
import Plant

/// What a signal of a profile is in the machine: found by its role, else by its unit and name
/// (`power-l2`, in W, is the second phase's active power).
struct SignalMeaning: Hashable, Sendable {
    /// From where the device looks: at the supply, or at the motor.
    enum Viewpoint: Hashable, Sendable { case supply, motor }

    let role: Role
    /// 0, 1 or 2; `nil` for all phases together.
    let phase: Int?
    let unit: String?
    let viewpoint: Viewpoint
    /// What this signal shows of the modelled number: nothing is exported, a second axis shakes
    /// less, a peak is higher than the mean.
    let share: Double

    /// `nil` where nothing is known of it.
    init?(_ signal: ProfileSignal, in profile: Profile) {
        let viewpoint = Self.viewpoint(of: profile)
        let name = signal.name
        guard let role = signal.role ?? Self.guess(name, unit: signal.unit, viewpoint) else {
            return nil
        }
        self.role = role
        self.viewpoint = viewpoint
        unit = signal.unit
        phase = (0...2).first { "\(name) \(signal.role?.rawValue ?? "")".contains("l\($0 + 1)") }
        var share = name.contains("export") ? 0.0 : 1
        if name.hasPrefix("x-") { share *= 0.85 }
        if name.contains("peak"), role == .vibrationVelocityRms { share *= 1.6 }
        self.share = share
    }

    private static func viewpoint(of profile: Profile) -> Viewpoint {
        let ofSupply: Set<Role> = [.gridFrequency, .voltageL1N, .voltageL1L2]
        return profile.signals.contains { $0.role.map(ofSupply.contains) ?? false }
            ? .supply : .motor
    }

    private static func guess(_ name: String, unit: String?, _ viewpoint: Viewpoint) -> Role? {
        guard let unit else { return nil }
        let isReactive = unit.contains("reactive")
        switch UnitConversion.bare(unit) {
        case "W", "kW", "MW": return .activePower
        case "V.A", "kV.A": return isReactive ? .reactivePower : .apparentPower
        case "W.h", "kW.h", "MW.h": return .activeEnergy
        case "V.A.h", "kV.A.h": return isReactive ? .reactiveEnergy : nil
        case "A": return .currentL1
        case "V": return viewpoint == .supply ? .voltageL1N : nil
        case "1": return name.contains("power-factor") ? .powerFactor : nil
        case "Cel", "[degF]":
            return viewpoint == .supply ? .ambientTemperature : .bearingTemperature
        case "mm/s", "[in_i]/s": return .vibrationVelocityRms
        default: return nil
        }
    }
}

extension Machine {
    /// The number that a device of this machine shows for `meaning`, in the profile's unit;
    /// `nil` where the model has nothing to say.
    func number(_ meaning: SignalMeaning) -> Double? {
        if let percent = percent(meaning) { return percent }
        let modelled =
            switch meaning.viewpoint {
            case .supply: supplied(meaning) ?? driven(meaning.role)
            case .motor: driven(meaning.role) ?? supplied(meaning)
            }
        return modelled.map {
            UnitConversion.convert(
                $0.number * meaning.share, from: $0.unit, to: meaning.unit)
        }
    }

    private typealias Modelled = (number: Double, unit: String)

    /// Quantities that drives show as shares of the rating.
    private func percent(_ meaning: SignalMeaning) -> Double? {
        guard meaning.unit == "%" else { return nil }
        switch meaning.role {
        case .torque, .loadPercent: return 100 * torque
        case .speed, .outputFrequency: return 100 * speed
        case .speedSetpoint: return isRunning ? 100 : 0
        case .activePower: return 100 * drivePower / rating.power
        case .currentL1, .currentL2, .currentL3: return 100 * motorCurrent / rating.current
        default: return nil
        }
    }

    private func driven(_ role: Role) -> Modelled? {
        switch role {
        case .runState, .operationMode: (isRunning ? 1 : 0, "1")
        case .faultCode: (hasTripped ? 0x2310 : 0, "1")
        case .warningCode: (isHot ? 0xA491 : 0, "1")
        case .cycleCount, .partCount: (parts.rounded(.down), "1")
        case .startCount: (Double(starts), "1")
        case .runHours: (runHours, "h")
        case .hoursSinceService: (hoursSinceService, "h")
        case .speed: (rating.speed * speed * (1 - 0.01 * torque), "/min")
        case .speedSetpoint: (isRunning ? rating.speed : 0, "/min")
        case .torque: (rating.torque * torque, "N.m")
        case .loadPercent: (100 * torque, "%")
        case .outputFrequency: (50 * speed, "Hz")
        case .currentL1, .currentL2, .currentL3: (motorCurrent, "A")
        case .dcLinkVoltage: (supply.voltageBetween(0) * 2.0.squareRoot(), "V")
        case .activePower: (drivePower, "kW")
        case .activeEnergy: (driveEnergy, "kW.h")
        default: felt(role)
        }
    }

    /// What sensors on motor and gearbox feel.
    private func felt(_ role: Role) -> Modelled? {
        switch role {
        case .windingTemperature: (windingCelsius, "Cel")
        case .windingRise: (windingCelsius - ambientCelsius, "K")
        case .bearingTemperature, .oilTemperature: (bearingCelsius, "Cel")
        case .cabinetTemperature: (ambientCelsius + 8 + 4 * torque, "Cel")
        case .ambientTemperature: (ambientCelsius, "Cel")
        case .vibrationVelocityRms: (vibration, "mm/s")
        case .vibrationAccelerationRms: (0.6 * vibration, "m/s2")
        case .vibrationAccelerationPeak: (2.1 * vibration, "m/s2")
        case .vibrationDisplacementPp: (12 * vibration, "um")
        case .bearingCondition: (0.25 * vibration, "m/s2")
        default: nil
        }
    }

    private func supplied(_ meaning: SignalMeaning) -> Modelled? {
        let phase = meaning.phase.map { supply.phases[$0] }
        return switch meaning.role {
        case .voltageL1N, .voltageL2N, .voltageL3N:
            (supply.phases[meaning.phase ?? 0].voltage, "V")
        case .voltageL1L2: (supply.voltageBetween(0), "V")
        case .voltageL2L3: (supply.voltageBetween(1), "V")
        case .voltageL3L1: (supply.voltageBetween(2), "V")
        case .currentL1, .currentL2, .currentL3:
            (phase?.current ?? supply.phases.reduce(0) { $0 + $1.current }, "A")
        case .currentN: (supply.neutralCurrent, "A")
        case .activePower: (phase?.active ?? supply.active, "kW")
        case .reactivePower: (phase?.reactive ?? supply.reactive, "kV.A")
        case .apparentPower: (phase?.apparent ?? supply.apparent, "kV.A")
        case .powerFactor: (phase?.powerFactor ?? supply.powerFactor, "1")
        case .activeEnergy: (supply.activeEnergy * supply.share(of: meaning.phase), "kW.h")
        case .reactiveEnergy:
            (supply.reactiveEnergy * supply.share(of: meaning.phase), "kV.A.h")
        case .gridFrequency: (supply.frequency, "Hz")
        case .thdVoltage: (supply.voltageDistortion, "%")
        case .thdCurrent: (supply.currentDistortion, "%")
        default: nil
        }
    }
}
