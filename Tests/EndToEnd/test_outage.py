# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What goes away and comes back: a device (bad readings in between, one log line each, and not a
reading less from its neighbour), the gateway by SIGTERM (all is sealed) and by SIGKILL (no sealed
batch is lost)."""

import json

import values
from pulling import check_sequence, parse_ndjson, pull_all, readings
from running import STOP_WITHIN, free_port, millpond, until

COUNTER = {1: {"holding": [[0, [0, 0]]], "counters": [["holding", 0]]}}


def counting_plant(bench, seal_every):
    """Two peers that count their reads, and a gateway that polls each ten times a second."""
    signal = values.Signal("count", "holding", 0, (0, 0), None, keys={"type": "uint32"})
    path = bench.folder / "profiles" / "test" / "counter" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(values.profile("Counter", [signal], every="100ms")), "utf-8")
    peers, connections, devices = {}, {}, {}
    for name in ("fugitive", "steady"):
        port = free_port()
        peers[name] = bench.peer(name, "tcp", port, COUNTER)
        connections[f"to-{name}"] = {"tcp": f"127.0.0.1:{port}", "timeout": "2s"}
        devices[name] = {"profile": "test/counter", "via": f"to-{name}", "unit": 1}
    configuration = {
        "connections": connections,
        "equipment": {"press-1": {"devices": devices}},
        "profiles": [str(bench.folder / "profiles")],
        "buffer": {"directory": str(bench.folder / "buffer"), "seal-every": seal_every},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }
    return peers, configuration


def kept(gateway):
    """All batches in the buffer of a gateway, whether it runs or not."""
    exported = millpond("batches", "export", "--directory", gateway.directory)
    assert exported.returncode == 0, exported.stderr
    batches, between, _ = parse_ndjson(exported.stdout)
    assert between == []
    check_sequence(batches)
    return batches


def counts(gateway, device):
    """The readings of a device's counter so far."""
    return readings(pull_all(gateway)).get("press-1", {}).get(f"{device}/count", [])


def test_a_device_vanishes_and_returns(bench):
    peers, configuration = counting_plant(bench, "200ms")
    gateway = bench.gateway(configuration).ready()
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
    found = readings(kept(gateway))["press-1"]
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


def test_what_is_not_sealed_yet_is_sealed_by_sigterm(bench):
    peers, configuration = counting_plant(bench, "1h")
    gateway = bench.gateway(configuration).ready()
    until(lambda: len(peers["steady"].answered()) >= 30, "thirty reads")
    code, seconds = gateway.stop()
    assert (code, seconds < STOP_WITHIN) == (0, True), gateway.text()
    found = readings(kept(gateway))["press-1"]
    for name, peer in peers.items():
        told = [r["value"] for r in found[f"{name}/count"] if r.get("reason") != "not-yet-read"]
        assert told == list(range(1, len(told) + 1))
        assert len(peer.answered()) - len(told) in (0, 1)


def test_what_is_sealed_survives_sigkill(bench):
    _, configuration = counting_plant(bench, "200ms")
    gateway = bench.gateway(configuration).ready()
    until(lambda: len(pull_all(gateway)) >= 5, "five batches")
    before = pull_all(gateway)
    gateway.kill()
    again = bench.gateway(configuration, name="again").ready()
    until(lambda: len(pull_all(again)) > len(before) + 2, "more batches")
    assert again.stop()[0] == 0
    after = kept(again)
    assert [(b.head, b.lines) for b in before] == [(b.head, b.lines) for b in after[: len(before)]]
    verified = millpond("batches", "verify", "--directory", again.directory)
    assert verified.returncode == 0, verified.stdout + verified.stderr
