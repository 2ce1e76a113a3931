# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""How fast a backlog drains beside the live stream, and what that costs polling.

`draining.py [SECONDS]`: 300 devices of 100 registers fill a buffer for a minute while nobody pulls.
Then ten of them go on, 1,000 readings a second, and are watched for so long (20): first alone, then
while one client reads the live stream by long-polling and another drains the backlog over and over,
as NDJSON, one page after the other. Lateness is what the devices saw (`scale.py`). The clients
stand in for a platform that is another machine: they yield to the devices and to the gateway.
"""

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
PAGE = "limit=1000&max_bytes=8388608"
LINES = {"Accept": "application/x-ndjson"}


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
        self.drained = {"pages": 0, "bytes": 0, "readings": 0}
        self.lags, self.threads = [], []

    def begin(self):
        """Both begin."""
        self.threads = [threading.Thread(target=one) for one in (self.drain, self.follow)]
        for thread in self.threads:
            thread.start()

    def end(self):
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
                self.drained["pages"] += 1
                self.drained["bytes"] += len(answer.content)
                self.drained["readings"] += answer.content.count(b'{"type":"reading"')
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


def watch(gateway, crowd, seconds):
    """What a phase costs, and how late polls are."""
    used = cpu(gateway.process)
    late = sorted(one for connection in crowd.watch(seconds) for one in connection)
    used = (cpu(gateway.process) - used) / seconds
    quantiles = statistics.quantiles(late, n=100)
    return {"polls": len(late), "p50": quantiles[49], "p99": quantiles[98], "cpu": used}


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
            state = requests.get(f"{gateway.base}/v1/status", timeout=20).json()
            before = watch(gateway, crowd, seconds)
            os.nice(5)
            platform = Platform(gateway)
            platform.begin()
            until(lambda: platform.drained["pages"] and platform.lags, "both streams")
            drained, began = dict(platform.drained), time.monotonic()
            during = watch(gateway, crowd, seconds)
            took = time.monotonic() - began
            drained = {key: platform.drained[key] - drained[key] for key in drained}
            platform.end()
            assert gateway.stop()[0] == 0, gateway.text()
        finally:
            for part in reversed(parts):
                part.kill()
    report(state["buffer"], before, during, drained, took, platform.lags)


def report(backlog, before, during, drained, took, lags):
    """The figures."""
    live = during["polls"] * 100 / took
    rate = drained["readings"] / took
    print(
        f"a backlog of {backlog['readings']:,} readings in {backlog['batches']} batches, "
        f"{backlog['bytes'] / 1e6:.0f} MB\n"
        f"live: {live:,.0f} readings/s, the newest batch is there after "
        f"{1e3 * statistics.median(lags):.0f} ms (median), {1e3 * max(lags):.0f} ms (longest)\n"
        f"drained: {rate:,.0f} readings/s, {drained['bytes'] / took / 1e6:.0f} MB/s of NDJSON: "
        f"{rate / live:,.0f} x the live rate"
    )
    for name, phase in (("alone", before), ("draining", during)):
        print(
            f"{name:9} lateness of {phase['polls']} polls: p50 {1e3 * phase['p50']:.2f} ms, "
            f"p99 {1e3 * phase['p99']:.2f} ms; CPU {100 * phase['cpu']:.1f} % of a core"
        )
    print(f"p99 moves by {1e3 * (during['p99'] - before['p99']):+.2f} ms", flush=True)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
