# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What a device does not give although its profile says so: found out, shown wherever somebody
looks, and known again after a restart. The device is pymodbus with a hole."""

import json
import re

from prometheus import parse_metrics
from running import BINARY, free_port, millpond, until

# Two registers that the device has not, between others that it has.
HOLE = 10


def configuration(folder, api_port):
    """One device whose profile names the hole, polled four times a second."""
    signals = {f"level-{at}": {"at": at} for at in range(20) if at != HOLE + 1}
    signals[f"level-{HOLE}"]["type"] = "uint32"
    profile = {
        "vendor": "Test",
        "model": "Holed",
        "source": "made by the end-to-end tests",
        "modbus": {"table": "holding", "type": "uint16", "every": "250ms"},
        "signals": signals,
    }
    path = folder / "profiles" / "test" / "holed" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(profile), "utf-8")
    return {
        "gateway": "test-gateway",
        "connections": {"plc": {"tcp": f"127.0.0.1:{free_port()}", "timeout": "500ms"}},
        "equipment": {
            "press-1": {"devices": {"meter": {"profile": "test/holed", "via": "plc", "unit": 1}}}
        },
        "profiles": [str(folder / "profiles")],
        "buffer": {"directory": str(folder / "buffer"), "seal-every": "500ms"},
        "pull": {"listen": f"127.0.0.1:{api_port}"},
    }


def meter(gateway):
    """The device in the status."""
    return gateway.get("/v1/status").json()["connections"][0]["devices"][0]


def signals(gateway):
    """The latest of each signal, by its short name."""
    held = gateway.get("/v1/equipment/press-1").json()["signals"]
    return {signal["signal"].split("/")[-1]: signal for signal in held}


def check_signals(gateway):
    """The hole is refused by its exception, all else is what the device holds."""

    def settled():
        found = signals(gateway)
        good = sum(signal["quality"] == "good" for signal in found.values())
        return found if good == 18 else None

    found = until(settled, "eighteen good signals")
    refused = found.pop(f"level-{HOLE}")
    assert (refused["quality"], refused["reason"]) == ("bad", "refused"), refused
    assert refused["exception"] == 2, refused
    for name, signal in found.items():
        assert signal["value"] == 100 + int(name.removeprefix("level-")), signal


def test_what_was_learnt_is_shown_and_outlives_a_restart(bench):
    described = configuration(bench.folder, free_port())
    port = int(described["connections"]["plc"]["tcp"].split(":")[1])
    held = [[0, list(range(100, 100 + HOLE))], [HOLE + 2, list(range(102 + HOLE, 120))]]
    bench.peer("holed", "tcp", port, {1: {"holding": held}})
    before = bench.folder / "before.yaml"
    before.write_text(json.dumps(described), "utf-8")
    assert "learnt.yaml" not in millpond("check", before).stderr, "there is no buffer yet"

    first = bench.gateway(described).ready()
    (fact,) = until(lambda: meter(first)["learnt"], "a fact")
    assert (fact["table"], fact["start"], fact["count"]) == ("holding", HOLE, 2)
    assert (fact["refusal"], fact["exception"]) == ("exception", 2)
    assert fact["signals"] == [f"level-{HOLE}"] and "manual" in fact["text"]
    check_signals(first)
    assert meter(first)["exceptions"]["2"] > 0
    shown = millpond("status", "--config", first.configuration)
    assert shown.returncode == 0, shown.stderr
    told = shown.stdout
    assert re.search(r"^press-1/meter +1 +answering ", told, re.M), told
    assert "exception 2" in told and f"holding {HOLE}–{HOLE + 1}" in told, told
    assert all(len(line) <= 80 for line in told.splitlines()), told
    assert f"level-{HOLE}" in first.get("/").text and "compare" in first.get("/").text
    found = parse_metrics(first.get("/metrics").text)["millpond_device_learnt_facts"]
    assert list(found.samples.values()) == [1] and found.kind == "gauge"
    assert first.stop()[0] == 0

    checked = millpond("check", first.configuration)
    assert checked.returncode == 0
    assert re.search(r"/learnt\.yaml:1:1: note: press-1/meter answers with exception 2", checked.stderr)
    notes = json.loads(millpond("check", first.configuration, "--json").stdout)
    assert notes["mistakes"] == [] and len(notes["notes"]) == 1

    second = bench.gateway(described, name="second").ready()
    until(lambda: meter(second)["answers"] > 8, "two seconds of polls")
    (again,) = meter(second)["learnt"]
    assert again == fact, "it is the same, and since then"
    assert meter(second)["exceptions"] == {}, "nobody has asked for it again"
    check_signals(second)


def test_an_endpoint_in_the_other_framing_is_named(bench, configuration):
    path = bench.folder / "plant.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    bench.process([BINARY, "simulate", path, "--fault", "press-1/drive=wrong:framing"], "simulate")
    gateway = bench.gateway(configuration).ready()
    (told,) = until(lambda: gateway.lines("event=other-framing"), "an event")
    assert "rtu-over-tcp" in told and "connection=plc" in told, told
    line = gateway.get("/v1/status").json()["connections"][0]
    assert line["other_framing"] > 0
    shown = millpond("status", "--config", gateway.configuration).stdout
    assert "answers in RTU framing" in shown and "`rtu-over-tcp`" in shown, shown
    assert "answers in RTU framing" in gateway.get("/").text
    until(lambda: meter(gateway)["garbled"] > 3, "more of them")
    assert len(gateway.lines("event=other-framing")) == 1, "told once"
