# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""As many connections as one gateway serves: none is left out, and one more is refused."""

import contextlib
import json
import os
import socket

import pytest
from running import free_port, millpond, until
from scale import REGISTERS, Crowd, configuration

MOST = 850
# What the API serves at a time, beside them.
CLIENTS = 128
# libmodbus ends the process at one more.
DESCRIPTORS = 1024
# Slow enough that a machine that is busy with other tests keeps it too.
EVERY = "3s"


def client(gateway):
    """An open connection to the API, which has answered once."""
    host, port = gateway.base.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    return connection


def test_850_connections_beside_all_clients_keep_every_period(bench, tmp_path):
    crowd = bench.keep(Crowd(tmp_path, "uint16"))
    wanted = configuration(tmp_path, MOST, "uint16", crowd.port, EVERY)
    gateway = bench.gateway(wanted)
    gateway.ready()

    def counters():
        return gateway.get("/v1/status").json()["counters"]

    with contextlib.ExitStack() as clients:
        for _ in range(CLIENTS - 1):
            clients.enter_context(client(gateway))
        told = until(lambda: (c := counters())["polls"] >= 3 * MOST and c, "three rounds", 60)
        open_now = len(os.listdir(f"/proc/{gateway.process.pid}/fd"))
    assert (told["failures"], told["overruns"]) == (0, 0)
    assert MOST + CLIENTS <= open_now <= DESCRIPTORS - 8, "room for a name to be looked up"
    machines = gateway.get("/v1/equipment").json()["equipment"]
    good = [s for machine in machines for s in machine["signals"] if s["quality"] == "good"]
    assert len(good) == MOST * REGISTERS
    assert gateway.stop()[0] == 0, gateway.text()


@pytest.mark.parametrize("verb", ["check", "run"])
def test_one_more_is_refused_with_what_to_do(tmp_path, verb):
    path = tmp_path / "millpond.yaml"
    wanted = configuration(tmp_path, MOST + 1, "uint16", free_port())
    path.write_text(json.dumps(wanted, indent=1), "utf-8")
    result = millpond(*([verb, path] if verb == "check" else [verb, "--config", path]))
    told = result.stdout + result.stderr
    assert result.returncode == 78, told
    assert "851 connections; one gateway serves 850" in told
    assert "millpond@<name>" in told
