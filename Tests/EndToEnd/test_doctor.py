# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""`millpond doctor`: what it says of a box, in words and as JSON, and what it leaves alone."""

import json
import os
import socket

import pytest
import small_disk
from running import millpond, until

SUBJECTS = {
    "configuration", "clock", "disk", "buffer", "api", "serial", "libraries", "descriptors", "unit",
    "secrets",
}  # fmt: skip


def doctor(path, code=0, **more):
    """Its findings, by subject."""
    told = millpond("doctor", "--config", path, "--json", **more)
    assert told.returncode == code, told
    assert told.stderr == ""
    report = json.loads(told.stdout)
    assert report["startable"] == (code == 0)
    findings = {}
    for finding in report["findings"]:
        assert finding["subject"] in SUBJECTS and finding["text"]
        assert (finding["verdict"] == "ok") == ("remedy" not in finding)
        findings.setdefault(finding["subject"], []).append(finding)
    return findings


def written(tmp_path, configuration):
    """The path of a configuration."""
    path = tmp_path / "plant.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    return path


def files(folder):
    """What is there, and when it was changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_sound_box_is_told_line_by_line(tmp_path, configuration):
    path = written(tmp_path, configuration)
    findings = doctor(path)
    assert not (tmp_path / "buffer").exists(), "a doctor makes nothing"
    names = " ".join(finding["text"] for finding in findings["libraries"])
    for library in ("libmodbus 3.", "SQLite 3.", "zstd 1.", "libcrypto OpenSSL "):
        assert library in names
    assert "run` makes it" in findings["buffer"][0]["text"]
    told = millpond("doctor", "--config", path)
    assert told.returncode == 0 and "`millpond run` can start here" in told.stderr
    assert all(len(line) <= 80 or " " not in line.strip() for line in told.stdout.splitlines())
    for finding in sum(findings.values(), []):
        assert any(line.startswith(finding["verdict"]) for line in told.stdout.splitlines())


def test_a_running_gateway_is_seen_and_left_alone(bench, configuration):
    gateway = bench.gateway(configuration).ready()
    until(lambda: gateway.get("/v1/batches").json()["batches"], "a batch")
    findings = doctor(gateway.configuration)
    assert f"process {gateway.process.pid}" in findings["buffer"][0]["text"]
    assert "a gateway runs here" in findings["api"][0]["text"]
    assert gateway.stop()[0] == 0
    before = files(bench.folder / "buffer")
    findings = doctor(gateway.configuration)
    assert "is free to be used" in findings["buffer"][0]["text"]
    assert files(bench.folder / "buffer") == before
    mark = bench.folder / "buffer" / "millpond.mark"
    sound = mark.read_bytes()
    mark.write_bytes(bytes(len(sound)))
    told = doctor(gateway.configuration)["buffer"]
    assert any("mark" in one["text"] and one["verdict"] == "warning" for one in told), told
    mark.write_bytes(sound)


def test_what_keeps_run_from_starting_is_an_error(tmp_path, configuration):
    buffer = tmp_path / "buffer"
    buffer.mkdir()
    (buffer / "millpond.db").write_bytes(b"somebody else's" * 100)
    finding = doctor(written(tmp_path, configuration), code=69)["buffer"][0]
    assert finding["verdict"] == "error" and "not Millpond's" in finding["text"]
    configuration["buffer"]["limit"] = "a lot"
    path = written(tmp_path, configuration)
    assert doctor(path, code=78)["configuration"][0]["verdict"] == "error"
    assert doctor(tmp_path / "nowhere.yaml", code=78)["configuration"][0]["verdict"] == "error"
    assert millpond("run", "--config", path).returncode == 78


def test_a_port_that_is_taken_keeps_run_from_starting(tmp_path, configuration):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        place = f"127.0.0.1:{busy.getsockname()[1]}"
        configuration["pull"]["listen"] = place
        path = written(tmp_path, configuration)
        finding = doctor(path, code=69)["api"][0]
        assert finding["verdict"] == "error" and place in finding["text"]
        assert "pull: listen" in finding["remedy"]
        told = millpond("run", "--config", path)
        assert told.returncode == 69 and f"{place} is in use" in told.stderr, told.stderr
    assert doctor(path)["api"][0]["verdict"] == "ok"


def test_serial_ports_and_secrets_are_looked_at(bench, configuration):
    near, _ = bench.pty_pair()
    tokens = bench.folder / "tokens"
    tokens.write_text("secret", "ascii")
    tokens.chmod(0o644)
    configuration["connections"] |= {
        "here": {"serial": str(near)}, "gone": {"serial": str(bench.folder / "ttyZ")},
        "none": {"serial": str(tokens)},
    }  # fmt: skip
    configuration["pull"]["tokens"] = str(tokens)
    path = written(bench.folder, configuration)
    findings = doctor(path)
    told = {finding["text"].split(":")[0]: finding for finding in findings["serial"]}
    assert "socat (process" in told["here"]["text"], "who has it open is told"
    assert "is not there" in told["gone"]["text"]
    assert "no serial port" in told["none"]["text"]
    assert findings["secrets"][0]["verdict"] == "warning"
    tokens.chmod(0o640)
    assert doctor(path)["secrets"][0]["verdict"] == "ok"


def test_without_a_configuration_the_box_is_looked_at():
    if os.path.exists("/etc/millpond/millpond.yaml"):
        pytest.skip("this box has a configuration in its usual place")
    told = millpond("doctor", "--json")
    report = json.loads(told.stdout)
    first = report["findings"][0]
    assert (first["subject"], first["verdict"]) == ("configuration", "error")
    assert len(report["findings"]) > 5 and not report["startable"]
    assert told.returncode == millpond("run").returncode == 78


@pytest.mark.skipif(not small_disk.is_permitted(), reason="mounting is not permitted here")
def test_the_file_system_is_judged_by_doctor_and_at_the_start(bench, configuration):
    disk = small_disk.SmallDisk(bench.folder, "tmpfs")
    try:
        configuration["buffer"] |= {"directory": str(disk.path / "buffer"), "limit": "1 MiB"}
        gateway = bench.gateway(configuration).ready()
        assert len(gateway.lines("disk-unsafe", "in memory")) == 1, gateway.text()
        assert gateway.stop()[0] == 0
        told = doctor(gateway.configuration)
        assert any("in memory" in finding["text"] for finding in told["disk"])
        assert any("are needed" in finding["text"] for finding in told["buffer"]), "24 MB in all"
        disk.remount("ro")
        assert doctor(gateway.configuration, code=69)["disk"][-1]["verdict"] == "error"
        disk.remount("rw")
    finally:
        bench.close()
        disk.close()
