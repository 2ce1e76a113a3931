# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What the simulator says it answered is what the stream has, reading by reading; and the audit of
every other test (`conservation.py`) sees what it is for."""

import json
import re

import conservation
import pytest
from pulling import check_sequence, parse_ndjson, readings
from running import BINARY, free_port, millpond, until

ANSWERS = re.compile(r"^(\S+): ([\d,]+) answers?$", re.M)


def heartbeat_plant(folder):
    """Two devices that number their answers, each in its own way, and one request each."""
    for name, kind in (("narrow", "uint16"), ("wide", "uint32")):
        path = folder / "profiles" / "test" / name / "profile.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({
            "vendor": "Test", "model": name, "source": "made by the end-to-end tests",
            "modbus": {"table": "holding", "type": kind, "every": "50ms"},
            "signals": {"life": {"at": 10, "role": "heartbeat"}, "level": {"at": 12, "unit": "Cel"}},
        }), "utf-8")  # fmt: skip
    devices = {
        name: {"profile": f"test/{name}", "via": "plc", "unit": unit}
        for unit, name in enumerate(("narrow", "wide"), 1)
    }
    return {
        "connections": {"plc": {"tcp": f"127.0.0.1:{free_port()}"}},
        "equipment": {"press-1": {"devices": devices}},
        "profiles": [str(folder / "profiles")],
        "buffer": {"directory": str(folder / "buffer"), "seal-every": "200ms"},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }


def test_every_answer_of_the_simulator_is_in_the_stream_once(bench):
    configuration = heartbeat_plant(bench.folder)
    path = bench.folder / "plant.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    plant = bench.process([BINARY, "simulate", path], "simulate")
    until(lambda: "simulating" in plant.text(), "a plant")
    gateway = bench.gateway(configuration).ready()
    until(lambda: gateway.get("/v1/status").json()["counters"]["polls"] >= 100, "a hundred polls")
    assert gateway.stop()[0] == 0
    assert plant.stop()[0] == 0
    exported = millpond("batches", "export", "--directory", gateway.directory)
    batches, between, _ = parse_ndjson(exported.stdout)
    check_sequence(batches)
    assert between == []
    found = readings(batches)["press-1"]
    answers = {name: int(count.replace(",", "")) for name, count in ANSWERS.findall(plant.text())}
    assert set(answers) == {"press-1/narrow/life", "press-1/wide/life"}, plant.text()
    for name, count in answers.items():
        signal = name.removeprefix("press-1/")
        numbers = [r["value"] for r in found[signal] if r["quality"] == "good"]
        assert numbers == list(range(1, len(numbers) + 1))
        # The last answer may have come when the gateway was already leaving.
        assert count - len(numbers) in (0, 1), (signal, count)


@pytest.mark.parametrize("values, isTold", [
    ([1, 2, 3, 4], False), ([1, 2, 4], True), ([1, 2, 2, 3], True), ([1, 3, 2, 4], True),
    ([1, 2, 3, 4, 5], True),
])  # fmt: skip
def test_the_audit_sees_what_is_missing_doubled_or_invented(values, isTold):
    class Peer:
        starts, units = 1, {1: {"counters": [["holding", 0]]}}

        @staticmethod
        def answered():
            return [[1, "holding", 0, 2]] * 4

    signal = {"table": "holding", "at": 0, "every": "100ms"}
    if not isTold:
        conservation.check(values, signal, Peer, 1, [], True)
        return
    with pytest.raises(AssertionError):
        conservation.check(values, signal, Peer, 1, [], True)
