# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Drops that were lost, doubled or damaged on their way, and what heals a folder of them."""

import hashlib
import json
import shutil

import pytest
from drops import (  # noqa: F401
    batches, export, gateway, manifests, recount, stick, sums_hold, verify,
)
from running import millpond


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
