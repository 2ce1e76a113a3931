# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A sector of the state directory that can never be read again (`bad_sector.c`): the gateway is
ready all the same, what stood there is brought back or told, and nothing else is touched."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import sniffer
from pulling import pull_all
from running import until
from test_outage import counting_plant, kept

# The figure of the issue.
READY = 10


def environment(folder, file, sector):
    """What makes a process meet it, and be heard as any other."""
    library = folder / "bad_sector.so"
    compiler = shutil.which("cc") or shutil.which("clang")
    source = Path(__file__).with_name("bad_sector.c")
    command = [compiler, "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", source]
    subprocess.run([*command, "-o", library], check=True, timeout=60)
    libraries = [sniffer.environment().get("LD_PRELOAD"), str(library)]
    return {
        "LD_PRELOAD": ":".join(filter(None, libraries)),
        "BAD_SECTOR": f"{os.stat(file).st_ino}:{sector}",
    }


@pytest.mark.parametrize(
    ("name", "part"),
    [("millpond.db", 0), ("millpond.db", 0.3), ("millpond.db", 0.8), ("millpond.mark", 0),
     ("millpond.db-wal", 0.5)],
)  # fmt: skip
def test_a_bad_sector_keeps_nobody_from_starting(bench, name, part):
    _, configuration = counting_plant(bench, "200ms")
    gateway = bench.gateway(configuration).ready()
    until(lambda: len(pull_all(gateway)) >= 12, "twelve batches")
    if name.endswith("wal"):
        gateway.kill()
    else:
        assert gateway.stop()[0] == 0
    before = {batch.head["cursor"]: batch.head for batch in kept(gateway)}
    file = Path(gateway.directory) / name
    sector = int(file.stat().st_size * part) // 512
    start = time.monotonic()
    again = bench.gateway(configuration, **environment(bench.folder, file, sector)).ready()
    assert time.monotonic() - start < READY
    status = again.get("/v1/status").json()["buffer"]
    until(
        lambda: not again.get("/v1/status").json()["buffer"]["in_quarantine_records"],
        "what is salvaged", 30,
    )  # fmt: skip
    assert status["newest"].split(".")[0] == check(again, before), "it begins before it is ready"
    assert again.stop()[0] == 0


def check(gateway, before):
    """Each batch of before is there once, word for word, or told as lost with just its records.
    Returns the epoch."""
    owed, lost = dict(before), 0
    answer = {"next": "earliest", "more": True}
    while answer["more"]:
        # A page ends before a batch that cannot be read, until the stream says that it is lost.
        answer = gateway.get(f"/v1/batches?after={answer['next']}&limit=1000").json()
        for batch in answer["batches"]:
            place = batch.get("salvaged", batch["cursor"])
            if place in before:
                assert owed.pop(place)["sha256"] == batch["sha256"], batch
        for one in answer["discontinuities"]:
            if one["type"] == "lost":
                assert one["reason"] == "corruption", one
                lost += one["records"]
    assert lost == sum(head["records"] for head in owed.values()), (lost, owed)
    return answer["epoch"]
