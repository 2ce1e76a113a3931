# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A file system that turns read-only under a running gateway, as a kernel makes it that has met an
error: polling and pulling go on, it is said once, and nothing has to be started anew when it can be
written to again. Then a stop while it cannot: what is lost is told."""

import re

import pytest
import small_disk
from running import until
from test_full_disk import check_numbers, newest, start, status

pytestmark = pytest.mark.skipif(
    not small_disk.is_permitted(), reason="mounting a file system of 24 MB is not permitted here")


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, tmp_path):
    """Unmounted when all that has used it is gone."""
    disk = small_disk.SmallDisk(tmp_path, request.param)
    yield disk
    disk.close()


def test_on_a_read_only_disk_polling_and_pulling_go_on(disk, bench):
    configuration, gateway = start(bench, disk, limit="8 MiB", **{"seal-every": "500ms"})
    until(lambda: newest(gateway) > 5, "some batches")

    disk.remount("ro")
    until(lambda: not gateway.answers("/readyz"), "an unready gateway")
    before, polls = newest(gateway), status(gateway)["counters"]["polls"]
    until(lambda: status(gateway)["counters"]["polls"] > polls + 1000, "polls")
    page = gateway.get("/v1/batches?limit=1000").json()
    assert len(page["batches"]) >= 5 and newest(gateway) == before
    assert len(gateway.lines("seal-failed")) == 1, gateway.text()
    assert gateway.runs()

    disk.remount("rw")
    until(lambda: gateway.answers("/readyz"), "a ready gateway", 60)
    until(lambda: newest(gateway) > before + 5, "batches after it")
    until(lambda: status(gateway)["counters"]["records_waiting"] < 50_000, "an empty memory")
    assert len(gateway.lines("seal-recovered")) == 1, gateway.text()
    lost = status(gateway)["counters"]["records_not_stored"]
    assert gateway.stop()[0] == 0
    assert not gateway.lines("lost-at-stop")
    assert check_numbers(gateway, allowed_jumps=50) == lost
    again = bench.gateway(configuration, name="again").ready()
    assert again.stop()[0] == 0


def test_what_a_read_only_disk_refuses_at_the_stop_is_told(disk, bench):
    _, gateway = start(bench, disk, limit="8 MiB", **{"seal-every": "500ms"})
    until(lambda: newest(gateway) > 5, "some batches")
    disk.remount("ro")
    until(lambda: gateway.lines("seal-failed"), "a seal that fails")
    assert gateway.stop()[0] == 0
    told = gateway.lines("lost-at-stop")
    assert len(told) == 1 and int(re.search(r"(\d+) records", told[0])[1]) > 0
    disk.remount("rw")
    # What was answered and never sealed is missing at the end of the stream: nowhere else.
    assert check_numbers(gateway, allowed_jumps=0) == 0
