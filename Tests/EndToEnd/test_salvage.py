# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A gateway that is killed again and again while it brings a damaged database back from quarantine:
nothing comes twice, and nothing is missing."""

import collections
import json
import random
import sys
import time
from pathlib import Path

import kills
from consumers import ask, parts
from running import free_port, millpond, until

DEVICES, LIVES, SEED = 32, 10, 4
# Of the database that is then damaged: some forty steps of salvage.
BYTES = 3 << 20
# Three lives of ten end before anybody knows what they do, the others soon after something has come
# back; in seconds.
BLIND, STARTING, WORKING = 0.3, 0.25, 0.03


def stream(gateway, epoch):
    """All that a buffer which nobody has holds of an epoch: batches, and what was lost."""
    told = millpond("batches", "export", "--after", f"{epoch}.0", "--directory", gateway.directory)
    assert told.returncode == 0, told.stderr
    items = parts(told.stdout.encode())
    batches = [(head, lines) for kind, head, lines in items if kind == "batch"]
    return batches, [head for kind, head, _ in items if kind == "lost"]


def owed(address):
    """Records that are still to come back; None while nobody answers."""
    told = ask(address, "/v1/status")
    return told and json.loads(told)["buffer"]["in_quarantine_records"]


def live(gateway, address, before, dice):
    """A life until some time after something has come back, or any; what it owed then, if known."""
    if dice.random() < BLIND:
        time.sleep(dice.uniform(0, STARTING))
        left = None
    else:
        told = []

        def has_come_back():
            told.append(owed(address))
            return told[-1] is not None and told[-1] < before

        until(has_come_back, "something from quarantine", pause=0)
        time.sleep(dice.uniform(0, WORKING))
        left = told[-1]
    assert gateway.runs(), gateway.text()
    gateway.kill()
    return left


def counted(batches):
    """The numbers of each machine's answers, in the order in which they were read."""
    numbers = collections.defaultdict(list)
    for _, lines in batches:
        for line in lines.splitlines():
            record = json.loads(line)
            if record["type"] == "reading" and record["signal"] == "d/n00":
                if record["quality"] == "good":
                    numbers[record["equipment"]].append(record["value"])
    return {machine: sorted(found) for machine, found in numbers.items()}


def test_kills_in_the_middle_of_salvage(bench):
    dice, port = random.Random(SEED), free_port()
    script = Path(kills.__file__).with_name("numbered.py")
    plant = bench.process(
        [sys.executable, script, port, kills.NUMBERED, kills.NOISY], "plant")
    until(lambda: "listening" in plant.text(), "the devices")
    configuration = kills.configuration(bench.folder, port, DEVICES)
    configuration["buffer"] |= {"limit": "64MiB", "keep-acknowledged": "1h"}
    address = configuration["pull"]["listen"]
    first = bench.gateway(configuration).ready()
    database = Path(first.directory, "millpond.db")
    until(lambda: database.stat().st_size > BYTES, "a buffer worth salvaging", 60)
    assert first.stop()[0] == 0
    epoch = json.loads(
        millpond("batches", "verify", "--json", "--directory", first.directory).stdout)["epoch"]
    was, lost = stream(first, epoch)
    assert lost == []
    with database.open("r+b") as file:
        file.write(bytes(512))

    records = sum(head["records"] for head, _ in was)
    left = [records]
    for _ in range(LIVES):
        gateway = bench.gateway(configuration, name="victim")
        told = live(gateway, address, left[-1], dice)
        if told is not None:
            left.append(told)
        if told == 0:
            break
    # A fast box is done with it in fewer lives than those.
    assert len(set(left)) == len(left) > 3, left
    last = bench.gateway(configuration, name="last").ready()
    until(lambda: owed(address) == 0, "all of it")
    assert last.get("/v1/status").json()["buffer"]["lost_records"] == 0
    assert last.stop()[0] == 0

    now = json.loads(
        millpond("batches", "verify", "--json", "--directory", last.directory).stdout)["epoch"]
    batches, lost = stream(last, now)
    assert lost == [] and now != epoch
    back = [(head["salvaged"], lines) for head, lines in batches if "salvaged" in head]
    assert back == [(head["cursor"], lines) for head, lines in was]
    before, after = counted(was), counted(batches)
    for machine, numbers in after.items():
        assert before[machine] == list(range(1, len(before[machine]) + 1))
        assert len(set(numbers)) == len(numbers), "nothing came twice"
        gaps = sum(later != one + 1 for one, later in zip(numbers, numbers[1:]))
        assert gaps <= LIVES, "what was not sealed when it was killed, and nothing else"
