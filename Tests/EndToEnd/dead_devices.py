# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What a dead device costs the others: on one serial line, and over TCP.

`dead_devices.py [SECONDS]` prints it, each phase so long (60); `test_dead_devices.py` asks for
less. The serial line is `millpond simulate` at the pace of 9600 baud. Over TCP the dead ones refuse,
ring unanswered, keep silent, hang up, reset and flood, all at once. Lateness is how much later than
its grid a question came, by the clock of whom it was put to; the grid is the earliest that came.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from pulling import pull_all, readings
from running import BINARY, Gateway, Process, free_port, until
from victims import KINDS


def write_profile(folder, registers, every):
    """A device that has nothing but so many registers."""
    signals = {f"r{at:02}": {"at": at} for at in range(registers)}
    profile = {
        "vendor": "Test", "model": "Plain", "source": "made by the bench of dead devices",
        "modbus": {"table": "holding", "type": "uint16", "every": every}, "signals": signals,
    }  # fmt: skip
    path = folder / "profiles" / "test" / "plain" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(profile), "utf-8")


def plant(folder, connections, devices):
    """A configuration; devices are name → (connection, unit)."""
    return {
        "connections": connections,
        "equipment": {
            "hall": {
                "devices": {
                    name: {"profile": "test/plain", "via": via, "unit": unit}
                    for name, (via, unit) in devices.items()
                }
            }
        },
        "profiles": [str(folder / "profiles")],
        "buffer": {"directory": str(folder / "buffer"), "seal-every": "500ms"},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }


def lateness(times, period):
    """By how much each of the times is later than a grid, in seconds; the earliest is on it."""
    first = times[0]
    places = [(time - first + period / 2) % period for time in times]
    # Everything is told relative to the middle, so that noise does not wrap around.
    middle = statistics.median(places)
    offsets = [(place - middle + period / 2) % period - period / 2 for place in places]
    return [offset - min(offsets) for offset in offsets]


def p99(values):
    """Of a hundred, the second largest."""
    return statistics.quantiles(values, n=100)[98] if len(values) > 1 else 0.0


# ---- A serial line -------------------------------------------------------------------------------

DEVICES = 10
DEAD = "d04"


class SerialLine:
    """Ten devices on a line at 9600 baud; the fourth dies after `healthy` seconds, for `dead`."""

    def __init__(self, folder, healthy, dead, back, registers=20, period=1.0):
        self.healthy, self.dead, self.back, self.period = healthy, dead, back, period
        write_profile(folder, registers, f"{round(period * 1000)}ms")
        connections = {"line": {"serial": str(folder / "line"), "baud": 9600, "format": "8N1"}}
        names = {f"d{unit:02}": ("line", unit) for unit in range(1, DEVICES + 1)}
        self.folder, self.configuration = folder, plant(folder, connections, names)

    def run(self):
        """Runs it all, and returns the good readings of each device as seconds since the death,
        by the plant's clock."""
        plan = self.folder / "plant.yaml"
        plan.write_text(json.dumps(self.configuration), "utf-8")
        order = f"hall/{DEAD}=silent@{self.healthy}s+{self.dead}s"
        with contextlib.ExitStack() as parts:
            simulator = Process(
                [BINARY, "simulate", plan, "--fault", order], self.folder, "simulate"
            )
            parts.callback(simulator.kill)
            until(lambda: "simulating" in simulator.text(), "a plant")
            began = datetime.now().timestamp()
            gateway = Gateway(self.folder, self.configuration)
            parts.callback(gateway.kill)
            gateway.ready()
            with contextlib.suppress(subprocess.TimeoutExpired):
                gateway.process.wait(self.healthy + self.dead + self.back)
                raise AssertionError(gateway.text())
            found = readings(pull_all(gateway, limit=100))["hall"]
            self.log = gateway.text()
            assert gateway.stop()[0] == 0, gateway.text()
        death = began + self.healthy
        return {
            name.partition("/")[0]: [
                datetime.fromisoformat(one["time"]).timestamp() - death
                for one in told if one["quality"] == "good"
            ]
            for name, told in found.items() if name.endswith("/r00")
        }  # fmt: skip

    def kept(self, times, start, end):
        """Of the polls that a device was to have between two times, the share that it had."""
        return sum(start <= time < end for time in times) / ((end - start) / self.period)

    def report(self, polls):
        """What matters of a run."""
        others = {name: times for name, times in polls.items() if name != DEAD}
        # The first answers of a run come out of turn.
        phases = {"before": (5 - self.healthy, -1), "dead": (0, self.dead)}
        rows = {}
        for phase, (start, end) in phases.items():
            shares = [self.kept(times, start, end) for times in others.values()]
            late = [
                one for times in others.values()
                for one in lateness([t for t in times if start <= t < end], self.period)
            ]  # fmt: skip
            rows[phase] = {"kept": min(shares), "late": p99(late)}
        mine = polls[DEAD]
        # The simulator's own beat is a quarter of a second.
        assert not [time for time in mine if 1 < time < self.dead - 1], "it is dead"
        returned = min((time for time in mine if time >= self.dead - 1), default=None)
        rows["returned after"] = None if returned is None else returned - self.dead
        rows["lost in second"] = [
            sum(self.period <= later - time - self.period / 2 for times in others.values()
                for time, later in zip(times, times[1:], strict=False)
                if second <= time < second + 1)
            for second in range(8)
        ]  # fmt: skip
        return rows


# ---- Over TCP ------------------------------------------------------------------------------------


class Crowd:
    """Well devices and victims, each with a connection of its own."""

    def __init__(self, folder, well, victims, period=0.25):
        self.folder, self.period = folder, period
        self.well = [free_port() for _ in range(well)]
        self.victims = {free_port(): KINDS[number % len(KINDS)] for number in range(victims)}
        write_profile(folder, 10, f"{round(period * 1000)}ms")
        ways = {
            port: "rtu-over-tcp" if kind == "babble" else "tcp"
            for port, kind in self.victims.items()
        }
        self.ways = ways | dict.fromkeys(self.well, "tcp")
        connections = {f"to-{p}": {way: f"127.0.0.1:{p}"} for p, way in self.ways.items()}
        devices = {f"at-{port}": (f"to-{port}", 1) for port in self.ways}
        self.configuration = plant(folder, connections, devices)

    def serve(self, name, ports, parts):
        """Devices in a process of their own: the well ones are the clock."""
        plan, journal = self.folder / f"{name}.json", self.folder / f"{name}.journal"
        journal.touch()
        ways = {port: self.ways[port] for port in ports}
        plan.write_text(json.dumps({"ports": ways, "journal": str(journal)}), "utf-8")
        server = parts.enter_context(
            subprocess.Popen(
                [sys.executable, Path(__file__).with_name("victims.py"), plan],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        parts.callback(server.kill)
        assert server.stdout.readline() == "listening\n"
        return server, journal

    def order(self, server, kinds):
        """Tells a server what to be; returns how many connections each port has had."""
        server.stdin.write(json.dumps({str(port): kind for port, kind in kinds.items()}) + "\n")
        server.stdin.flush()
        return json.loads(server.stdout.readline())

    def run(self, seconds):
        """All are well for so long, then the victims die for so long; returns a row for each
        phase, how often each well device was connected to, and when the victims were back."""
        with contextlib.ExitStack() as parts:
            clock, journal = self.serve("well", self.well, parts)
            victims, other_journal = self.serve("victims", self.victims, parts)
            gateway = Gateway(self.folder, self.configuration)
            parts.callback(gateway.kill)
            gateway.ready()
            lines = len(self.well) / self.period
            until(lambda: len(journal.read_text("ascii").splitlines()) > 2 * lines, "questions")
            rows = {}
            for phase in ("before", "dead"):
                if phase == "dead":
                    self.order(victims, self.victims)
                began = len(journal.read_text("ascii").splitlines())
                cpu = spent(gateway)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    gateway.process.wait(seconds)
                    raise AssertionError(gateway.text())
                rows[phase] = self.row(journal.read_text("ascii").splitlines()[began:], seconds)
                rows[phase]["cpu"] = (spent(gateway) - cpu) / seconds
            rows["connections"] = max(self.order(clock, {}).values())
            before = len(other_journal.read_text("ascii").splitlines())
            self.order(victims, dict.fromkeys(self.victims, "well"))

            def back():
                lines = other_journal.read_text("ascii").splitlines()[before:]
                return len({line.split()[0] for line in lines}) == len(self.victims)

            until(back, "every victim back", 75)
            assert gateway.stop()[0] == 0, gateway.text()
        return rows

    def row(self, lines, seconds):
        """Polls kept and lateness of the well devices."""
        times = {port: [] for port in self.well}
        for line in lines:
            port, came = line.split()
            times[int(port)].append(float(came))
        late = [one for each in times.values() for one in lateness(each, self.period)]
        least = min(len(each) for each in times.values())
        return {"kept": least / (seconds / self.period), "late": p99(late)}


def spent(gateway):
    """CPU seconds of a process so far, in user and kernel."""
    fields = Path(f"/proc/{gateway.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as place:
        line = SerialLine(Path(place), healthy=length, dead=length, back=length)
        told = line.report(line.run())
    print(f"{DEVICES} devices on a serial line at 9600 baud, 20 registers a second each; one dies")
    print(f"  {'':8}{'polls kept by each other, at least':>36}{'lateness p99':>16}")
    for name in ("before", "dead"):
        late = 1000 * told[name]["late"]
        print(f"  {name:8}{100 * told[name]['kept']:>34.1f} %{late:>13.0f} ms")
    print(f"  polls lost in the seconds after it died: {told['lost in second']}")
    if told["returned after"] is not None:
        print(f"  read again {told['returned after']:.1f} s after it was back")
    with tempfile.TemporaryDirectory() as place:
        crowd = Crowd(Path(place), well=28, victims=28)
        told = crowd.run(length)
    print(f"28 TCP devices, read four times a second, beside 28 that die: {', '.join(KINDS)}")
    print(f"  {'':8}{'polls kept by each other, at least':>36}{'lateness p99':>16}{'CPU':>8}")
    for name in ("before", "dead"):
        row = told[name]
        late = 1000 * row["late"]
        print(f"  {name:8}{100 * row['kept']:>34.1f} %{late:>13.1f} ms{100 * row['cpu']:>6.1f} %")
