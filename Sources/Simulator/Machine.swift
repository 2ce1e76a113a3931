// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a machine is built for.
struct Rating: Hashable, Sendable {
    /// Shaft power, kW.
    var power: Double
    /// /min.
    var speed: Double
    /// A, at full load, between drive and motor.
    var current: Double
    /// Running seconds from new to worn out; short, because nobody watches a demo for years.
    var life: Double

    /// A motor of a usual size, whose gearbox lasts some ten minutes to an hour.
    init(random: inout SeededGenerator) {
        power = [7.5, 11, 15, 22, 37].randomElement(using: &random) ?? 15
        speed = [980, 1_480, 2_960].randomElement(using: &random) ?? 1_480
        current = power * 1.9
        life = random.number(600...3_600)
    }

    /// Newton metres at full load.
    var torque: Double { power * 1_000 / (speed * 2 * .pi / 60) }
}

/// A drive, its motor, a gearbox and what they do to each other.
///
/// A value: it advances by time handed in, and is the same for the same seed and time.
struct Machine: Hashable, Sendable {
    /// Advanced in steps of a quarter of a second, however the time is handed in.
    private static let quantum = 0.25
    /// Seconds from standstill to full speed.
    private static let ramp = 8.0
    /// Seconds for two thirds of a change of temperature, far shorter than a real motor's.
    private static let windingLag = 90.0
    private static let bearingLag = 150.0
    /// Worn beyond this, the next stop is used for a new gearbox.
    private static let serviceAt = 1.15

    let rating: Rating
    private(set) var supply: Supply
    private(set) var duty: DutyCycle
    /// 0–1 of the rated speed, and 0–1.1 of the rated torque.
    private(set) var speed = 0.0
    private(set) var torque = 0.0
    /// Celsius.
    private(set) var windingCelsius = 24.0
    private(set) var bearingCelsius = 24.0
    /// 0 new, 1 worn out.
    private(set) var wear: Double
    private(set) var runHours: Double
    private(set) var hoursSinceService = 0.0
    private(set) var starts: Int
    private(set) var parts = 0.0
    /// kW.h out of the drive.
    private(set) var driveEnergy: Double
    private var ambient = RandomWalk(around: 24, reach: 4, memory: 900)
    private var jitter = 0.0
    private var random: SeededGenerator
    private var owed = 0.0

    /// A machine with a past; `wear` and `life` (running seconds) are drawn if not given.
    init(random: SeededGenerator, wear: Double? = nil, life: Double? = nil) {
        var random = random
        var rating = Rating(random: &random)
        if let life { rating.life = life }
        self.rating = rating
        self.wear = wear ?? random.number(0...0.5)
        runHours = random.number(100...20_000).rounded()
        starts = Int(random.number(50...5_000))
        driveEnergy = (runHours * rating.power * 0.5).rounded()
        supply = Supply(random: &random)
        duty = DutyCycle(random: &random)
        self.random = random
    }

    mutating func step(by duration: Duration) {
        owed += duration / .seconds(1)
        while owed >= Self.quantum {
            owed -= Self.quantum
            advance(Self.quantum)
        }
    }

    private mutating func advance(_ seconds: Double) {
        if duty.step(seconds, random: &random) { starts += 1 }
        turn(seconds)
        warm(seconds)
        age(seconds)
        supply.step(seconds, driven: drivePower, random: &random)
    }

    private mutating func turn(_ seconds: Double) {
        let target = duty.phase == .running ? 1.0 : 0.0
        let most = seconds / Self.ramp
        let change = min(max(target - speed, -most), most)
        speed += change
        // Full load only comes at speed; getting there takes torque of its own.
        let wanted = duty.demand * speed * speed + max(0, change / most) * 0.3
        torque += (wanted - torque) * min(1, seconds / 1.5)
        jitter = random.bell()
    }

    private mutating func warm(_ seconds: Double) {
        ambient.step(seconds, random: &random)
        let losses = 75 * torque * torque + 8 * speed
        windingCelsius +=
            (ambient.value + losses - windingCelsius) * seconds / Self.windingLag
        let friction = 22 * speed + 25 * wear * speed
        bearingCelsius +=
            (ambient.value + friction - bearingCelsius) * seconds / Self.bearingLag
    }

    private mutating func age(_ seconds: Double) {
        let hours = seconds / 3_600
        driveEnergy += drivePower * hours
        guard isRunning else {
            if wear >= Self.serviceAt, speed == 0 { (wear, hoursSinceService) = (0.02, 0) }
            return
        }
        runHours += hours
        hoursSinceService += hours
        wear += seconds / rating.life
        parts += seconds * duty.demand / 6
    }
}

extension Machine {
    var isRunning: Bool { duty.phase == .running }
    var hasTripped: Bool { duty.phase == .tripped }
    /// Whether the drive warns of its motor's temperature.
    var isHot: Bool { windingCelsius > 105 }

    /// kW that the drive gives the motor.
    var drivePower: Double {
        let shaft = rating.power * speed * torque
        return speed > 0 ? shaft / 0.92 + 0.02 * rating.power * speed : 0
    }

    /// A between drive and motor: magnetising and load current at right angles.
    var motorCurrent: Double {
        guard speed > 0 else { return 0 }
        return rating.current * (0.09 + torque * torque).squareRoot() / 1.09.squareRoot()
    }

    var ambientCelsius: Double { ambient.value }

    /// mm/s RMS on the gearbox; a new one stays under 2, a worn-out one exceeds 7.
    var vibration: Double {
        let rough = 0.8 + 0.4 * torque + 6 * wear * wear.squareRoot()
        return max(0, 0.05 + rough * speed * (1 + 0.02 * jitter))
    }
}
