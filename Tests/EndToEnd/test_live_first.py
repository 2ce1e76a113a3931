# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A platform that was away reads the newest at once and its backlog beside it: nothing is missing,
and what comes twice is the same."""

import threading
import time
from datetime import UTC, datetime

import requests
from pulling import CURSOR, Batch, check_sequence, parse_ndjson, readings
from running import until
from test_outage import counting_plant

LINES = {"Accept": "application/x-ndjson"}
AWAY = 60


class Platform:
    """Keeps batches by their cursors, as a database with a key would."""

    def __init__(self):
        self.kept, self.twice, self.lags = {}, 0, []

    def keep(self, batches):
        """What comes twice has to be the same."""
        for batch in batches:
            cursor, told = batch.head["cursor"], (batch.head, batch.lines)
            self.twice += cursor in self.kept
            assert self.kept.setdefault(cursor, told) == told


def pull(gateway, path):
    """A page, checked, and where it leads."""
    answer = gateway.get(path, headers=LINES)
    assert answer.status_code == 200, answer.text
    batches, between, end = parse_ndjson(answer.text)
    assert between == [] and end["next"] == answer.headers["Gateway-Next-Cursor"]
    return batches, end


def number(cursor):
    """The sequence of a cursor."""
    return int(CURSOR.fullmatch(cursor)[2])


def test_the_newest_first_and_the_backlog_beside_it(bench):
    peers, configuration = counting_plant(bench, "100ms")
    gateway = bench.gateway(configuration).ready()
    consumer = f"{gateway.base}/v1/consumers/archive"
    assert requests.put(consumer, json={}, timeout=20).status_code == 201
    until(lambda: number(pull(gateway, "/v1/batches?after=latest")[1]["next"]) >= AWAY, "a backlog")

    live, backlog = Platform(), Platform()
    start = pull(gateway, "/v1/batches?after=latest")[1]["next"]
    drained = threading.Event()

    def follow():
        after = start
        while not drained.is_set() or len(live.lags) < 10:
            batches, end = pull(gateway, f"/v1/batches?after={after}&wait=5")
            live.keep(batches)
            for batch in batches:
                sealed = datetime.fromisoformat(batch.head["sealed"])
                live.lags.append((datetime.now(UTC) - sealed).total_seconds())
            after = end["next"]

    follower = threading.Thread(target=follow)
    follower.start()
    until(lambda: live.lags, "the first live batch, before any of the backlog")
    while (at := gateway.get("/v1/consumers/archive").json()["cursor"]) != start:
        left = number(start) - number(at)
        # Three at a time, so that it lasts.
        batches, end = pull(gateway, f"/v1/consumers/archive/batches?limit={min(left, 3)}")
        backlog.keep(batches)
        answer = requests.put(f"{consumer}/cursor", data=end["next"], timeout=20)
        assert answer.json()["moved"] is True
        time.sleep(0.02)
    drained.set()
    follower.join(20)
    assert gateway.stop()[0] == 0

    assert max(live.lags) < 2, live.lags
    assert live.twice == backlog.twice == 0
    assert not set(live.kept) & set(backlog.kept), "nothing comes twice"
    assert len(backlog.kept) == number(start) >= AWAY
    check_all(live.kept | backlog.kept, peers)


def check_all(kept, peers):
    """From the first to the last, nothing is missing."""
    batches = []
    for cursor in sorted(kept, key=number):
        head, lines = kept[cursor]
        batch = Batch(head)
        batch.lines = lines
        batches.append(batch)
    check_sequence(batches)
    assert number(batches[0].head["cursor"]) == 1
    found = readings(batches)["press-1"]
    for name in peers:
        told = [r["value"] for r in found[f"{name}/count"] if r["quality"] == "good"]
        assert told == list(range(1, len(told) + 1))
