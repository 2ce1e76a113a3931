# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Files for a one-way transfer: `batches export --into`, proven on the far side by what every box
has, and by `batches verify`."""

import hashlib
import json
import shutil
import subprocess

import pytest
import requests
from pulling import parse_ndjson
from running import BINARY, environment, millpond, until
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


def three_files(folder, said):
    """The files of a drop, by its manifest."""
    return list(folder.glob(said["file"].replace(".ndjson", ".*")))


def sealed(folder, said):
    """Writes a manifest, and sums that agree with it."""
    path = folder / said["file"].replace(".ndjson", ".manifest.json")
    path.write_text(json.dumps(said), "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = f"{said['sha256']}  {said['file']}\n{digest}  {path.name}\n"
    (folder / said["file"].replace(".ndjson", ".sha256")).write_text(sums, "ascii")


def test_what_is_carried_away_is_gone_on_with_by_its_last_cursor(gateway, stick, tmp_path):
    far = tmp_path / "far"
    far.mkdir()

    def carry():
        for path in stick.iterdir():
            path.rename(far / path.name)

    export(gateway, stick)
    carry()
    batches(gateway, 5)
    assert gateway.stop()[0] == 0
    end = manifests(far)[0]["to"]
    export(gateway, stick, "--after", end)
    carry()
    said = manifests(far)
    assert [one["after_sha256"] for one in said] == [None, None] and said[1]["after"] == end
    code, report = verify(far)
    assert (code, report["sound"], report["faults"]) == (0, True, []), report
    assert report["begun_anew"] == [said[1]["file"]] and len(report["starts"]) == 1
    told = millpond("batches", "verify", far)
    assert told.returncode == 0 and f"begun anew by --after {end}" in told.stdout
    assert recount(far) == millpond("batches", "export", "--directory", gateway.directory).stdout

    sealed(far, said[1] | {"after_sha256": "0" * 64})
    code, report = verify(far)
    assert (code, report["sound"]) == (65, False) and len(report["faults"]) == 1
    assert "what it follows" in report["faults"][0]["fault"]
    sealed(far, said[1] | {"after_sha256": said[0]["sha256"]})
    assert verify(far)[1]["begun_anew"] == []


def test_a_drop_that_is_lost_on_its_way_is_sent_again(gateway, stick, tmp_path):
    export(gateway, stick, "--file-size", "1 KiB")
    assert gateway.stop()[0] == 0
    said = manifests(stick)
    assert len(said) >= 4
    lost = said[1]
    before = (stick / lost["file"]).read_bytes()
    for path in three_files(stick, lost):
        path.unlink()
    assert verify(stick)[0] == 65
    again = tmp_path / "again"
    again.mkdir()
    export(gateway, again, "--after", lost["after"], "--through", lost["to"])
    assert (again / lost["file"]).read_bytes() == before
    shutil.copytree(again, stick, dirs_exist_ok=True)
    code, report = verify(stick)
    assert (code, report["begun_anew"]) == (0, [lost["file"]]), report
    assert sums_hold(stick)
    # And in the folder itself, where what comes before is there.
    for path in three_files(stick, lost):
        path.unlink()
    export(gateway, stick, "--after", lost["after"], "--through", lost["to"])
    assert verify(stick) == (0, report | {"begun_anew": []})


def test_what_is_there_is_not_written_once_more(gateway, stick, tmp_path):
    assert gateway.stop()[0] == 0
    export(gateway, stick, "--file-size", "1 KiB")
    said = manifests(stick)
    before = {path.name: path.read_bytes() for path in stick.iterdir()}
    command = ["batches", "export", "--directory", gateway.directory, "--into"]
    for after in (said[0]["after"], said[1]["after"], said[-2]["to"]):
        refused = millpond(*command, stick, "--after", after)
        assert (refused.returncode, refused.stdout) == (64, ""), refused
        assert "leave --after out" in refused.stderr
    assert {path.name: path.read_bytes() for path in stick.iterdir()} == before
    assert verify(stick)[0] == 0
    for own in (gateway.directory, f"{gateway.directory}/../buffer/"):
        refused = millpond(*command, own)
        assert refused.returncode == 73 and "the buffer's own directory" in refused.stderr
    # Whoever copies them together is told what is twice, and not of what is missing.
    other = tmp_path / "other"
    other.mkdir()
    middle = f"{said[0]['epoch']}.{int(said[0]['to'].partition('.')[2]) - 1}"
    one = [] if middle.endswith(".0") else ["--after", middle]
    export(gateway, other, *one, "--through", said[2]["to"])
    shutil.copytree(other, stick, dirs_exist_ok=True)
    code, report = verify(stick)
    assert (code, report["sound"]) == (65, False)
    assert any("too: remove one" in fault["fault"] for fault in report["faults"]), report
    assert len(report["starts"]) == 1, "nothing is missing"


@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_manifest_that_is_gone_is_told_and_made_anew(gateway, stick, place):
    assert gateway.stop()[0] == 0
    export(gateway, stick, "--file-size", "1 KiB")
    said = manifests(stick)
    sound = verify(stick)
    assert sound[0] == 0
    manifest = stick / said[place]["file"].replace(".ndjson", ".manifest.json")
    sums = stick / said[place]["file"].replace(".ndjson", ".sha256")
    before = {path.name: path.read_bytes() for path in stick.iterdir()}

    manifest.unlink()
    code, report = verify(stick)
    assert report["unfinished"] == [said[place]["file"]]
    # At the end it may be on its way; else another one follows it.
    assert code == (0 if place == -1 else 65), report
    told = millpond("batches", "verify", stick).stdout
    assert f"{said[place]['file']}: it has no manifest" in told and "missing:" not in told
    assert export(gateway, stick) == [manifest.name]
    assert {path.name: path.read_bytes() for path in stick.iterdir()} == before
    manifest.write_bytes(before[manifest.name][:-20])
    assert verify(stick)[0] == 65
    assert export(gateway, stick) == [manifest.name] and verify(stick) == sound

    # What is not what the buffer has stays as it is.
    manifest.unlink()
    data = stick / said[place]["file"]
    data.write_bytes(before[data.name] + b"{}\n")
    left = millpond("batches", "export", "--directory", gateway.directory, "--into", stick)
    assert left.returncode == 0 and ("left as it is" in left.stderr) == (place != -1)
    assert (data.read_bytes() == before[data.name]) == (place == -1), "a new one of its name"
    data.write_bytes(before[data.name])
    manifest.write_bytes(before[manifest.name])

    sums.unlink()
    code, report = verify(stick)
    assert (code, report["without_sums"]) == (0, [said[place]["file"]]), report
    sums.write_bytes(before[sums.name].replace(b"a", b"b"))
    code, report = verify(stick)
    assert (code, [fault["file"] for fault in report["faults"]]) == (65, [sums.name]), report
    sums.write_bytes(before[sums.name])
    assert verify(stick) == sound and sums_hold(stick)


@pytest.mark.parametrize(("given", "hint"), [
    ("--into /tmp --format csv", "NDJSON"), ("--into /tmp --from 2026-11-20T00:00:00Z", "--from"),
    ("--file-size 1MiB", "--into"), ("--into /tmp --file-size 7", "64MiB"),
])  # fmt: skip
def test_what_cannot_be_dropped_is_refused(given, hint):
    result = millpond("batches", "export", *given.split())
    assert (result.returncode, result.stdout) == (64, ""), result
    assert hint in result.stderr


def test_a_folder_that_is_not_there_is_not_made(gateway, tmp_path):
    done = millpond(
        "batches", "export", "--directory", gateway.directory, "--into", tmp_path / "none"
    )
    assert (done.returncode, done.stdout) == (73, ""), done.stderr
    assert "mount or make it first" in done.stderr
    assert not (tmp_path / "none").exists()
    empty = millpond("batches", "verify", tmp_path)
    assert empty.returncode == 69 and "no exported files" in empty.stderr
