# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""One dead device costs the others nothing, on a serial line and over TCP; a serial port that
comes back is met under its stable name. `dead_devices.py` prints the figures themselves."""

import contextlib
import json
import os
import pty

import dead_devices
from pulling import pull_all, readings
from running import BINARY, until


def test_on_a_serial_line_the_others_keep_their_polls(tmp_path):
    """Twice a second, so that what was learnt and what was lost is there in half of the time."""
    line = dead_devices.SerialLine(
        tmp_path, healthy=15, dead=15, back=18, registers=5, period=0.5
    )
    told = line.report(line.run())
    assert told["dead"]["kept"] >= 0.9 * told["before"]["kept"], told
    # Only the first failure is waited for in full; by the timeout, two cycles and two probes more
    # would cost each other device six polls.
    assert sum(told["lost in second"][2:]) <= 9, told
    # It dies, is given up within three seconds, and is then probed after 2, 4, 8 and 16 s, each
    # wait a little shorter by chance: the third of these probes may come just before it is back.
    assert told["returned after"] is not None and told["returned after"] <= 17, told
    gone = [one for one in line.log.splitlines() if "event=device-offline" in one]
    assert len(gone) == 1 and "hall/d04" in gone[0], line.log


def test_over_tcp_the_others_do_not_notice(tmp_path):
    """Refused, unanswered, silent, hung up on, reset, flooded: the same to all the others."""
    told = dead_devices.Crowd(tmp_path, well=8, victims=14).run(10)
    assert told["dead"]["kept"] >= 0.95 * told["before"]["kept"], told
    # The machine may be busy with other things: a figure is for the bench, a bound for a test.
    assert told["dead"]["late"] - told["before"]["late"] < 0.1, told
    assert told["connections"] == 1, "nobody else's connection is closed"
    assert told["dead"]["cpu"] < told["before"]["cpu"] + 0.5, told


def test_a_serial_port_that_vanishes_is_reopened_by_its_name(bench):
    """The adapter is pulled out and plugged in again, and is another terminal then."""
    dead_devices.write_profile(bench.folder, 2, "200ms")
    path = bench.folder / "by-id"
    configuration = dead_devices.plant(
        bench.folder, {"line": {"serial": str(path), "format": "8N1"}}, {"d1": ("line", 1)}
    )
    plan = bench.folder / "plant.yaml"
    plan.write_text(json.dumps(configuration), "utf-8")
    gateway = bench.gateway(configuration).ready()

    def latest():
        told = readings(pull_all(gateway)).get("hall", {}).get("d1/r00", [])
        return (told[-1]["quality"], told[-1].get("reason")) if told else None

    until(lambda: latest() == ("bad", "not-connected"), "a start without the port")
    places, holders = [], []
    for number in range(2):
        plant = bench.process([BINARY, "simulate", plan], f"simulate-{number}")
        until(lambda: latest() == ("good", None), "a good reading")
        places.append(path.resolve())
        plant.kill()
        path.unlink()
        until(lambda: latest() == ("bad", "not-connected"), "a lost port")
        # Takes the number that is free again, so that the name leads elsewhere next time.
        holders += pty.openpty()
    for holder in holders:
        os.close(holder)
    assert places[0] != places[1]
    assert gateway.stop()[0] == 0
    assert len(gateway.lines("event=connection-lost")) == 3, gateway.text()


def test_a_hundred_that_come_back_together_are_met_in_turn(bench):
    """A hundred connections that nobody took, and then all of them at once."""
    crowd = dead_devices.Crowd(bench.folder, well=100, victims=0, period=1)
    gateway = bench.gateway(crowd.configuration).ready()
    until(lambda: len(gateway.lines("to-")) >= 100, "a hundred that are not there")
    with contextlib.ExitStack() as parts:
        _, journal = crowd.serve("well", crowd.well, parts)

        def read():
            lines = journal.read_text("ascii").splitlines()
            return len({line.split()[0] for line in lines}) == 100

        until(read, "all of them read", 30)
        assert gateway.stop()[0] == 0
