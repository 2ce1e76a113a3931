# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The verbs: data on standard output, talk on standard error, `--json`, and sysexits."""

import json

import pytest
import requests
from pulling import pull_all
from running import BINARY, free_port, millpond, sound_configuration, until


@pytest.fixture(scope="module")
def gateway(module_bench):
    """A gateway with a simulated plant behind it: the demo's parts, each on its own."""
    port = free_port()
    configuration = sound_configuration(module_bench.folder, port, free_port())
    path = module_bench.folder / "plant.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    module_bench.process([BINARY, "simulate", path], "simulate")
    gateway = module_bench.gateway(configuration).ready()
    until(lambda: pull_all(gateway), "a first batch")
    return gateway


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"], ["run", "--fast"], ["run", "--config"], ["demo", "--listen", "nowhere"],
        ["demo", "--seconds", "soon"], ["read"], ["batches", "fly"], ["simulate"],
    ],
)  # fmt: skip
def test_wrong_usage_is_64(arguments):
    result = millpond(*arguments)
    assert result.returncode == 64, (result.stdout, result.stderr)
    assert result.stdout == "" and result.stderr


@pytest.mark.parametrize(
    "verb",
    ["run", "demo", "simulate", "check", "read", "status", "tail", "batches", "profile", "probe",
     "scan", "decode", "doctor"],
)
def test_help_has_examples_first_and_fits_a_terminal(verb):
    result = millpond(verb, "--help", COLUMNS="80")
    assert all(len(line) <= 80 for line in result.stdout.splitlines()), result.stdout
    assert result.returncode == 0 and result.stderr == ""
    assert f"millpond {verb}" in result.stdout
    top = millpond("--help")
    assert top.returncode == 0 and verb in top.stdout


def test_profiles_are_found_from_the_build_and_hold(gateway):
    listed = json.loads(millpond("profile", "list", "--json").stdout)
    for name in ("eastron/sdm630", "abb/acs580", "banner/qm42vt2"):
        assert name in json.dumps(listed)
        shown = millpond("profile", "show", name)
        assert shown.returncode == 0 and shown.stdout, shown.stderr
    tested = millpond("profile", "test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    json.loads(millpond("profile", "test", "--json").stdout)
    assert millpond("profile", "show", "nobody/nothing").returncode not in (0, 70)


def test_read_polls_once(gateway):
    result = millpond("read", "press-1", "--config", gateway.configuration, "--json")
    assert result.returncode == 0, result.stderr
    # One object a line or one for all: either way a reading of the drive is in it.
    for text in result.stdout.splitlines() if '{"type"' in result.stdout else [result.stdout]:
        json.loads(text)
    assert '"value"' in result.stdout and "drive/" in result.stdout
    plain = millpond("read", "press-1/drive", "--config", gateway.configuration)
    assert plain.returncode == 0 and "\x1b" not in plain.stdout
    assert millpond("read", "press-9", "--config", gateway.configuration).returncode != 0


def test_status_and_tail_ask_the_running_gateway(gateway):
    for where in (["--config", gateway.configuration], ["--gateway", gateway.base[7:]]):
        result = millpond("status", *where, "--json")
        assert result.returncode == 0, result.stderr
        json.loads(result.stdout)
    nobody = millpond("status", "--gateway", f"127.0.0.1:{free_port()}")
    assert nobody.returncode == 69 and nobody.stderr and nobody.stdout == ""


def test_batches_are_listed_and_shown_beside_a_running_gateway(gateway):
    listed = millpond("batches", "list", "--directory", gateway.directory, "--json")
    assert listed.returncode == 0, listed.stderr
    cursor = pull_all(gateway)[0].head["cursor"]
    assert cursor in listed.stdout
    shown = millpond("batches", "show", cursor, "--directory", gateway.directory)
    assert shown.returncode == 0 and '"reading"' in shown.stdout, shown.stderr
    verified = millpond("batches", "verify", "--directory", gateway.directory, "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    json.loads(verified.stdout)
    assert millpond("batches", "list", "--directory", "/nowhere").returncode not in (0, 70)


def test_a_consumer_pulls_acknowledges_and_goes_on(gateway):
    name = f"{gateway.base}/v1/consumers/mes"
    made = requests.put(name, json={}, timeout=20)
    assert made.status_code == 201, made.text
    assert requests.put(name, json={}, timeout=20).status_code == 200
    first = requests.get(f"{name}/batches?limit=1", timeout=20)
    again = requests.get(f"{name}/batches?limit=1", timeout=20)
    assert first.json()["batches"] == again.json()["batches"] != []
    cursor = first.headers["Gateway-Next-Cursor"]
    text = {"Content-Type": "text/plain"}
    moved = requests.put(f"{name}/cursor", data=cursor, headers=text, timeout=20).json()
    assert (moved["cursor"], moved["moved"]) == (cursor, True)
    moved = requests.put(f"{name}/cursor", data=cursor, headers=text, timeout=20).json()
    assert (moved["cursor"], moved["moved"]) == (cursor, False)
    epoch, number = cursor.split(".")
    far = requests.put(f"{name}/cursor", data=f"{epoch}.{10**9}", headers=text, timeout=20)
    assert far.status_code == 422
    other = requests.put(f"{name}/cursor", data=f"zzzzzzzz.{number}", headers=text, timeout=20)
    assert other.status_code == 409
    assert requests.delete(name, timeout=20).status_code == 204
