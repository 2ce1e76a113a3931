# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A buffer that is too small, and thins: whoever pulls everything in the end can still add up
what the devices have answered, to the last reading."""

import json
import sys
from pathlib import Path

from kills import DEVICES, configuration
from pulling import parse_ndjson
from running import Process, free_port, millpond, until

NUMBERED, NOISY = 4, 46


def everything(gateway):
    """Every batch, and what stands between them, at one moment: a reader of the running stream may
    have had the readings of a batch before it meets their summaries."""
    told = millpond("batches", "export", "--directory", gateway.directory)
    assert told.returncode == 0, told.stderr
    batches, between, _ = parse_ndjson(told.stdout)
    return batches, between


def test_sums_match_what_the_devices_served(bench):
    port = free_port()
    script = Path(__file__).with_name("numbered.py")
    plant = bench.process([sys.executable, script, port, NUMBERED, NOISY], "plant")
    until(lambda: "listening" in plant.text(), "the devices")
    wanted = configuration(bench.folder, port)
    wanted["buffer"] |= {"when-full": "thin", "survive": "1h", "seal-every": "200ms"}
    told = millpond("check", path(bench, wanted), "--json")
    forecast = json.loads(told.stdout)["buffer"]
    assert forecast["fits"] is False and forecast["line"] > 0, forecast
    assert forecast["needed_bytes"] > forecast["limit_bytes"]

    gateway = bench.gateway(wanted).ready()

    def status():
        return gateway.get("/v1/status").json()["buffer"]

    until(lambda: status()["thinned_readings"] > 20_000, "readings that were thinned", 120)
    holds = status()["holds_seconds"]
    assert 0 < holds < 3_600, holds
    until(lambda: gateway.lines("buffer-too-small"), "the warning")
    assert gateway.stop()[0] == 0
    batches, between = everything(gateway)
    # The ring has not turned once: nothing that was carried on has gone, and no summary.
    assert {line["reason"] for line in between} == {"thinned"}
    thinned = sum(line["records"] for line in between)
    summed, numbers, newest = 0, {}, {}
    for batch in batches:
        for record in batch.records:
            place = record.get("equipment"), record.get("signal")
            if record["type"] == "summary":
                assert record["min"] <= record["mean"] <= record["max"], record
                summed += record["count"]
                if place[1] in ("d/n00", "d/n01"):
                    total, count = numbers.get(place, (0, 0))
                    numbers[place] = (
                        total + record["mean"] * record["count"], count + record["count"])
                    newest[place] = max(newest.get(place, 0), record["max"])
            elif record["type"] == "reading" and record["quality"] == "good":
                if place[1] in ("d/n00", "d/n01"):
                    total, count = numbers.get(place, (0, 0))
                    numbers[place] = (total + record["value"], count + 1)
                    newest[place] = max(newest.get(place, 0), record["value"])
    assert summed == thinned > 20_000
    assert len(numbers) == 2 * DEVICES
    for place, (total, count) in numbers.items():
        last = newest[place]
        assert count == last, (place, count, last)
        assert abs(total - last * (last + 1) / 2) < 1e-6 * total, place


def path(bench, wanted):
    """The configuration as a file of its own, for `check`."""
    file = bench.folder / "wanted.yaml"
    file.write_text(json.dumps(wanted, indent=1), "utf-8")
    return file
