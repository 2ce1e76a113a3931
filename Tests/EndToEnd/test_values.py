# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A plant held by pymodbus, over TCP, RTU framing on TCP and a serial line, polled by the
product and pulled by HTTP: each value and each count against what the server was told to hold."""

import json
import math
import subprocess
from types import SimpleNamespace

import pytest
import values
from pulling import check_sequence, parse_csv, parse_ndjson, pull_all, readings
from running import STOP_WITHIN, free_port, millpond, until

SEEDS = {"by-tcp": 1, "by-rtu": 2, "by-serial": 3}
# Beside the units of `values.plant`: a register pair that goes up by one with each read.
COUNTER_UNIT = 3
COUNTERS = {"holding": [[0, [0, 0]]], "counters": [["holding", 0]]}
# Readings of the slowest signal before the test is content.
ENOUGH = 5


def write_profiles(folder):
    """The profiles of the test plant, in a folder as the configuration names it."""
    counter = values.Signal("count", "holding", 0, (0, 0), None, keys={"type": "uint32"})
    models = {
        "types": values.profile("Types", values.plant(0)[1], **{"max-registers": 60}),
        "meanings": values.profile("Meanings", values.plant(0)[2], type="uint16"),
        "counter": values.profile("Counter", [counter]),
    }
    for model, text in models.items():
        path = folder / "profiles" / "test" / model / "profile.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(text, indent=1), "utf-8")
    return folder / "profiles"


def write_configuration(folder, connections, api_port):
    """The same three devices on each connection; the serial line, being slower, less often."""
    equipment = {}
    for name in SEEDS:
        # In RTU framing, what is said twice at such a pace is asked for once more.
        every = "250ms" if name == "by-tcp" else "1s"
        units = {"types": 1, "meanings": 2, "counter": COUNTER_UNIT}
        equipment[name] = {
            "devices": {
                device: {"profile": f"test/{device}", "via": name, "unit": unit, "every": every}
                for device, unit in units.items()
            }
        }
    return {
        "gateway": "test-gateway",
        "connections": connections,
        "equipment": equipment,
        "profiles": [str(write_profiles(folder))],
        "buffer": {"directory": str(folder / "buffer"), "seal-every": "500ms"},
        "pull": {"listen": f"127.0.0.1:{api_port}"},
    }


def start_plant(bench):
    """The three peers, and how the gateway reaches them."""
    near, far = bench.pty_pair()
    ports = {"by-tcp": free_port(), "by-rtu": free_port(), "by-serial": str(far)}
    modes = {"by-tcp": "tcp", "by-rtu": "rtu-over-tcp", "by-serial": "serial"}
    peers = {}
    for name, seed in SEEDS.items():
        units = {unit: values.held(signals) for unit, signals in values.plant(seed).items()}
        units[COUNTER_UNIT] = COUNTERS
        peers[name] = bench.peer(name, modes[name], ports[name], units)
    connections = {
        "by-tcp": {"tcp": f"127.0.0.1:{ports['by-tcp']}"},
        "by-rtu": {"rtu-over-tcp": f"127.0.0.1:{ports['by-rtu']}"},
        "by-serial": {"serial": str(near), "baud": 115200, "format": "8N1"},
    }
    return peers, connections


@pytest.fixture(scope="module")
def session(module_bench):
    """One run from start to SIGTERM, and all that it handed out on the way."""
    peers, connections = start_plant(module_bench)
    configuration = write_configuration(module_bench.folder, connections, free_port())
    gateway = module_bench.gateway(configuration).ready()

    def is_enough():
        counts = [peer.answered().count([COUNTER_UNIT, "holding", 0, 2]) for peer in peers.values()]
        return min(counts) >= ENOUGH or not gateway.runs()

    until(is_enough, "enough answers from each peer", patience=60)
    assert gateway.runs(), gateway.text()
    until(lambda: len(pull_all(gateway)) >= 3, "three sealed batches")
    found = SimpleNamespace(gateway=gateway, peers=peers)
    found.pulled = pull_all(gateway)
    last = found.pulled[-1].head["cursor"]
    found.json = gateway.get("/v1/batches?limit=1000&max_bytes=8388608").json()
    found.csv = gateway.get(
        "/v1/batches?limit=1000&max_bytes=8388608", headers={"Accept": "text/csv"}
    ).text
    found.curled = subprocess.run(
        ["curl", "-sS", "--fail", "--compressed", "-H", "Accept: application/x-ndjson"]
        + [f"{gateway.base}/v1/batches/{last}"],
        capture_output=True, text=True, check=True, timeout=20,
    ).stdout  # fmt: skip
    found.snapshots = {name: gateway.get(f"/v1/equipment/{name}").json() for name in SEEDS}
    found.code, found.seconds = gateway.stop()
    exported = millpond("batches", "export", "--directory", gateway.directory)
    assert exported.returncode == 0, exported.stderr
    found.exported, found.between, _ = parse_ndjson(exported.stdout)
    found.verified = millpond("batches", "verify", "--directory", gateway.directory)
    return found


def settled(found):
    """The readings of a signal, after those that say it was not read yet."""
    first = next((i for i, r in enumerate(found) if r.get("reason") != "not-yet-read"), len(found))
    return found[first:]


def covering(peer, unit, signal):
    """How many reads the peer answered that covered the signal."""
    end = signal.address + len(signal.words)
    return sum(
        (device, table) == (unit, signal.table) and start <= signal.address and end <= start + count
        for device, table, start, count in peer.answered()
    )


def same(value, expected, scaled):
    """Exactly the same, of the same type; a scaled number to the last bits of a double."""
    if isinstance(expected, (bool, str)) or isinstance(value, (bool, str)):
        return value is expected or (type(value) is type(expected) and value == expected)
    return math.isclose(value, expected, rel_tol=1e-14) if scaled else value == expected


@pytest.mark.parametrize("equipment", SEEDS)
def test_every_value_and_every_count(session, equipment):
    found = readings(session.exported)[equipment]
    expected_signals = set()
    for unit, signals in values.plant(SEEDS[equipment]).items():
        device = "types" if unit == 1 else "meanings"
        for signal in signals:
            answered = covering(session.peers[equipment], unit, signal)
            for name, value, reason in signal.readings():
                expected_signals.add(f"{device}/{name}")
                all_readings = settled(found[f"{device}/{name}"])
                if reason:
                    # Written when it begins, and then at a slow beat.
                    assert {r["reason"] for r in all_readings} == {reason}, name
                    assert {r["value"] for r in all_readings} == {None}, name
                    assert 1 <= len(all_readings) <= 2, name
                    continue
                wrong = [
                    r for r in all_readings
                    if r["quality"] != "good" or not same(r["value"], value, "scale" in signal.keys)
                ]  # fmt: skip
                assert wrong == [], f"{name} must be {value!r}: {wrong[:2]} of {len(all_readings)}"
                # An answer may be under way when the gateway is told to stop.
                assert answered - len(all_readings) in (0, 1), name
                assert len(all_readings) >= ENOUGH - 1, name
                assert {r.get("unit") for r in all_readings} == {signal.keys.get("unit")}, name
    assert set(found) - {"counter/count"} == expected_signals


@pytest.mark.parametrize("equipment", SEEDS)
def test_what_changes_is_read_once_each_time(session, equipment):
    counted = [r["value"] for r in settled(readings(session.exported)[equipment]["counter/count"])]
    answered = session.peers[equipment].answered().count([COUNTER_UNIT, "holding", 0, 2])
    assert counted == list(range(1, len(counted) + 1))
    assert answered - len(counted) in (0, 1)


def test_one_answer_has_one_time(session):
    for found in readings(session.exported).values():
        coils = [settled(found[f"types/coil-{n}"]) for n in range(21)]
        assert len({tuple(r["time"] for r in coil) for coil in coils}) == 1


def test_sigterm_seals_and_ends_in_time(session):
    assert (session.code, session.seconds < STOP_WITHIN) == (0, True), session.gateway.text()
    check_sequence(session.exported)
    assert session.between == []


def test_what_was_pulled_is_what_is_kept(session):
    pulled = [(batch.head, batch.lines) for batch in session.pulled]
    kept = [(batch.head, batch.lines) for batch in session.exported]
    assert pulled == kept[: len(pulled)]


def test_json_and_csv_say_the_same(session):
    kept = session.exported
    for batch, told in zip(kept, session.json["batches"], strict=False):
        assert told["records"] == batch.records
        assert {key: told[key] for key in batch.head if key not in ("type", "records")} == {
            key: batch.head[key] for key in batch.head if key not in ("type", "records")
        }
    lines = [
        (r["time"], r["equipment"], r["signal"], r["quality"], r.get("reason", ""), r["value"])
        for batch in kept
        for r in batch.records
        if r["type"] == "reading"
    ]
    rows = parse_csv(session.csv)
    assert len(rows) > 100
    for row, (*texts, value) in zip(rows, lines, strict=False):
        assert [row[c] for c in ("time", "equipment", "signal", "quality", "reason")] == texts
        is_text = isinstance(value, str)
        told = row["value"] if is_text else json.loads(row["value"] or "null")
        assert told == value and type(told) is type(value), row


def test_curl_gets_a_batch_byte_for_byte(session):
    (batch,), _, _ = parse_ndjson(session.curled)
    assert batch.lines == session.pulled[-1].lines


@pytest.mark.parametrize("equipment", SEEDS)
def test_the_snapshot_has_the_latest_values(session, equipment):
    told = {signal["signal"]: signal for signal in session.snapshots[equipment]["signals"]}
    for device, unit in (("types", 1), ("meanings", 2)):
        for signal in values.plant(SEEDS[equipment])[unit]:
            for name, value, reason in signal.readings():
                line = told[f"{device}/{name}"]
                assert line.get("reason") == reason, line
                if reason is None:
                    assert same(line["value"], value, "scale" in signal.keys), line
    devices = {d["device"]: d["state"] for d in session.snapshots[equipment]["data"]["devices"]}
    assert devices["types"] == devices["counter"] == "answering"


def test_verify_finds_nothing(session):
    assert session.verified.returncode == 0, session.verified.stdout + session.verified.stderr
