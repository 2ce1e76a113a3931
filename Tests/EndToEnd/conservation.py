# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The promise, held after every test that ran a gateway: produced = delivered + buffered + lost.

When a bench closes, its gateways are stopped in order, and each buffer that they leave behind must
verify, with every sequence a batch or a loss, once. Then it is held against what the peers say
they answered (`peer.py`'s journal): no signal has more good readings than answers that covered it,
and where a register counts its reads, each number is there, in order, once; a gateway that the
test has killed may owe what it had not sealed, and nothing else.
"""

import json
import re
from pathlib import Path

from consumers import Ledger, parts
from running import millpond

# For a seal that is under way, and the one before it.
UNDER_WAY = 0.5


def audit(gateways, peers):
    """Everything that the gateways of a test have left behind, against their peers."""
    for directory in dict.fromkeys(gateway.directory for gateway in gateways):
        if not Path(directory, "millpond.db").exists():
            continue
        lives = [gateway for gateway in gateways if gateway.directory == directory]
        told = millpond("batches", "verify", "--json", "--directory", directory)
        if any(life.isUnsound for life in lives):
            assert told.returncode != 0, f"the test says that {directory} is unsound"
            continue
        assert told.returncode == 0, told.stdout + told.stderr
        epoch = json.loads(told.stdout)["epoch"]
        exported = millpond("batches", "export", "--after", f"{epoch}.0", "--directory", directory)
        assert exported.returncode == 0, exported.stderr
        items = parts(exported.stdout.encode())
        Ledger().compare(items)
        isWhole = all(kind == "batch" for kind, _, _ in items)
        isWhole = isWhole and not any(life.isEmptied for life in lives)
        signals = good_values(items)
        for place, peer, unit, signal in asked(lives[-1], peers) if peers else []:
            check(signals.get(place, []), signal, peer, unit, lives, isWhole)


def good_values(items):
    """Equipment and signal → the values of its good readings, in order."""
    found = {}
    for _, _, lines in items:
        for line in lines.splitlines():
            record = json.loads(line)
            if record["type"] == "reading" and record["quality"] == "good":
                place = record["equipment"], record["signal"]
                found.setdefault(place, []).append(record["value"])
    return found


def asked(gateway, peers):
    """The signals of this test's own profiles that a peer holds: place, peer, unit, signal."""
    wanted = json.loads(gateway.configuration.read_text("utf-8"))
    for machine, equipment in wanted["equipment"].items():
        for name, device in equipment["devices"].items():
            reached = wanted["connections"][device["via"]]
            ends = {str(end).rpartition(":")[2] for end in reached.values()}
            peer = next((peer for peer in peers if str(peer.port) in ends), None)
            profile = own_profile(wanted, device["profile"])
            if peer is None or profile is None:
                continue
            for signal, keys in profile["signals"].items():
                keys = {"every": "1s"} | profile.get("modbus", {}) | keys
                keys["every"] = device.get("every", keys["every"])
                yield (machine, f"{name}/{signal}"), peer, device["unit"], keys


def own_profile(wanted, name):
    """A profile that the test wrote itself, as JSON; None for one of ours."""
    paths = [Path(folder, name, "profile.yaml") for folder in wanted.get("profiles", [])]
    path = next((path for path in paths if path.exists()), None)
    return path and json.loads(path.read_text("utf-8"))


def check(values, signal, peer, unit, lives, isWhole):
    """One signal against the answers of its unit."""
    table, at = signal["table"], signal["at"]
    answers = sum(
        (one, kind) == (unit, table) and start <= at < start + count
        for one, kind, start, count in peer.answered())
    assert len(values) <= answers, (signal, len(values), answers)
    counters = peer.units.get(unit, peer.units.get(str(unit), {})).get("counters", [])
    if not isWhole or [table, at] not in [list(counter) for counter in counters]:
        return
    # A peer that was started anew begins anew; each beginning is the end of a run of numbers.
    jumps = [
        (before, after) for before, after in zip([0, *values], values)
        if after != before + 1 and not (peer.starts > 1 and after == 1)
    ]  # fmt: skip
    killed = [life for life in lives if life.isKilled]
    assert len(jumps) <= len(killed), (signal, jumps)
    for before, after in jumps:
        unsealed = max(seconds(life.seal_every) for life in killed) + UNDER_WAY
        most = unsealed / seconds(signal["every"]) + 1
        assert 0 < after - before - 1 <= most, (signal, before, after, most)


def seconds(duration):
    """`250ms`, `2s` or `1h` as a number."""
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]
