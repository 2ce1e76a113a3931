# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Bytes that rot on the disk while the gateway stands still: what is damaged is told, in the log, in
the stream and in the counters, and everything else is as it was."""

import sqlite3

from pulling import pull_all
from running import until
from test_outage import counting_plant


def rotten(bench):
    """A gateway that was stopped with batches in its buffer; and those, by sequence."""
    peers, configuration = counting_plant(bench, "200ms")
    gateway = bench.gateway(configuration).ready()
    until(lambda: len(pull_all(gateway)) >= 12, "twelve batches")
    assert gateway.stop()[0] == 0
    return peers, configuration, gateway


def stored(gateway):
    """Of each batch the count of its records and its bytes, as SQLite has them."""
    with sqlite3.connect(f"file:{gateway.directory}/millpond.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT seq, records, payload FROM batch ORDER BY seq").fetchall()
    return {sequence: (records, payload) for sequence, records, payload in rows}


def sequence(head):
    return int(head["cursor"].split(".")[1])


def test_a_flipped_byte_costs_its_batch_and_is_told(bench):
    _, configuration, gateway = rotten(bench)
    batches = stored(gateway)
    victim = sorted(batches)[4]
    records, payload = batches[victim]
    path = f"{gateway.directory}/millpond.db"
    with open(path, "r+b") as file:
        # Somewhere that is in one page for certain, and in no other batch.
        content = file.read()
        pieces = (payload[end - 16:end] for end in range(len(payload) - 8, 16, -1))
        piece = next(piece for piece in pieces if content.count(piece) == 1)
        place = content.find(piece)
        file.seek(place + 5)
        file.write(bytes([piece[5] ^ 0x10]))

    again = bench.gateway(configuration).ready()
    until(lambda: again.lines("buffer-batch-damaged"), "the scrub's or the reader's finding", 60)
    answer = again.get("/v1/batches?after=earliest&limit=1000").json()
    lost = [one for one in answer["discontinuities"] if one["reason"] == "corruption"]
    assert [(int(one["from"].split(".")[1]), one["records"]) for one in lost] == [(victim, records)]
    assert lost[0]["from"] == lost[0]["to"]
    there = {sequence(batch) for batch in answer["batches"]}
    assert set(batches) - {victim} <= there and victim not in there
    buffer = again.get("/v1/status").json()["buffer"]
    assert buffer["lost_by_reason"]["corruption"] == records
    metrics = again.get("/metrics").text
    assert f'millpond_lost_records_total{{reason="corruption"}} {records}' in metrics
    assert len(again.lines("buffer-batch-damaged")) == 1, "it is told once"
    assert "damaged on disk" in again.get("/").text
    assert again.stop()[0] == 0


def test_a_damaged_database_returns_from_quarantine(bench):
    _, configuration, gateway = rotten(bench)
    batches = stored(gateway)
    with open(f"{gateway.directory}/millpond.db", "r+b") as file:
        file.write(bytes(range(256)) * 2)

    again = bench.gateway(configuration).ready()
    until(lambda: again.lines("buffer-salvaged"), "what is salvaged", 60)
    answer = again.get("/v1/batches?after=earliest&limit=1000").json()
    returned = [batch for batch in answer["batches"] if "salvaged" in batch]
    assert [int(one["salvaged"].split(".")[1]) for one in returned] == sorted(batches)
    assert sum(len(one["records"]) for one in returned) == sum(n for n, _ in batches.values())
    assert [one for one in answer["discontinuities"] if one["type"] == "lost"] == []
    status = again.get("/v1/status").json()["buffer"]
    assert status["in_quarantine_records"] == 0 and status["lost_records"] == 0
    assert again.stop()[0] == 0
