# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Fixtures: a place for each test, and parts that are stopped whatever happens."""

import contextlib
import subprocess

import conservation
import pytest
import sniffer
from running import BINARY, Gateway, Peer, Process, free_port, sound_configuration, until


@pytest.fixture(scope="session", autouse=True)
def built():
    """Without the executable there is nothing to test."""
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not there; `make release` builds it", returncode=1)


@pytest.fixture(scope="session", autouse=True)
def listening():
    """Every run of the executable is listened to, whatever test starts it and however."""
    sniffer.begin()
    heard = sniffer.Sniffer()
    yield
    assert heard.findings() == []


@pytest.fixture(autouse=True)
def only_questions(listening):
    """No test has made the executable send anything but a function that reads."""
    heard = sniffer.Sniffer()
    yield heard
    assert heard.findings() == []


class Bench:
    """Starts parts in a folder of their own, and stops them all at the end."""

    def __init__(self, folder):
        self.folder, self.parts = folder, []

    def gateway(self, configuration, **more):
        """`millpond run` on a configuration."""
        return self.keep(Gateway(self.folder, configuration, **more))

    def peer(self, name, mode, port, units, **more):
        """A Modbus server that is not ours."""
        return self.keep(Peer(self.folder, name, mode, port, units, **more))

    def process(self, arguments, name, **more):
        """Any other program."""
        return self.keep(Process(arguments, self.folder, name, **more))

    def pty_pair(self):
        """Two serial ports, wired to each other."""
        ends = [self.folder / "ttyA", self.folder / "ttyB"]
        socat = ["socat", *(f"pty,rawer,link={end}" for end in ends)]
        self.process(socat, "socat")
        until(lambda: all(end.exists() for end in ends), "a pty pair")
        return ends

    def keep(self, part):
        """To be stopped at the end."""
        self.parts.append(part)
        return part

    def close(self):
        """Stops what still runs, last first, gateways in order; then their books are audited."""
        gateways = [part for part in self.parts if isinstance(part, Gateway)]
        for gateway in gateways:
            if gateway.runs():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    gateway.stop()
        for part in reversed(self.parts):
            part.kill()
        conservation.audit(gateways, [part for part in self.parts if isinstance(part, Peer)])


@pytest.fixture
def bench(tmp_path):
    """Parts for one test."""
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def module_bench(tmp_path_factory):
    """Parts for all tests of a file."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    yield bench
    bench.close()


@pytest.fixture
def configuration(tmp_path):
    """A sound configuration of one TCP device that is not there; tests change what they need."""
    return sound_configuration(tmp_path, free_port(), free_port())
