# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Files for a one-way transfer: `batches export --into`, proven on the far side by what every box
has, and by `batches verify`."""

import json
import shutil
import subprocess

import requests
from drops import (  # noqa: F401
    batches, check_chain, export, gateway, manifests, newest, recount, stick, sums_hold, verify,
)
from pulling import parse_ndjson
from running import BINARY, environment, millpond, until
from test_outage import counting_plant


def test_drop_after_drop_nothing_is_missing(gateway, stick):
    for _ in range(3):
        assert len(export(gateway, stick, "--file-size", "4 KiB")) >= 2
        batches(gateway, 12)
    assert gateway.stop()[0] == 0
    assert len(export(gateway, stick)) == 1, "what was sealed since, in one"
    assert export(gateway, stick) == [], "nothing is new"

    whole = millpond("batches", "export", "--directory", gateway.directory).stdout
    assert recount(stick) == whole
    said = manifests(stick)
    check_chain(said, f"{said[0]['epoch']}.0")
    assert all(one["bytes"] <= 4096 or one["batches"] == 1 for one in said[:-1])
    assert sums_hold(stick)
    code, report = verify(stick)
    assert (code, report["sound"], report["faults"]) == (0, True, [])
    assert report["records"] == sum(one["records"] for one in said)
    assert report["ends"] == [said[-1]["to"]]
    told = millpond("batches", "verify", stick)
    assert told.returncode == 0 and f"up to {said[-1]['to']}" in told.stdout
    assert {path.suffix for path in stick.iterdir()} == {".ndjson", ".json", ".sha256"}
    names = subprocess.run(
        "jq -r .file *.manifest.json", shell=True, cwd=stick, check=True, timeout=60,
        capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert names == sorted(path.name for path in stick.glob("*.ndjson"))


def test_what_does_not_hold_is_found(gateway, stick, tmp_path):
    export(gateway, stick, "--file-size", "1 KiB")
    assert gateway.stop()[0] == 0
    names = sorted(path.name for path in stick.glob("*.ndjson"))
    assert len(names) >= 4

    def spoilt(spoil):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(stick, copy)
        spoil(copy)
        code, report = verify(copy)
        assert (code, report["sound"]) == (65, False), report
        return sums_hold(copy), report

    def miscount(folder, key, by):
        path = folder / names[1].replace(".ndjson", ".manifest.json")
        said = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(said | {key: said[key] + by}), "utf-8")

    def flip(folder):
        content = bytearray((folder / names[1]).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / names[1]).write_bytes(content)

    for key in ("batches", "records", "readings", "lost", "bytes"):
        held, report = spoilt(lambda folder, key=key: miscount(folder, key, 1))
        assert not held and report["faults"], "a wrong count is found by both"
    assert not spoilt(flip)[0]
    assert not spoilt(lambda folder: (folder / names[1]).write_bytes(b""))[0]

    def spoil_two(folder):
        (folder / names[0]).unlink()
        flip(folder)

    held, report = spoilt(spoil_two)
    assert not held and {fault["file"] for fault in report["faults"]} == set(names[:2])

    def forget(folder):
        for path in folder.glob(names[1].replace(".ndjson", ".*")):
            path.unlink()

    held, report = spoilt(forget)
    assert held and report["faults"] == [], "each file holds, and one is missing"
    assert len(report["starts"]) == 2


def test_what_breaks_off_is_gone_on_with(gateway, stick):
    command = ["batches", "export", "--directory", gateway.directory, "--into", str(stick)]
    assert gateway.stop()[0] == 0
    export(gateway, stick, "--file-size", "1 KiB", "--through", first_cursors(gateway, 2))
    before = sorted(path.name for path in stick.iterdir())
    # Nobody can write more than so many bytes into one file.
    cut = subprocess.run(
        ["prlimit", "--fsize=512", str(BINARY), *command],
        env=environment(), check=False, timeout=60, capture_output=True, text=True,
    )  # fmt: skip
    assert (cut.returncode, cut.stdout) == (74, ""), cut.stderr
    assert str(stick) in cut.stderr
    assert sorted(path.name for path in stick.iterdir()) == before and sums_hold(stick)
    # What a crash leaves, before a file has its name, and before it has its manifest.
    (stick / ".millpond.part").write_bytes(b"{" * 1_000_000)
    shutil.copy(stick / before[0], stick / "q7m2k9xd.000000000003-000000000009.ndjson")
    export(gateway, stick)
    assert recount(stick) == millpond(*command[:4]).stdout
    assert sums_hold(stick) and verify(stick)[0] == 0
    assert not (stick / ".millpond.part").exists()


def first_cursors(gateway, count):
    """The cursor of the batch of that number."""
    listed = millpond("batches", "list", "--directory", gateway.directory, "--json")
    return json.loads(listed.stdout)["batches"][count - 1]["cursor"]


def test_what_is_gone_and_a_new_epoch_are_in_the_files(bench, stick):
    _, configuration = counting_plant(bench, "200ms")
    configuration["buffer"]["keep-acknowledged"] = "1s"
    gateway = bench.gateway(configuration).ready()
    batches(gateway, 3)
    export(gateway, stick)
    consumer = f"{gateway.base}/v1/consumers/mes"
    assert requests.put(consumer, json={}, timeout=20).status_code == 201
    batches(gateway, 3)
    cursor = gateway.get("/v1/status").json()["buffer"]["newest"]
    assert requests.put(f"{consumer}/cursor", data=cursor, timeout=20).status_code == 200
    oldest = f"{cursor.partition('.')[0]}.{int(cursor.partition('.')[2]) + 1}"
    until(lambda: gateway.get("/v1/status").json()["buffer"]["oldest"] == oldest, "it to go")
    assert gateway.stop()[0] == 0
    export(gateway, stick)
    for path in (bench.folder / "buffer").iterdir():
        if path.is_file():
            path.unlink()
    gateway.isEmptied = True
    gateway = bench.gateway(configuration, name="again").ready()
    batches(gateway, 3)
    export(gateway, stick)
    assert gateway.stop()[0] == 0

    # By names the epochs are in no order; by what follows what, they are.
    said = {one["after"]: one for one in manifests(stick)}
    place = next(one for one in said.values() if one["after_sha256"] is None)["after"]
    order = []
    while place in said:
        order.append(said[place])
        place = order[-1]["to"]
    assert len(order) == len(said) == 3
    check_chain(order, f"{order[0]['epoch']}.0")
    between = [
        one for drop in order
        for one in parse_ndjson((stick / drop["file"]).read_text("utf-8"))[1]
    ]  # fmt: skip
    assert [one["type"] for one in between] == ["lost", "epoch"]
    assert between[0]["reason"] == "acknowledged"
    assert (between[1]["from"], between[1]["to"]) == (order[0]["epoch"], order[2]["epoch"])
    recount(stick)
    assert sums_hold(stick)
    assert verify(stick)[0] == 0
