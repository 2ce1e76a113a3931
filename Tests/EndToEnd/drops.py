# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Drops as two files of tests need them: made, counted anew, and a gateway that fills them."""

import hashlib
import json
import subprocess

import pytest
from pulling import parse_ndjson
from running import millpond, until
from test_outage import counting_plant

SUM = "sha256sum -c --strict --quiet *.sha256"


def export(gateway, folder, *more):
    """Exports what is new; returns the manifests it names."""
    done = millpond("batches", "export", "--directory", gateway.directory, "--into", folder, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def verify(folder):
    """What `batches verify` says of a folder: its exit code, and its report."""
    done = millpond("batches", "verify", folder, "--json")
    return done.returncode, json.loads(done.stdout)


def sums_hold(folder):
    """Whether coreutils agree with every sum."""
    return subprocess.run(SUM, shell=True, cwd=folder, check=False, timeout=60).returncode == 0


def manifests(folder):
    """All manifests, in the order of their names."""
    return [
        json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.manifest.json"))
    ]


def recount(folder):
    """Holds each manifest against its file, counted anew; returns all lines, drop after drop."""
    text = ""
    for said in manifests(folder):
        content = (folder / said["file"]).read_bytes()
        assert said["bytes"] == len(content)
        assert said["sha256"] == hashlib.sha256(content).hexdigest()
        lines = content.decode()
        text += lines
        batches, between, end = parse_ndjson(lines)
        assert end is None
        records = [record for batch in batches for record in batch.records]
        gone = [one for one in between if one["type"] == "lost"]
        times = [record["time"] for record in records]
        times += [one[key] for one in gone for key in ("first", "last")]
        assert said["first"] == min(times) and said["last"] == max(times)
        assert said["batches"] == len(batches)
        assert said["records"] == len(records)
        assert said["readings"] == sum(record["type"] == "reading" for record in records)
        assert said["lost"] == sum(
            one["records"] for one in gone if one["reason"] != "acknowledged"
        )
        assert said["gateway"] == batches[-1].head["gateway"]
    return text


def check_chain(said, first):
    """Each begins where the one before ends, and names its digest."""
    assert said[0]["after"] == first and said[0]["after_sha256"] is None
    for before, after in zip(said, said[1:], strict=False):
        assert after["after"] == before["to"]
        assert after["after_sha256"] == before["sha256"]
        number = int(before["to"].partition(".")[2])
        if before["epoch"] == after["epoch"]:
            assert int(after["from"].partition(".")[2]) == number + 1


@pytest.fixture
def stick(tmp_path):
    """A folder to put drops into."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def gateway(bench):
    """A gateway that seals five batches a second."""
    _, configuration = counting_plant(bench, "200ms")
    configuration["buffer"]["keep-acknowledged"] = "1m"
    gateway = bench.gateway(configuration).ready()
    batches(gateway, 5)
    return gateway


def newest(gateway):
    """The newest sequence."""
    return int(gateway.get("/v1/status").json()["buffer"]["newest"].partition(".")[2])


def batches(gateway, more):
    """Waits for so many more batches."""
    before = newest(gateway)
    until(lambda: newest(gateway) >= before + more, "more batches")
