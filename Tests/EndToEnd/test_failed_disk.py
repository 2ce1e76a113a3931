# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A file system that turns read-only under a running gateway, as ext4 does that has met an error of
its disk: polling and pulling go on, it is said once, and the stop is told what it costs. Linux lets
nobody write there before it is mounted anew; then all that was sealed is there."""

import re

import pytest
import requests
import small_disk
from running import PATIENCE, until
from test_full_disk import check_numbers, newest, start, status

pytestmark = pytest.mark.skipif(
    not small_disk.is_permitted(), reason="mounting a file system of 24 MB is not permitted here")


@pytest.fixture
def disk(tmp_path):
    """Unmounted when all that has used it is gone."""
    disk = small_disk.SmallDisk(tmp_path, "ext4")
    yield disk
    disk.close()


def test_on_a_failed_disk_polling_and_pulling_go_on(disk, bench):
    configuration, gateway = start(bench, disk, limit="8 MiB", **{"seal-every": "500ms"})
    requests.put(f"{gateway.base}/v1/consumers/mes", json={}, timeout=PATIENCE)
    until(lambda: newest(gateway) > 5, "some batches")

    disk.remount("abort")
    until(lambda: gateway.lines("seal-failed"), "a seal that fails")
    until(lambda: not gateway.answers("/readyz"), "an unready gateway")
    before, polls = newest(gateway), status(gateway)["counters"]["polls"]
    until(lambda: status(gateway)["counters"]["polls"] > polls + 1000, "polls")
    page = gateway.get("/v1/batches?limit=2").json()
    assert page["batches"] and newest(gateway) == before
    moved = requests.put(
        f"{gateway.base}/v1/consumers/mes/cursor", json={"cursor": page["next"]}, timeout=PATIENCE)
    assert moved.status_code == 503, "what is not on disk is not acknowledged"
    assert len(gateway.lines("seal-failed")) == 1, gateway.text()
    assert gateway.stop()[0] == 74, "not everything is sealed"
    assert gateway.lines("not all that was gathered is sealed")
    told = gateway.lines("lost-at-stop")
    assert len(told) == 1 and int(re.search(r"(\d+) records", told[0])[1]) > 0

    disk.renew()
    again = bench.gateway(configuration, name="again").ready()
    assert newest(again) >= before, "what was sealed is there"
    until(lambda: newest(again) > before + 3, "batches after it")
    assert again.stop()[0] == 0
    # Where the disk failed, each device's answers end and begin again, once.
    check_numbers(again, allowed_jumps=16)


def test_on_a_read_only_disk_it_does_not_start_and_says_why(disk, bench):
    configuration, gateway = start(bench, disk, limit="8 MiB")
    assert gateway.stop()[0] == 0
    disk.remount("ro")
    refused = bench.gateway(configuration, name="refused")
    assert refused.ended() in (73, 77)
    assert "read-only file system" in refused.text()
    disk.remount("rw")
    assert bench.gateway(configuration, name="again").ready().stop()[0] == 0
