// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

import Equipment

@testable import Delivery

extension SamplePlant {
    static let press = machine(
        "press-1", "Press 1", "press-shop/line-2",
        health(
            .maintenanceRequired, index: 85,
            [
                condition(
                    "vibration-zone", "gearbox", .active, .maintenanceRequired,
                    "Vibration 5.4 mm/s is above 4.5 mm/s (zone C) for 3 h",
                    "Check alignment and bearings at the next stop"),
                condition("winding-hot", "motor", .inactive, .offSpec, "", nil),
            ]),
        [device("drive"), device("meter"), device("gearbox")],
        [
            signal("press-1", "drive/speed", "/min", .good(.number(1_482)), role: .speed),
            signal("press-1", "drive/motor-temperature", "Cel", .good(.number(61.25))),
            signal("press-1", "drive/status.running", nil, .good(.boolean(true))),
            signal("press-1", "meter/power", "kW", .good(.number(18.4375))),
            signal(
                "press-1", "meter/energy", "kW.h", .good(.number(1_284_553.5)), age: .seconds(7)),
            signal("press-1", "gearbox/vibration", "mm/s", .good(.number(5.4137))),
            signal("press-1", "gearbox/temperature", "Cel", .good(.number(48.1))),
        ])

    static let pump = machine(
        "pump-3", "Cooling pump 3", "utilities/water",
        health(
            .failure, index: 14,
            [
                condition(
                    "winding-hot", "motor", .active, .failure,
                    "Winding 148 °C is above the critical 145 °C",
                    "Stop the pump and check cooling and load", since: .seconds(340)),
                condition(
                    "pressure-low", nil, .active, .offSpec,
                    "Discharge 1.9 bar is below 2.5 bar", "Look for a leak or a closed valve",
                    since: .seconds(240)),
            ]),
        [device("drive"), device("meter")],
        [
            signal("pump-3", "drive/speed", "/min", .good(.number(2_941))),
            signal("pump-3", "drive/winding-temperature", "Cel", .good(.number(148.2))),
            signal("pump-3", "meter/power", "kW", .good(.number(7.61))),
            signal("pump-3", "meter/discharge", "bar", .good(.number(1.9))),
        ])

    static let compressor = machine(
        "compressor-2", "Compressor 2", "utilities/air",
        health(nil, index: nil, coverage: 0),
        [device("controller", .offline, .seconds(2_720)), device("meter", .refused, .seconds(90))],
        [
            signal(
                "compressor-2", "controller/pressure", "bar", .bad(.noAnswer), age: .seconds(2_720)),
            signal(
                "compressor-2", "controller/oil-temperature", "Cel", .bad(.noAnswer),
                age: .seconds(2_720)),
            signal(
                "compressor-2", "controller/run-hours", "h", .uncertain(.number(18_442), .stale),
                age: .seconds(2_724)),
            signal(
                "compressor-2", "meter/power", "kW", .bad(.refused(exception: 2)), age: .seconds(1)),
        ])

    static let conveyor = machine(
        "conveyor-7", nil, "press-shop/line-2",
        health(
            .offSpec, index: 61,
            [
                condition(
                    "current-high", "motor", .active, .offSpec,
                    "Current 14.2 A is above 12 A while running",
                    "Check for a jam or a dragging belt"),
                condition(
                    "belt-slip", nil, .unknown, .maintenanceRequired, "", nil, since: .seconds(60)),
            ]),
        [device("drive"), device("encoder", .suspect, .seconds(4))],
        [
            signal("conveyor-7", "drive/current", "A", .good(.number(14.2))),
            signal("conveyor-7", "encoder/speed", "m/s", .bad(.garbled), age: .seconds(2)),
            signal("conveyor-7", "encoder/belt-slip-ratio-over-one-minute", "%", .bad(.outOfRange)),
        ])

    static let oven = machine(
        "oven-1", "Annealing oven", "heat-treatment", health(.normal, index: 100),
        [device("controller")],
        [
            signal("oven-1", "controller/temperature", "Cel", .good(.number(734.5))),
            signal("oven-1", "controller/setpoint", "Cel", .good(.number(735))),
            signal("oven-1", "controller/program", nil, .good(.text("A-17 <soft>"))),
        ])

    static let lathe = machine(
        "lathe-4", "Lathe 4", "machining",
        health(
            .checkFunction, index: 89,
            [
                condition(
                    "local-operation", nil, .active, .checkFunction,
                    "The drive is in local operation", "Ask who works on it")
            ]),
        [device("spindle")],
        [signal("lathe-4", "spindle/speed", "/min", .good(.number(0)))])

    static let chiller = machine(
        "chiller-1", "Chiller", "utilities/water", health(.normal, index: 97),
        [device("controller"), device("meter")],
        [
            signal("chiller-1", "controller/supply", "Cel", .good(.number(6.9))),
            signal("chiller-1", "controller/return", "Cel", .good(.number(12.2))),
            signal("chiller-1", "meter/power", "kW", .good(.number(41.07))),
            signal("chiller-1", "meter/current-l3", "A", .bad(.notAvailable)),
        ])

    static let robot = machine(
        "robot-2", "Welding robot 2", "body-shop", health(nil, index: nil, coverage: 0),
        [device("plc", .unknown, .seconds(3))],
        [signal("robot-2", "plc/cycle-count", nil, .bad(.notYetRead), age: nil)])
}
