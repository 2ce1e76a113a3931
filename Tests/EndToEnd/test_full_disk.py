# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A disk that is really full, under load: polling, pulling and acknowledging go on, the buffer is a
ring or its records wait in memory, what goes is in the stream, exactly, and nothing has to be
started anew when there is room again."""

import json
import sys
import time
from pathlib import Path

import kills
import pytest
import requests
import small_disk
from consumers import parts
from running import PATIENCE, allocated, free_port, millpond, until

# The contract's: itself again after the space came back, in seconds; and what the directory may take
# beside its limit.
AGAIN, LIMIT, OVERHEAD = 10, 8 << 20, 64 << 20

pytestmark = pytest.mark.skipif(
    not small_disk.is_permitted(), reason="mounting a file system of 24 MB is not permitted here")


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, tmp_path):
    """Unmounted when all that has used it is gone."""
    disk = small_disk.SmallDisk(tmp_path, request.param)
    yield disk
    disk.close()


def start(bench, disk, **buffer):
    """Sixteen devices that number their answers, and a gateway: 16,000 noisy readings a second."""
    port = free_port()
    script = Path(kills.__file__).with_name("numbered.py")
    plant = bench.process(
        [sys.executable, script, port, kills.NUMBERED, kills.NOISY], "plant")
    until(lambda: "listening" in plant.text(), "the devices")
    configuration = kills.configuration(bench.folder, port)
    configuration["buffer"] |= {"directory": str(disk.path / "buffer"), **buffer}
    return configuration, bench.gateway(configuration).ready()


def status(gateway):
    """What the gateway says of itself."""
    return gateway.get("/v1/status").json()


def newest(gateway):
    """The newest sequence."""
    return int(status(gateway)["buffer"]["newest"].split(".")[1])


def pull_and_acknowledge(gateway):
    """What a consumer does; returns how many batches came."""
    answer = gateway.get("/v1/consumers/mes/batches?limit=20")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    moved = requests.put(
        f"{gateway.base}/v1/consumers/mes/cursor", json={"cursor": page["next"]}, timeout=PATIENCE)
    assert moved.status_code == 200, moved.text
    return len(page["batches"])


def check_numbers(gateway, allowed_jumps):
    """Each device's answers are in the stream from the oldest batch on, one by one."""
    epoch = status_of_directory(gateway)
    exported = millpond("batches", "export", "--after", f"{epoch}.0",
                        "--directory", gateway.directory, patience=60)
    assert exported.returncode == 0, exported.stderr
    numbers, jumps, lost = {}, 0, 0
    for kind, head, lines in parts(exported.stdout.encode()):
        if kind == "lost":
            lost += head["records"]
        for line in lines.splitlines() if kind == "batch" else []:
            record = json.loads(line)
            if record["type"] != "reading" or not record["signal"].endswith("/n00"):
                continue
            if record["value"] is None:
                continue
            before = numbers.get(record["equipment"])
            jumps += before is not None and record["value"] != before + 1
            numbers[record["equipment"]] = record["value"]
    assert jumps <= allowed_jumps, jumps
    return lost


def status_of_directory(gateway):
    """The epoch of the buffer that a gateway has left behind."""
    told = millpond("batches", "verify", "--json", "--directory", gateway.directory)
    assert told.returncode == 0, told.stdout + told.stderr
    return json.loads(told.stdout)["epoch"]


def test_on_a_full_disk_everything_goes_on(disk, bench):
    configuration, gateway = start(bench, disk, limit="8 MiB")
    requests.put(f"{gateway.base}/v1/consumers/mes", json={}, timeout=PATIENCE)
    until(lambda: status(gateway)["buffer"]["bytes"] > 2 << 20, "two MiB of batches", 60)

    disk.fill()
    until(lambda: status(gateway)["buffer"]["pressed_by_disk"], "the disk's pressure")
    before, polls = newest(gateway), status(gateway)["counters"]["polls"]
    end, pulled, failed, largest = time.monotonic() + 10, 0, 0, 0
    while time.monotonic() < end:
        largest = max(largest, allocated(gateway.directory))
        pulled += pull_and_acknowledge(gateway)
        failed += not gateway.answers("/readyz")
        time.sleep(0.1)
    told = status(gateway)
    assert newest(gateway) > before + 50, "sealing goes on"
    assert pulled > 50 and failed == 0
    assert told["counters"]["polls"] > polls + 1000
    assert told["counters"]["records_not_stored"] == 0
    assert disk.free < 2 << 20, "less than the gateway asks for"
    assert len(gateway.lines("disk-short")) == 1, gateway.text()

    disk.empty()
    began = time.monotonic()
    until(lambda: not status(gateway)["buffer"]["pressed_by_disk"], "the end of the pressure", 60)
    took = time.monotonic() - began
    print(f"\nitself again {took:.1f} s after the space came back; directory {largest >> 10} KiB")
    assert took <= AGAIN
    assert len(gateway.lines("disk-recovered")) == 1
    last = newest(gateway) + 20
    until(lambda: newest(gateway) > last, "batches after it")
    assert max(largest, allocated(gateway.directory)) <= LIMIT + OVERHEAD
    reached = newest(gateway)
    gateway.kill()
    again = bench.gateway(configuration, name="again").ready()
    assert newest(again) >= reached, "what was committed after the space came back is there"
    assert again.stop()[0] == 0
    check_numbers(again, allowed_jumps=2 * kills.DEVICES)


def test_what_finds_no_room_at_all_waits_and_is_told_if_it_is_lost(disk, bench):
    _, gateway = start(bench, disk, limit="8 MiB", **{"seal-every": "3s"})
    disk.fill()
    until(lambda: status(gateway)["counters"]["records_not_stored"] > 0, "a loss", 60)
    until(lambda: not gateway.answers("/readyz"), "an unready gateway")
    polls = status(gateway)["counters"]["polls"]
    until(lambda: status(gateway)["counters"]["polls"] > polls + 1000, "polls")
    disk.empty()
    began = time.monotonic()
    until(lambda: gateway.answers("/readyz"), "a ready gateway", 60)
    took = time.monotonic() - began
    print(f"\nready {took:.1f} s after the space came back")
    assert took <= AGAIN
    assert allocated(gateway.directory) <= LIMIT + OVERHEAD
    until(lambda: status(gateway)["counters"]["records_waiting"] < 50_000, "an empty memory")
    counters = status(gateway)["counters"]
    assert len(gateway.lines("seal-failed")) == 1 and len(gateway.lines("seal-recovered")) == 1
    assert gateway.stop()[0] == 0
    lost = check_numbers(gateway, allowed_jumps=50 * kills.DEVICES)
    assert lost == counters["records_not_stored"], "the stream tells of exactly what was lost"
