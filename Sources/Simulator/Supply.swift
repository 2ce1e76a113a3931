// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// The three-phase supply of a machine as a meter in front of it sees it: voltages, currents,
/// powers and energies that agree with each other.
struct Supply: Hashable, Sendable {
    /// One phase against neutral.
    struct Phase: Hashable, Sendable {
        /// V.
        var voltage: Double
        /// kW, kvar.
        var active: Double
        var reactive: Double

        /// kV.A.
        var apparent: Double {
            (active * active + reactive * reactive).squareRoot()
        }

        /// A.
        var current: Double { apparent * 1_000 / voltage }
        var powerFactor: Double { apparent > 0 ? active / apparent : 1 }
    }

    /// Fans, controls and lamps, kW, which run day and night.
    private static let auxiliary = 0.35
    /// Nominal phase voltage and what one kW of load takes from it, V.
    private static let nominal = 230.0
    private static let sag = 0.06

    private(set) var phases: [Phase]
    /// kW.h and kvar.h, imported.
    private(set) var activeEnergy: Double
    private(set) var reactiveEnergy: Double
    private var voltages: [RandomWalk]
    private let shares: [Double]
    private var grid = RandomWalk(around: 50, reach: 0.08, memory: 20)
    private var distortion = RandomWalk(around: 3, reach: 1.5, memory: 300)

    init(random: inout SeededGenerator) {
        voltages = (0..<3).map { _ in RandomWalk(around: 0, reach: 4, memory: 120) }
        let tilt = random.number(-0.02...0.02)
        shares = [1.0 / 3 + tilt, 1.0 / 3, 1.0 / 3 - tilt]
        activeEnergy = random.number(1_000...90_000).rounded()
        reactiveEnergy = (activeEnergy * 0.3).rounded()
        phases = shares.map {
            Phase(voltage: Self.nominal, active: Self.auxiliary * $0, reactive: 0)
        }
    }

    mutating func step(_ seconds: Double, driven: Double, random: inout SeededGenerator) {
        grid.step(seconds, random: &random)
        distortion.step(seconds, random: &random)
        let active = driven / 0.97 + Self.auxiliary
        // A drive's rectifier takes little reactive power, and relatively less under load.
        let reactive = 0.15 + 0.28 * driven
        for index in phases.indices {
            voltages[index].step(seconds, random: &random)
            phases[index] = Phase(
                voltage: Self.nominal + voltages[index].value - Self.sag * active,
                active: active * shares[index], reactive: reactive * shares[index])
        }
        activeEnergy += self.active * seconds / 3_600
        reactiveEnergy += self.reactive * seconds / 3_600
    }

    /// kW, kvar, kV.A, Hz and % of all phases together.
    var active: Double { phases.reduce(0) { $0 + $1.active } }
    var reactive: Double { phases.reduce(0) { $0 + $1.reactive } }
    var apparent: Double { (active * active + reactive * reactive).squareRoot() }
    var powerFactor: Double { active / apparent }
    var frequency: Double { grid.value }
    var voltageDistortion: Double { distortion.value }
    var currentDistortion: Double { 8 * distortion.value }
    /// A, of the unbalance that comes back through the neutral.
    var neutralCurrent: Double {
        let currents = phases.map(\.current)
        return (currents.max() ?? 0) - (currents.min() ?? 0)
    }

    /// The part of all that flows which flows through `phase`; everything where it is `nil`.
    func share(of phase: Int?) -> Double { phase.map { shares[$0] } ?? 1 }

    /// V between phase `first` and the one after it; phases stand 120° apart.
    func voltageBetween(_ first: Int) -> Double {
        let (one, other) = (phases[first].voltage, phases[(first + 1) % 3].voltage)
        return (one * one + other * other + one * other).squareRoot()
    }
}
