# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""How fast a backlog drains beside the live stream, and what that costs polling.

`draining.py [SECONDS]`: 300 devices of 100 registers fill a buffer for a minute while nobody pulls.
Then ten of them go on, 1,000 readings a second, and are watched for so long (20), three times in
turn: alone, and while one client reads the live stream by long-polling and another drains the
backlog over and over, as NDJSON, one page after the other. Lateness is what the devices saw
(`scale.py`). The clients stand in for a platform that is another machine: they get what devices and
gateway leave of the processors.
"""

import contextlib
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import requests
from running import Gateway, until
from scale import SETTLE, Crowd, configuration, cpu

FILLING, LIVE = 300, 10
FILL_SECONDS = 60
ROUNDS = 3
PAGE = "limit=1000&max_bytes=8388608"
LINES = {"Accept": "application/x-ndjson"}


@contextlib.contextmanager
def yielding():
    """Gives way to all others. To be nice counts within a session; where sessions are weighed against
    one another, their own niceness does (sched(7), "The autogroup feature")."""
    session = Path("/proc/self/autogroup")
    os.nice(19)
    with contextlib.suppress(OSError):
        session.write_text("19", "ascii")
    yield
    with contextlib.suppress(OSError):
        session.write_text("0", "ascii")


def fill(folder, crowd):
    """Leaves a backlog behind, of which a consumer has read nothing."""
    gateway = Gateway(folder, configuration(folder, FILLING, "uint16", crowd.port), "filling")
    try:
        gateway.ready()
        consumer = f"{gateway.base}/v1/consumers/archive"
        assert requests.put(consumer, json={}, timeout=20).status_code == 201
        time.sleep(FILL_SECONDS)
        assert gateway.stop()[0] == 0, gateway.text()
    finally:
        gateway.kill()


class Platform:
    """Two clients of a gateway, each with a thread and a connection of its own."""

    def __init__(self, gateway):
        self.base, self.stopping = gateway.base, threading.Event()
        self.bytes = self.readings = 0
        self.lags = []
        self.threads = [threading.Thread(target=one) for one in (self.drain, self.follow)]

    def __enter__(self):
        """Both begin, and have begun."""
        for thread in self.threads:
            thread.start()
        until(lambda: self.bytes and self.lags, "both streams")
        return self

    def __exit__(self, *_):
        """Both end."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(90)

    def drain(self):
        """The backlog, from its beginning and from its beginning again."""
        with requests.Session() as session:
            after = "earliest"
            while not self.stopping.is_set():
                url = f"{self.base}/v1/batches?after={after}&{PAGE}"
                answer = session.get(url, headers=LINES, timeout=60)
                assert answer.status_code == 200, answer.text
                end = json.loads(answer.content.splitlines()[-1])
                self.bytes += len(answer.content)
                self.readings += answer.content.count(b'{"type":"reading"')
                after = end["next"] if end["more"] else "earliest"

    def follow(self):
        """The live stream: how old the newest batch is when it has come."""
        with requests.Session() as session:
            after = "latest"
            while not self.stopping.is_set():
                url = f"{self.base}/v1/batches?after={after}&wait=5"
                answer = session.get(url, timeout=60).json()
                for batch in answer["batches"]:
                    sealed = datetime.fromisoformat(batch["sealed"])
                    self.lags.append((datetime.now(UTC) - sealed).total_seconds())
                after = answer["next"]


class Phase:
    """What was seen in one way to live, in all rounds."""

    def __init__(self, gateway, crowd):
        self.gateway, self.crowd = gateway, crowd
        self.late, self.lags = [], []
        self.seconds = self.cpu = self.bytes = self.readings = 0

    def watch(self, seconds, platform=None):
        """How late polls are, and what that costs the gateway."""
        began, used = time.monotonic(), cpu(self.gateway.process)
        drained = (platform.bytes, platform.readings) if platform else (0, 0)
        self.late += itertools.chain(*self.crowd.watch(seconds))
        self.seconds += time.monotonic() - began
        self.cpu += cpu(self.gateway.process) - used
        if platform:
            self.bytes += platform.bytes - drained[0]
            self.readings += platform.readings - drained[1]
            self.lags += platform.lags

    def percentile(self, percent):
        """Lateness in milliseconds."""
        return 1e3 * statistics.quantiles(self.late, n=100)[percent - 1]


def main(seconds=20.0):
    """Measures, and prints."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        crowd = Crowd(folder, "uint16")
        parts = [crowd]
        try:
            fill(folder, crowd)
            settings = configuration(folder, LIVE, "uint16", crowd.port)
            settings["buffer"]["seal-every"] = "1s"
            gateway = Gateway(folder, settings, "live")
            parts.append(gateway)
            gateway.ready()
            time.sleep(SETTLE)
            backlog = requests.get(f"{gateway.base}/v1/status", timeout=20).json()["buffer"]
            alone, draining = Phase(gateway, crowd), Phase(gateway, crowd)
            with yielding():
                for _ in range(ROUNDS):
                    alone.watch(seconds)
                    with Platform(gateway) as platform:
                        draining.watch(seconds, platform)
            assert gateway.stop()[0] == 0, gateway.text()
        finally:
            for part in reversed(parts):
                part.kill()
    report(backlog, alone, draining)


def report(backlog, alone, draining):
    """The figures."""
    live = len(draining.late) * 100 / draining.seconds
    rate = draining.readings / draining.seconds
    print(
        f"a backlog of {backlog['readings']:,} readings in {backlog['batches']} batches, "
        f"{backlog['bytes'] / 1e6:.0f} MB\n"
        f"live: {live:,.0f} readings/s, the newest batch is there after "
        f"{1e3 * statistics.median(draining.lags):.0f} ms (median), "
        f"{1e3 * max(draining.lags):.0f} ms (longest)\n"
        f"drained: {rate:,.0f} readings/s, {draining.bytes / draining.seconds / 1e6:.0f} MB/s of "
        f"NDJSON: {rate / live:,.0f} x the live rate"
    )
    for name, phase in (("alone", alone), ("draining", draining)):
        print(
            f"{name:9} lateness of {len(phase.late)} polls: p50 {phase.percentile(50):.2f} ms, "
            f"p99 {phase.percentile(99):.2f} ms; CPU {100 * phase.cpu / phase.seconds:.1f} % of a "
            "core"
        )
    print(f"p99 moves by {draining.percentile(99) - alone.percentile(99):+.2f} ms", flush=True)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
