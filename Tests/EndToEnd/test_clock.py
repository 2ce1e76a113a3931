# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The wall clock is set while the gateway runs, and between two runs: order is kept, nothing is
wiped and nothing sticks, what is told of rates and lags stays true, and every batch says how far
its stamps can be believed."""

import threading
import time
from datetime import datetime

import requests
from pulling import CURSOR, check_sequence, readings
from running import free_port, until
from test_outage import COUNTER, counting_plant, kept
from wall_clock import WallClock

HOUR, DAY = 3600, 86400
STEPS = [1, -1, HOUR, -HOUR, -7 * DAY, 7 * DAY]


def notes(batches, kind):
    """The notes of a kind, in order."""
    records = [record for batch in batches for record in batch.records]
    return [one for one in records if one["type"] == "note" and one["kind"] == kind]


def seconds(stamp):
    """A stamp as seconds since 1970."""
    return datetime.fromisoformat(stamp).timestamp()


def newest(gateway):
    """The newest cursor."""
    return gateway.get("/v1/status").json()["buffer"]["newest"]


def acknowledge(gateway, consumer):
    """A consumer acknowledges all there is; returns it as it then stands."""
    url = f"{gateway.base}/v1/consumers/{consumer}"
    assert requests.put(url, json={}, timeout=20).status_code in (200, 201)
    answer = requests.put(f"{url}/cursor", data=newest(gateway), timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_measures(gateway):
    """Two devices, ten readings a second of each, and a platform that is up to date."""
    status = gateway.get("/v1/status").json()
    assert acknowledge(gateway, "mes")["lag_seconds"] < 5
    assert all(consumer["lag_seconds"] < 60 for consumer in status["consumers"]), status
    assert 5 < status["buffer"]["readings_per_second"] < 40, status["buffer"]
    assert 3600 < status["buffer"]["holds_seconds"] < 400 * DAY, status["buffer"]


def check_counts(batches, peers):
    """Every read of each peer is a reading, once, and in order."""
    found = readings(batches)["press-1"]
    for name, peer in peers.items():
        told = [r["value"] for r in found[f"{name}/count"] if r["quality"] == "good"]
        assert told == list(range(1, len(told) + 1))
        assert len(peer.answered()) - len(told) in (0, 1)


def test_steps_while_it_runs(bench):
    clock = WallClock(bench.folder)
    clock.synchronise()
    peers, configuration = counting_plant(bench, "300ms")
    configuration["buffer"]["keep-acknowledged"] = "10m"
    late = free_port()
    configuration["connections"]["to-late"] = {"tcp": f"127.0.0.1:{late}", "timeout": "500ms"}
    devices = configuration["equipment"]["press-1"]["devices"]
    devices["late"] = {"profile": "test/counter", "via": "to-late", "unit": 1}
    gateway = bench.gateway(configuration, **clock.environment()).ready()
    until(lambda: len(peers["steady"].answered()) > 10, "ten reads")
    for step in STEPS:
        before = newest(gateway)
        clock.set(clock.offset + step)
        polled = len(peers["steady"].answered())
        until(lambda: gateway.lines("event=clock-step", "forward" if step > 0 else "back"), "a word")
        until(lambda: len(peers["steady"].answered()) > polled + 20, "polls", patience=6)
        until(lambda: number(newest(gateway)) > number(before) + 5, "batches", patience=6)
        check_measures(gateway)
    peers["late"] = bench.peer("late", "tcp", late, COUNTER)
    until(lambda: peers["late"].answered(), "what was gone is asked again", patience=90)
    assert gateway.stop()[0] == 0

    batches = kept(gateway)
    assert number(batches[0].head["cursor"]) == 1, "nothing was wiped"
    check_counts(batches, peers)
    steps = [round(note["step_ms"] / 1000, 1) for note in notes(batches, "clock-step")]
    assert steps == STEPS
    assert [b.head["clock"] for b in batches].count("stepped") == len(STEPS)
    assert {b.head["clock"] for b in batches} == {"stepped", "synced"}
    assert notes(batches, "clock-correction") == []
    spans = [(b.head["monotonic"]["first"], b.head["monotonic"]["sealed"]) for b in batches]
    assert all(first <= sealed < first + 2000 for first, sealed in spans), spans
    assert sorted(spans) == spans
    assert len({b.head["boot"] for b in batches}) == 1


def number(cursor):
    """The sequence of a cursor."""
    return int(CURSOR.fullmatch(cursor)[2])


def test_a_long_poll_and_a_slow_seal_go_by_no_wall_clock(bench):
    clock = WallClock(bench.folder)
    clock.synchronise()
    _, configuration = counting_plant(bench, "3s")
    gateway = bench.gateway(configuration, **clock.environment()).ready()
    until(lambda: number(newest(gateway)) >= 1, "a batch")
    waited = {}

    def wait(name, seconds):
        began = time.monotonic()
        answer = gateway.get(f"/v1/batches?after=latest&wait={seconds}").json()
        waited[name] = (time.monotonic() - began, len(answer["batches"]))

    for step in (-HOUR, HOUR, -7 * DAY):
        thread = threading.Thread(target=wait, args=(step, 30))
        thread.start()
        time.sleep(0.3)  # The request has to be waiting; nothing tells that it does.
        clock.set(clock.offset + step)
        thread.join(10)
        took, batches = waited[step]
        assert took < 5 and batches == 1, "a step is sealed early and wakes who waits"
        wait("after", 30)
        assert waited["after"][0] < 6, "the next is sealed by its age"
        wait("empty", 1)
        assert waited["empty"][0] < 4
    assert gateway.stop()[0] == 0


def test_a_boot_without_a_clock(bench):
    clock = WallClock(bench.folder, offset=300 - int(time.time()))
    peers, configuration = counting_plant(bench, "300ms")
    configuration["buffer"]["keep-acknowledged"] = "10m"
    gateway = bench.gateway(configuration, **clock.environment()).ready()
    acknowledge(gateway, "behind")
    until(lambda: number(newest(gateway)) > 5, "batches")
    off = -clock.offset
    clock.synchronise()
    until(lambda: gateway.lines("event=clock-synced"), "a word of it")
    synced = number(newest(gateway))
    until(lambda: number(newest(gateway)) > synced + 5, "batches")
    check_measures(gateway)
    assert gateway.stop()[0] == 0

    # Between two runs it is set again, by a week and without a time service.
    clock.set(-7 * DAY, believed=False)
    again = bench.gateway(configuration, name="again", **clock.environment()).ready()
    until(lambda: number(newest(again)) > synced + 20, "batches")
    check_measures(again)
    clock.synchronise(-7 * DAY)
    until(lambda: again.lines("event=clock-synced"), "a word of it")
    assert again.stop()[0] == 0

    batches = kept(again)
    check_sequence(batches)
    assert number(batches[0].head["cursor"]) == 1
    check_counts(batches, peers)
    first, second = notes(batches, "clock-correction")
    assert abs(first["offset_ms"] / 1000 - off) < 0.1
    assert abs(second["offset_ms"]) < 100, "synchronisation without a step is told as well"
    believed = [b.head["clock"] for b in batches]
    assert believed[0] == "unsynced" and believed.count("stepped") == 1
    assert "synced" in believed[believed.index("stepped") :]
    check_correction(batches, first, off)


def check_correction(batches, note, off):
    """What the README says a platform does: by the boot, what a batch was off."""
    applied = 0
    for batch in batches:
        head = batch.head
        if head["boot"] != note["boot"] or head["clock"] != "unsynced":
            continue
        if head["monotonic"]["sealed"] > note["monotonic"]:
            break
        assert seconds(head["sealed"]) < DAY, "it was 1970"
        true = seconds(note["time"]) - (note["monotonic"] - head["monotonic"]["sealed"]) / 1000
        assert abs(true - seconds(head["sealed"]) - off) < 0.1
        assert abs(note["offset_ms"] / 1000 - off) < 0.1
        applied += 1
    assert applied > 2
