# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What the box and its clients get wrong: each gets a sentence, and nothing is lost by it."""

import os
import socket
import sqlite3

import pytest
from pulling import check_sequence, parse_ndjson, pull_all, readings
from running import free_port, millpond, sound_configuration, until

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def gateway(module_bench):
    """A gateway whose one device is absent: it seals bad readings, and these tests need no more."""
    configuration = sound_configuration(module_bench.folder, free_port(), free_port())
    gateway = module_bench.gateway(configuration).ready()
    until(lambda: pull_all(gateway), "a first batch")
    return gateway


def refused(answer, status):
    """A problem document of that status; returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith(PROBLEM)
    problem = answer.json()
    assert problem["status"] == status and problem["type"] and problem["title"], problem
    return problem


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=", "limit=ten", "limit=1&limit=2",
        "max_bytes=1023", "max_bytes=8388609", "max_bytes=99999999999999999999",
        "wait=61", "wait=-1", "wait=0.5", "on_gap=ignore", "after=", "after=oldest",
        "after=q7m2k9xd", "after=q7m2k9xd.-1", "after=Q7M2K9XD.1", "after=q7m2k9xd.01",
        "after=q7m2k9xd.99999999999999999999", "after=%00", "after=%zz", "unknown=1", "Limit=1",
    ],
)  # fmt: skip
def test_an_absurd_query_is_refused(gateway, query):
    refused(gateway.get(f"/v1/batches?{query}"), 400)
    assert gateway.runs()


def test_a_cursor_beyond_the_newest_is_refused(gateway):
    epoch = pull_all(gateway)[0].head["cursor"].split(".")[0]
    refused(gateway.get(f"/v1/batches?after={epoch}.999999"), 400)
    refused(gateway.get(f"/v1/batches/{epoch}.999999"), 404)


def test_a_cursor_of_another_epoch_is_told_and_reading_goes_on(gateway):
    other = "zzzzzzzz.3"
    answer = gateway.get(f"/v1/batches?after={other}", headers={"Accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    batches, between, end = parse_ndjson(answer.text)
    assert batches and end
    assert [line["type"] for line in between] == ["epoch"] and between[0]["from"] == "zzzzzzzz"
    problem = refused(gateway.get(f"/v1/batches?after={other}&on_gap=error"), 409)
    assert problem["resume"].split(".")[0] == batches[0].head["cursor"].split(".")[0]


def test_an_unknown_place_is_not_found(gateway):
    refused(gateway.get("/v1/equipment/press-9"), 404)
    refused(gateway.get("/v1/consumers/nobody"), 404)
    refused(gateway.get("/v1/consumers/nobody/batches"), 404)
    refused(gateway.get("/v2/batches"), 404)


def test_an_unknown_form_is_not_acceptable(gateway):
    refused(gateway.get("/v1/batches", headers={"Accept": "application/xml"}), 406)


def test_a_second_run_on_the_same_buffer_is_refused(gateway, bench):
    configuration = gateway.configuration.read_text("utf-8")
    other = bench.folder / "second.yaml"
    port = gateway.base.rsplit(":", 1)[1]
    other.write_text(configuration.replace(f":{port}", f":{free_port()}"), "utf-8")
    result = millpond("run", "--config", other)
    assert result.returncode == 69, result.stderr
    assert gateway.directory in result.stderr
    assert gateway.answers("/readyz")


def test_a_busy_port_is_told(bench, configuration):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        configuration["pull"]["listen"] = f"127.0.0.1:{port}"
        gateway = bench.gateway(configuration)
        assert gateway.ended() == 69, gateway.text()
        assert str(port) in gateway.text() and "(pull: listen)" in gateway.text()
        assert "--listen" not in gateway.text(), "`run` has no such option"
        assert not gateway.lines("connection"), "nothing was polled"
        assert not os.path.exists(gateway.directory), "nothing was made"
    # The buffer is sound and free: the same configuration runs when the port is.
    again = bench.gateway(configuration, name="again").ready()
    assert again.stop()[0] == 0


def test_an_unwritable_directory_is_told(bench, configuration):
    for number, directory in enumerate(["/proc/millpond", "/dev/null/millpond"]):
        configuration["buffer"]["directory"] = directory
        gateway = bench.gateway(configuration, name=f"unwritable-{number}")
        assert gateway.ended() in (73, 77), gateway.text()
        assert directory in gateway.text()


def database(directory):
    """The SQLite file of a buffer."""
    files = [f for f in directory.iterdir() if f.read_bytes()[:15] == b"SQLite format 3"]
    assert len(files) == 1, files
    return files[0]


def test_a_foreign_buffer_is_left_untouched(bench, configuration):
    bench.gateway(configuration).ready().stop()
    path = database(bench.folder / "buffer")
    # The mark says that one of ours was there; whose this one is stands in the file.
    path.unlink()
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE payroll (name TEXT, salary REAL)")
    before = path.read_bytes()
    gateway = bench.gateway(configuration, name="foreign")
    gateway.isUnsound = True
    assert gateway.ended() == 65, gateway.text()
    assert str(path.parent) in gateway.text()
    assert path.read_bytes() == before


def test_a_missing_serial_port_is_a_reason_and_no_end(bench, configuration):
    path = bench.folder / "no-such-port"
    configuration["connections"]["wire"] = {"serial": str(path), "format": "8N1"}
    configuration["equipment"]["press-1"]["devices"]["meter"] = {
        "profile": "eastron/sdm630", "via": "wire", "unit": 4,
    }  # fmt: skip
    gateway = bench.gateway(configuration).ready()

    def meter():
        found = readings(pull_all(gateway)).get("press-1", {})
        told = [r for signal, rs in found.items() if signal.startswith("meter/") for r in rs]
        return told if any(r["reason"] == "not-connected" for r in told) else None

    told = until(meter, "readings of the meter on a missing port")
    assert {(r["quality"], r["value"]) for r in told} == {("bad", None)}
    assert {r["reason"] for r in told} <= {"not-connected", "not-yet-read"}
    assert gateway.lines(str(path)), gateway.text()
    assert gateway.stop()[0] == 0
    exported = millpond("batches", "export", "--directory", gateway.directory)
    check_sequence(parse_ndjson(exported.stdout)[0])
