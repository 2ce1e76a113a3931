# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A hundred consumers that pull at 1 kB/s while it seals at full load: no snapshot of the database
is held while their answers trickle, so that the log stays small, and polling and sealing go on; and
one that never comes back costs the limit, not the disk. It prints how late polls are meanwhile, and
judges it not, as that is the box's as well."""

import re
import socket
import sys
import threading
import time
from pathlib import Path

import kills
import requests
from running import PATIENCE, allocated, free_port, until

STALLED, RATE = 100, 1000
SECONDS = 30
LOG_LIMIT = 8 << 20
# The contract's: the directory stays under the limit and this.
OVERHEAD = 64 << 20


class Stalled(threading.Thread):
    """Asks for all there is, and takes it a kilobyte a second."""

    def __init__(self, address, number, over):
        super().__init__(daemon=True)
        self.over, self.taken = over, 0
        host, port = address.split(":")
        # A small window, so that the kernel does not take the answer in its stead.
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind((f"127.3.0.{number + 1}", 0))
        self.socket.connect((host, int(port)))
        request = "GET /v1/batches?limit=1000&max_bytes=8388608 HTTP/1.1\r\nHost: g\r\n\r\n"
        self.socket.sendall(request.encode())
        self.socket.settimeout(1)

    def run(self):
        while not self.over.wait(1):
            try:
                self.taken += len(self.socket.recv(RATE))
            except TimeoutError:
                pass
            except OSError:
                return
        self.socket.close()


def lateness(gateway):
    """The worst connection's lateness, p99, in seconds."""
    text = gateway.get("/metrics").text
    found = re.findall(r'poll_lateness_seconds\{[^}]*quantile="0.99"\} (\S+)', text)
    return max(map(float, found))


def test_a_hundred_stalled_consumers(bench):
    configuration = kills.configuration(bench.folder, plant(bench))
    configuration["buffer"]["limit"] = "8 MiB"
    gateway = bench.gateway(configuration).ready()
    abandoned = requests.put(f"{gateway.base}/v1/consumers/gone", json={}, timeout=PATIENCE)
    assert abandoned.status_code == 201
    directory = Path(gateway.directory)
    until(lambda: gateway.get("/v1/status").json()["buffer"]["bytes"] > 6 << 20, "a backlog", 90)
    before, polled = lateness(gateway), polls(gateway)

    over = threading.Event()
    clients = [
        Stalled(configuration["pull"]["listen"], number, over) for number in range(STALLED)]
    for client in clients:
        client.start()
    sizes, largest = [], 0
    end = time.monotonic() + SECONDS
    first = sequence(gateway)
    while time.monotonic() < end:
        sizes.append((directory / "millpond.db-wal").stat().st_size)
        largest = max(largest, allocated(directory))
        time.sleep(0.1)
    during, sealed = lateness(gateway), sequence(gateway) - first
    polled = polls(gateway) - polled
    over.set()
    for client in clients:
        client.join()
    print(
        f"\n{STALLED} consumers at {RATE} B/s took {sum(c.taken for c in clients) >> 10} KiB while "
        f"{sealed} batches were sealed; log at most {max(sizes) >> 10} KiB, directory "
        f"{largest >> 10} KiB; p99 of lateness {before * 1000:.1f} ms before, "
        f"{during * 1000:.1f} ms then")
    assert sealed > 50, "it seals on"
    assert polled > SECONDS / kills.EVERY, "each device is polled at a sixteenth of its pace at least"
    assert sum(client.taken > 0 for client in clients) > 10, "they do read"
    assert max(sizes) <= LOG_LIMIT
    assert largest <= (8 << 20) + OVERHEAD
    lost = gateway.get("/v1/status").json()["buffer"]["lost_records"]
    assert lost > 0, "the limit has won over the consumer that never came"


def plant(bench):
    """The devices' port."""
    port = free_port()
    script = Path(kills.__file__).with_name("numbered.py")
    devices = bench.process(
        [sys.executable, script, port, kills.NUMBERED, kills.NOISY], "plant")
    until(lambda: "listening" in devices.text(), "the devices")
    return port


def polls(gateway):
    """How many polls there were."""
    return gateway.get("/v1/status").json()["counters"]["polls"]


def sequence(gateway):
    """The newest sequence."""
    return int(gateway.get("/v1/status").json()["buffer"]["newest"].split(".")[1])
