# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What `millpond run` costs with 50 devices of 50 signals each, once a second: memory, CPU, disk.

`footprint.py [SECONDS]` prints it after so many seconds (60); `test_footprint.py` asks for less
time. The plant is simulated by `millpond simulate` in a process of its own. CPU counts all that
the process has done since it was ready; disk is what the kernel says was written, log and
checkpoints included.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests
from running import BINARY, Gateway, Process, free_port, until

DEVICES = 50
SIGNALS = 50


def configuration(folder):
    """Fifty machines, each with a TCP endpoint of its own: the costly way to have 50 devices."""
    signals = {
        f"s{number:02}": {"at": 2 * number, "unit": "Cel" if number % 2 else "A"}
        for number in range(SIGNALS)
    }
    profile = {
        "vendor": "Test", "model": "Fifty", "source": "made by the footprint bench",
        "modbus": {"table": "holding", "type": "float32", "every": "1s"}, "signals": signals,
    }  # fmt: skip
    path = folder / "profiles" / "test" / "fifty" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(profile), "utf-8")
    names = [f"machine-{number:02}" for number in range(DEVICES)]
    return {
        "connections": {name: {"tcp": f"127.0.0.1:{free_port()}"} for name in names},
        "equipment": {
            name: {"devices": {"meter": {"profile": "test/fifty", "via": name, "unit": 1}}}
            for name in names
        },
        "profiles": [str(folder / "profiles")],
        "buffer": {"directory": str(folder / "buffer")},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }


def resident(pid):
    """What the kernel says of a process' memory: kind → bytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    lines = (line.split() for line in status.splitlines())
    return {words[0].rstrip(":"): 1024 * int(words[1]) for words in lines if words[-1] == "kB"}


def spent(gateway):
    """What the gateway has used so far: CPU seconds, bytes written, readings sealed."""
    pid = gateway.process.pid
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    lines = Path(f"/proc/{pid}/io").read_text("ascii").splitlines()
    written = next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))
    buffer = requests.get(f"{gateway.base}/v1/status", timeout=20).json()["buffer"]
    return {
        "cpu": ticks / os.sysconf("SC_CLK_TCK"), "written": written,
        "sealed": buffer["readings"], "kept": buffer["bytes"],
    }  # fmt: skip


def measure(folder, seconds):
    """Runs plant and gateway for so long; returns memory by kind, what one reading cost in CPU
    and bytes, and the good signals at the end."""
    wanted = configuration(folder)
    plan = folder / "plant.yaml"
    plan.write_text(json.dumps(wanted), "utf-8")
    parts = []
    try:
        plant = Process([BINARY, "simulate", plan], folder, "simulate")
        parts.append(plant)
        gateway = Gateway(folder, wanted)
        parts.append(gateway)
        gateway.ready()

        def good():
            plant_told = requests.get(f"{gateway.base}/v1/equipment", timeout=20).json()
            signals = [s for machine in plant_told["equipment"] for s in machine["signals"]]
            return sum(signal["quality"] == "good" for signal in signals)

        until(lambda: good() > 0.9 * DEVICES * SIGNALS, "nine in ten good signals", 60)
        before = spent(gateway)
        with contextlib.suppress(subprocess.TimeoutExpired):
            gateway.process.wait(seconds)
            raise AssertionError(gateway.text())
        after = spent(gateway)
        used = {key: after[key] - before[key] for key in after}
        each = {f"{key} each": used[key] / max(used["sealed"], 1) for key in used}
        memory = resident(gateway.process.pid) | each | {"good": good()}
        assert gateway.stop()[0] == 0, gateway.text()
        return memory
    finally:
        for part in parts:
            part.kill()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), float(sys.argv[1]) if len(sys.argv) > 1 else 60)
    print(
        f"{DEVICES} devices x {SIGNALS} signals at 1 s: VmRSS {found['VmRSS'] / 1e6:.1f} MB, "
        f"of it anonymous {found['RssAnon'] / 1e6:.1f} MB, peak {found['VmHWM'] / 1e6:.1f} MB; "
        f"{found['good']} signals good; a million readings cost {1e6 * found['cpu each']:.1f} s "
        f"of CPU; a reading {found['kept each']:.2f} B kept, {found['written each']:.2f} B written"
    )
