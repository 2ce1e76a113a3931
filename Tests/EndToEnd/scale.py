# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What polling costs at 10, 100, 500 and 850 connections, beside the least that C can do.

`scale.py REFERENCE [SECONDS [TYPE]]`: every connection asks for 100 registers once a second, of
devices in a process of their own (`crowd.py`). In turn, and twice each, they are asked by

- `millpond run`: read, judged, decoded to 100 signals (TYPE `uint16`) or 50 (`float32`), judged
  again, sealed on disk with names, units and quality, and served;
- the loop of `reference.c`: read by libmodbus and thrown away, each device at a moment of its own;
- its bunch: the same, but sixteen devices are asked together, as the gateway does;
- its keeper: as the loop, and each answer kept as 200 bytes in SQLite, synced every 100 ms.

CPU is what the kernel charged to the asking process in a window of so many seconds (20), over the
readings that came in. Lateness is seen by the devices and counts from each connection's own best:
what it waits for the others of its group each time is not in it.
"""

import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from signal import SIGUSR1, SIGUSR2

import requests
from footprint import resident
from running import Gateway, Process, free_port, until

CONNECTIONS = [10, 100, 500, 850]
REGISTERS = 100
ROUNDS = 2
# Until everything is connected and has been asked for the first time.
SETTLE = 4
WIDTH = {"uint16": 1, "float32": 2}
PROGRAMS = ["loop", "bunch", "keeper", "millpond"]
# Hosts that the gateway asks together (`PollPlan.group`).
GROUP = 16


def configuration(folder, connections, kind, port, every="1s"):
    """As many machines, each behind an address of its own, of 100 registers."""
    width = WIDTH[kind]
    signals = {f"s{at:02}": {"at": at, "unit": "A"} for at in range(0, REGISTERS, width)}
    profile = {
        "vendor": "Test", "model": "Hundred", "source": "made by the scale bench",
        "modbus": {"table": "holding", "type": kind, "every": every}, "signals": signals,
    }  # fmt: skip
    path = folder / "profiles" / "test" / "hundred" / "profile.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(profile), "utf-8")
    names = [f"m{number:03}" for number in range(connections)]
    return {
        "connections": {
            name: {"tcp": f"127.1.{number // 250}.{number % 250 + 1}:{port}"}
            for number, name in enumerate(names)
        },
        "equipment": {
            name: {"devices": {"meter": {"profile": "test/hundred", "via": name, "unit": 1}}}
            for name in names
        },
        "profiles": [str(folder / "profiles")],
        "buffer": {"directory": str(folder / "buffer")},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }  # fmt: skip


class Crowd(Process):
    """The devices of `crowd.py`."""

    def __init__(self, folder, kind):
        self.port = free_port()
        script = Path(__file__).with_name("crowd.py")
        super().__init__([sys.executable, script, self.port, kind], folder, "crowd")
        until(lambda: "listening" in self.text() or not self.runs(), "the devices")
        assert self.runs(), self.text()

    def watch(self, seconds):
        """For each connection that was there, how late each request came, in seconds."""
        said = len(self.out.read_text("utf-8"))
        self.process.send_signal(SIGUSR1)
        time.sleep(seconds)
        self.process.send_signal(SIGUSR2)
        return json.loads(
            until(lambda: self.out.read_text("utf-8")[said:].rpartition("\n")[0], "the report"))


def cpu(process):
    """Seconds of CPU that a running process has used: its clock, named by its number."""
    return time.clock_gettime((~process.pid << 3) | 2)


def measure(asker, crowd, seconds):
    """What an asking process costs in a window, and how punctual it is."""
    time.sleep(SETTLE)
    before, began = cpu(asker.process), time.monotonic()
    late = crowd.watch(seconds)
    used, took = cpu(asker.process) - before, time.monotonic() - began
    memory = resident(asker.process.pid)
    late = sorted(itertools.chain(*late))
    return {
        "polls": len(late), "seconds": took, "cpu": used, "p50": late[len(late) // 2],
        "p99": late[len(late) * 99 // 100], "resident": memory["VmRSS"],
        "anonymous": memory["RssAnon"],
    }  # fmt: skip


def once(program, reference, connections, kind, seconds):
    """Runs one of them against devices of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder, parts = Path(place), []
        try:
            crowd = Crowd(folder, kind)
            parts.append(crowd)
            if program == "millpond":
                asker = Gateway(folder, configuration(folder, connections, kind, crowd.port))
                parts.append(asker)
                asker.ready()
            else:
                more = [GROUP if program == "bunch" else 1]
                if program == "keeper":
                    more.append(folder / "polls.db")
                asker = Process([reference, connections, crowd.port, *more], folder, program)
                parts.append(asker)
            found = measure(asker, crowd, seconds)
            if program == "millpond":
                status = requests.get(f"{asker.base}/v1/status", timeout=20).json()
                found["overruns"] = status["counters"]["overruns"]
                assert asker.stop()[0] == 0, asker.text()
            return found
        finally:
            for part in parts:
                part.kill()


def show(connections, program, runs, kind, least):
    """One line of the table: the means of all rounds."""
    mean = {key: statistics.mean(run[key] for run in runs) for key in runs[0]}
    readings = mean["polls"] * REGISTERS / WIDTH[kind]
    ratios = "  ".join(f"{mean['cpu'] / mean['polls'] / cost:5.2f}" for cost in least)
    print(
        f"{connections:4} {program:9} {mean['polls'] / mean['seconds']:7.1f} "
        f"{mean['cpu'] / mean['polls'] * 1e6:8.1f} {mean['cpu'] / readings * 1e6:8.2f} "
        f"{100 * mean['cpu'] / mean['seconds']:7.2f} {1e3 * mean['p50']:7.2f} "
        f"{1e3 * mean['p99']:7.2f} {mean['resident'] / 1e6:7.1f} {mean['anonymous'] / 1e6:6.1f}  "
        f"{ratios}",
        flush=True,
    )
    if mean.get("overruns"):
        print(f"     {mean['overruns']:.0f} periods were not kept")


def main(reference, seconds=20.0, kind="uint16", sizes=None):
    """Measures, and prints a table."""
    print(
        f"{REGISTERS} registers of {kind} each second; CPU for a poll in us and for a million "
        "readings in s, % of a core,\nlateness in ms, memory in MB; and CPU over that of loop, "
        "bunch and keeper\n"
        "conn program    polls/s  us/poll  s/10^6  % core     p50     p99     RSS   anon  "
        " loop  bunch keeper"
    )
    for connections in sizes or CONNECTIONS:
        runs = {program: [] for program in PROGRAMS}
        for _, program in itertools.product(range(ROUNDS), PROGRAMS):
            runs[program].append(once(program, reference, connections, kind, float(seconds)))
        least = [
            statistics.mean(run["cpu"] / run["polls"] for run in runs[program])
            for program in PROGRAMS[:-1]
        ]
        for program in PROGRAMS:
            show(connections, program, runs[program], kind, least)


if __name__ == "__main__":
    main(sys.argv[1], *sys.argv[2:4], sizes=[int(size) for size in sys.argv[4:]])
