# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Running the parts: the gateway, the Modbus peer, a pty pair. Every wait has an end."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
import sniffer

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("MILLPOND", ROOT / ".build/release/millpond")).resolve()

# How long anything may take that has no limit of its own, in seconds.
PATIENCE = 20
# What SIGTERM promises.
STOP_WITHIN = 5


def until(condition, what, patience=PATIENCE, pause=0.05):
    """Waits for a condition and returns what it yields; says what did not come."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(pause)
    raise AssertionError(f"did not come within {patience} s: {what}")


_handed_out = set()


def free_port():
    """A port that nobody listens on, of those that the kernel gives to no client on its way out."""
    for port in random.sample(range(15000, 30000), 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _handed_out:
                _handed_out.add(port)
                return port
    raise AssertionError("no free port from 15000 up")


def environment(**more):
    """What the gateway sees of ours: nothing that would change what it does."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    quiet = {"SWIFT_BACKTRACE": "enable=no", "NO_COLOR": "1"}
    return kept | quiet | sniffer.environment(BINARY.name) | more


def millpond(*arguments, patience=PATIENCE, **more):
    """Runs a command to its end."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience,
        env=environment(**more),
        check=False,
    )


class Process:
    """A program that runs until it is told to stop; its output lies in files."""

    def __init__(self, arguments, folder, name, **more):
        self.log = folder / f"{name}.stderr"
        self.out = folder / f"{name}.stdout"
        with self.log.open("ab") as log, self.out.open("ab") as out:
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=environment(**more),
                start_new_session=True,
            )

    def text(self):
        """What it said so far, on both."""
        return self.out.read_text("utf-8", "replace") + self.log.read_text("utf-8", "replace")

    def lines(self, *words):
        """The lines of its log that hold all the words."""
        log = self.log.read_text("utf-8", "replace").splitlines()
        return [line for line in log if all(word in line for word in words)]

    def runs(self):
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def stop(self, how=signal.SIGTERM, within=STOP_WITHIN):
        """Sends a signal, waits, and returns the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(within)
        return code, time.monotonic() - began

    def ended(self):
        """Waits until it ends of itself, and returns its exit code."""
        return self.process.wait(PATIENCE)

    def kill(self):
        """Ends it now, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(PATIENCE)


class Peer(Process):
    """The Modbus server of `peer.py`, holding what it is told."""

    def __init__(self, folder, name, mode, port, units, baud=115200, identity=None):
        self.journal = folder / f"{name}.journal"
        self.journal.touch()
        plan = folder / f"{name}.json"
        asked = {"mode": mode, "port": port, "baud": baud, "units": units, "identity": identity}
        plan.write_text(json.dumps(asked | {"journal": str(self.journal)}), "utf-8")
        self.arguments = [sys.executable, Path(__file__).with_name("peer.py"), plan]
        self.folder, self.name = folder, name
        self.port, self.units, self.starts = port, units, 0
        self.start()

    def start(self):
        """Starts it, again if need be, and waits until it listens."""
        self.out = self.folder / f"{self.name}.stdout"
        self.out.write_bytes(b"")
        self.starts += 1
        super().__init__(self.arguments, self.folder, self.name)
        until(lambda: "listening" in self.text() or not self.runs(), f"the peer {self.name}")
        assert self.runs(), self.text()

    def answered(self):
        """Every read that it answered: unit, table, address, count."""
        return [json.loads(line) for line in self.journal.read_text("ascii").splitlines()]


class Gateway(Process):
    """`millpond run` on a configuration, with its API."""

    # Whether it was killed while it ran, and whether the test has spoilt its buffer since, or
    # taken away what was in it.
    isKilled = isUnsound = isEmptied = False

    def __init__(self, folder, configuration, name="gateway", **more):
        self.folder = folder
        self.directory = configuration["buffer"]["directory"]
        self.seal_every = configuration["buffer"].get("seal-every", "10s")
        self.base = f"http://{configuration['pull']['listen']}"
        self.configuration = folder / f"{name}.yaml"
        self.configuration.write_text(json.dumps(configuration, indent=1), "utf-8")
        command = [BINARY, "run", "--config", self.configuration]
        super().__init__(command, folder, name, **more)

    def ready(self):
        """Waits until the API says that it is ready."""
        until(lambda: self.answers("/readyz") or not self.runs(), "a ready gateway")
        assert self.runs(), self.text()
        assert sniffer.listens(self.process.pid), "nobody hears what this gateway sends"
        return self

    def kill(self):
        """Ends it now; what it had not sealed is gone."""
        self.isKilled = self.isKilled or self.runs()
        super().kill()

    def answers(self, path):
        """Whether a GET of the path is answered with 200."""
        try:
            return requests.get(self.base + path, timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def get(self, path, **more):
        """A GET, whatever its status."""
        return requests.get(self.base + path, timeout=PATIENCE, **more)


def sound_configuration(folder, device_port, api_port):
    """One equipment with one shipped device at a port of this machine."""
    return {
        "gateway": "test-gateway",
        "site": "test-site",
        "connections": {"plc": {"tcp": f"127.0.0.1:{device_port}", "timeout": "500ms"}},
        "equipment": {
            "press-1": {
                "label": "Press 1",
                "devices": {"drive": {"profile": "abb/acs580", "via": "plc", "unit": 1}},
            }
        },
        "buffer": {"directory": str(folder / "buffer"), "seal-every": "500ms"},
        "pull": {"listen": f"127.0.0.1:{api_port}"},
    }


def run(*arguments):
    """Runs a tool of the box and returns what it said on standard output."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
