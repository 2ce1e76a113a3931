# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What the commands that only read a buffer say of one that is gone, spoilt, or not what was asked
for: what is true of its records, and what `run` would do."""

import json
import shutil
import sqlite3
import stat

import pytest
from pulling import pull_all
from running import millpond, until
from test_outage import counting_plant


@pytest.fixture(scope="module")
def gateway(module_bench):
    """A gateway that was stopped with some batches in its buffer."""
    _, configuration = counting_plant(module_bench, "200ms")
    gateway = module_bench.gateway(configuration).ready()
    until(lambda: len(pull_all(gateway)) >= 8, "eight batches")
    assert gateway.stop()[0] == 0
    return gateway


@pytest.fixture
def copy(gateway, tmp_path):
    """A copy of its state directory, to be spoilt."""
    return shutil.copytree(gateway.directory, tmp_path / "copy")


def verify(directory, *more):
    """What `batches verify` makes of it."""
    return millpond("batches", "verify", "--directory", directory, *more)


def spoilt_header(database, place):
    """A database with a byte of its first page other than it was."""
    content = bytearray(database.read_bytes())
    content[place] ^= 0x55
    database.write_bytes(content)


@pytest.mark.parametrize(("what", "spoil"), [
    ("is gone", lambda database: database.unlink()),
    ("is gone", lambda database: database.write_bytes(b"")),
    ("is damaged", lambda database: database.write_bytes(bytes(range(256)) * 40)),
    ("is damaged", lambda database: spoilt_header(database, 3)),
    ("is damaged", lambda database: spoilt_header(database, 16)),
    ("is damaged", lambda database: spoilt_header(database, 100)),
])  # fmt: skip
def test_a_database_that_is_no_more_is_told_with_what_it_held(gateway, copy, what, spoil):
    sound = json.loads(verify(gateway.directory, "--json").stdout)
    spoil(copy / "millpond.db")
    told = verify(copy)
    assert (told.returncode, told.stdout) == (65, ""), told
    assert f"millpond.db: {what}" in told.stderr, told.stderr
    assert f"held {sound['records']} records" in told.stderr, told.stderr
    assert f"up to {sound['epoch']}.{sound['newest']}" in told.stderr
    assert "`millpond run`" in told.stderr and "PRAGMA" not in told.stderr
    report = verify(copy, "--json")
    said = json.loads(report.stdout)
    assert report.returncode == 65 and said["sound"] is False
    assert said["unreadable"] in told.stderr
    (copy / "millpond.mark").unlink(missing_ok=True)
    (copy / "millpond.db").unlink(missing_ok=True)
    nothing = verify(copy)
    assert nothing.returncode == 69 and "there is no buffer at" in nothing.stderr


def test_not_everyone_may_read_it_and_a_cursor_that_never_was_is_told(bench):
    _, configuration = counting_plant(bench, "200ms")
    gateway = bench.gateway(configuration).ready()
    for name in ("millpond.db", "millpond.db-wal", "millpond.db-shm", "millpond.mark"):
        mode = (bench.folder / "buffer" / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o640, f"not everyone may read {name}"
    newest = gateway.get("/v1/status").json()["buffer"]["newest"]
    wrong = millpond("tail", "--gateway", gateway.base[7:], "--after", f"{newest[:8]}.99999")
    assert wrong.returncode == 65 and "newest" in wrong.stderr, wrong


def findings(database):
    """What SQLite's own check says."""
    with sqlite3.connect(f"file:{database}?immutable=1", uri=True) as connection:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
    return [line for row in rows for line in row[0].splitlines() if not line.startswith("***")]


def test_free_room_that_is_miscounted_costs_no_record(copy):
    path = copy / "millpond.db"
    sound = path.read_bytes()

    def flipped(place):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 4]) + sound[place + 1 :])
        return findings(path)

    # The count of fragments in a page's header (sqlite.org/fileformat2.html, §1.6).
    size = int.from_bytes(sound[16:18], "big")
    places = (page * size + 7 for page in range(2, len(sound) // size))
    said = next(said for said in map(flipped, places) if said[0].startswith("Fragmentation of"))
    assert len(said) == 1
    told = verify(copy)
    assert told.returncode == 0 and told.stdout.startswith("sound: "), told
    assert f"SQLite: {said[0]}" in told.stdout and "no record lies there" in told.stdout
    assert json.loads(verify(copy, "--json").stdout)["database"] == said
    # What is advised does it.
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("VACUUM")
    told = verify(copy)
    assert told.returncode == 0 and "SQLite" not in told.stdout, told


def test_what_is_not_there_or_not_whole_is_told_apart(gateway, copy):
    epoch = json.loads(verify(copy, "--json").stdout)["epoch"]
    with sqlite3.connect(copy / "millpond.db") as database:
        database.execute("UPDATE batch SET payload = x'00' WHERE seq = 3")
    for sequence, word in ((3, "is damaged"), (99_999, "holds no batch")):
        told = millpond("batches", "show", f"{epoch}.{sequence}", "--directory", copy)
        assert (told.returncode, told.stdout) == (65, "") and word in told.stderr, told
    for command in (["show", "zzzzzzzz.1"], ["export", "--after", "zzzzzzzz.1"]):
        told = millpond("batches", *command, "--directory", gateway.directory)
        assert told.returncode == 65 and f"begins after {epoch}.0" in told.stderr, told
    file = millpond("batches", "list", "--directory", gateway.configuration)
    assert file.returncode == 74 and "name the buffer's folder" in file.stderr, file
