# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A device that vanishes and returns: bad readings with their reason in between, one log line each,
and not a reading less from its neighbour."""

import json

import values
from pulling import check_sequence, parse_ndjson, pull_all, readings
from running import free_port, millpond, until

COUNTER = {1: {"holding": [[0, [0, 0]]], "counters": [["holding", 0]]}}


def counting_plant(bench):
    """Two peers that count their reads, and a gateway that polls each ten times a second."""
    signal = values.Signal("count", "holding", 0, (0, 0), None, keys={"type": "uint32"})
    path = bench.folder / "profiles" / "test" / "counter" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(values.profile("Counter", [signal], every="100ms")), "utf-8")
    peers, connections, devices = {}, {}, {}
    for name in ("fugitive", "steady"):
        port = free_port()
        peers[name] = bench.peer(name, "tcp", port, COUNTER)
        connections[f"to-{name}"] = {"tcp": f"127.0.0.1:{port}", "timeout": "300ms"}
        devices[name] = {"profile": "test/counter", "via": f"to-{name}", "unit": 1}
    gateway = bench.gateway(
        {
            "connections": connections,
            "equipment": {"press-1": {"devices": devices}},
            "profiles": [str(bench.folder / "profiles")],
            "buffer": {"directory": str(bench.folder / "buffer"), "seal-every": "200ms"},
            "pull": {"listen": f"127.0.0.1:{free_port()}"},
        }
    )
    return peers, gateway.ready()


def counts(gateway, device):
    """The readings of a device's counter so far."""
    return readings(pull_all(gateway)).get("press-1", {}).get(f"{device}/count", [])


def test_a_device_vanishes_and_returns(bench):
    peers, gateway = counting_plant(bench)
    until(lambda: [r for r in counts(gateway, "fugitive") if r["quality"] == "good"], "a value")
    before = len(gateway.lines("fugitive"))

    peers["fugitive"].kill()
    until(lambda: counts(gateway, "fugitive")[-1]["quality"] == "bad", "a bad reading")
    bad_at = len(peers["steady"].answered())
    until(lambda: len(peers["steady"].answered()) > bad_at + 20, "twenty reads of the other")
    vanished = len(gateway.lines("fugitive"))
    snapshot = gateway.get("/v1/equipment/press-1").json()
    assert gateway.answers("/readyz"), "a dead device does not make the gateway unready"

    peers["fugitive"].start()
    until(lambda: counts(gateway, "fugitive")[-1]["quality"] == "good", "a value again", 60)
    returned = len(gateway.lines("fugitive"))
    assert gateway.stop()[0] == 0

    assert (vanished - before, returned - vanished) == (1, 1), gateway.text()
    devices = {d["device"]: d["state"] for d in snapshot["data"]["devices"]}
    assert devices["steady"] == "answering" and devices["fugitive"] != "answering", devices
    check_story(gateway, peers)


def check_story(gateway, peers):
    """Good, then bad with a reason, then good from the new server's first read on."""
    exported = millpond("batches", "export", "--directory", gateway.directory)
    batches, _, _ = parse_ndjson(exported.stdout)
    check_sequence(batches)
    found = readings(batches)["press-1"]
    told = [r for r in found["fugitive/count"] if r.get("reason") != "not-yet-read"]
    bad = [r for r in told if r["quality"] == "bad"]
    assert 1 <= len(bad) <= 5, "on change and at a slow beat, not with every poll"
    assert {r["reason"] for r in bad} <= {"no-answer", "not-connected", "garbled"}, bad
    numbers = [r["value"] for r in told]
    gone, back = numbers.index(None), len(numbers) - numbers[::-1].index(None)
    assert numbers[:gone] == list(range(1, gone + 1))
    assert numbers[gone:back] == [None] * (back - gone)
    assert numbers[back:] == list(range(1, len(numbers) - back + 1))
    steady = [r["value"] for r in found["steady/count"] if r.get("reason") != "not-yet-read"]
    assert steady == list(range(1, len(steady) + 1)), "the neighbour lost nothing"
    assert len(peers["steady"].answered()) - len(steady) in (0, 1)
