# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What a plant engineer does next: go on with a draft, tell a slow device from a dead one, find
profiles where the gateway finds them, load a line too much."""

import json
import os
import shutil
import signal

import pytest
import requests
from running import BINARY, ROOT, free_port, millpond, until

METER = {"profile": "eastron/sdm630", "via": "plc", "unit": 7}


@pytest.fixture
def plant(bench):
    """Simulates devices behind one TCP endpoint, perhaps with faults."""

    def start(devices, *faults, timeout="1s"):
        port = free_port()
        configuration = {
            "connections": {"plc": {"tcp": f"127.0.0.1:{port}", "timeout": timeout}},
            "equipment": {"hall": {"devices": devices}},
            "buffer": {"directory": str(bench.folder / "buffer"), "seal-every": "500ms"},
            "pull": {"listen": f"127.0.0.1:{free_port()}"},
        }
        file = bench.folder / "plant.yaml"
        file.write_text(json.dumps(configuration), "utf-8")
        flags = [flag for fault in faults for flag in ("--fault", fault)]
        process = bench.process([BINARY, "simulate", file, *flags], "simulator")
        until(lambda: "simulating" in process.text(), "the simulator")
        return f"tcp://127.0.0.1:{port}", configuration

    return start


# ---- drafts --------------------------------------------------------------------------------------


def test_a_draft_is_something_to_go_on_with(bench, plant):
    drive = {"profile": "abb/acs580", "via": "plc", "unit": 6}
    place, _ = plant({"drive": drive, "sensor": METER | {"profile": "banner/qm42vt2"}})
    folder = bench.folder / "drafts"
    drafted = millpond(
        "scan", place, "--units", "6-7", "--draft", folder, "--rate", 1000, "--over", "1s",
        "--addresses", "5120-5247", "--tables", "holding", patience=60,
    )
    assert drafted.returncode == 0, drafted.stderr
    # The shipped profile knows the drive, which needs no draft.
    assert [unit.name for unit in (folder / "draft").iterdir()] == ["unit-7"]
    profile, capture = (folder / f"draft/unit-7/{name}.yaml" for name in ("profile", "capture"))
    assert f"draft in {profile}, what was read in {capture}" in drafted.stdout
    next_step = f"millpond profile test --devices {folder} draft/unit-7"
    assert next_step in drafted.stderr
    tested = millpond(*next_step.split()[1:])
    assert tested.returncode == 0 and "0 failed" in tested.stdout, tested.stdout + tested.stderr
    assert "A DRAFT" in profile.read_text("utf-8") and "A DRAFT" in capture.read_text("utf-8")
    # A value mended in the capture shows which guess is wrong.
    lines = capture.read_text("utf-8").splitlines()
    value = next(index for index, line in enumerate(lines) if line.startswith("      holding-"))
    signal_name = lines[value].split(":")[0].strip()
    lines[value] = f"      {signal_name}: -7.5"
    capture.write_text("\n".join(lines) + "\n", "utf-8")
    tested = millpond(*next_step.split()[1:])
    assert tested.returncode == 65 and f"{signal_name} should be -7.5" in tested.stdout


def test_a_draft_is_what_check_accepts(bench, plant):
    place, configuration = plant({"meter": METER | {"profile": "banner/qm42vt2"}})
    folder = bench.folder / "drafts"
    millpond(
        "scan", place, "--units", 7, "--draft", folder, "--rate", 1000, "--over", "1s",
        "--addresses", "5120-5247", "--tables", "holding", patience=60,
    )
    configuration["profiles"] = [str(folder)]
    configuration["equipment"]["hall"]["devices"]["meter"]["profile"] = "draft/unit-7"
    file = bench.folder / "drafted.yaml"
    file.write_text(json.dumps(configuration), "utf-8")
    checked = millpond("check", file)
    assert checked.returncode == 0, checked.stderr
    read = millpond("read", "hall", "--config", file, "--json")
    assert read.returncode == 0, read.stderr
    assert {reading["quality"] for reading in json.loads(read.stdout)["readings"]} == {"good"}


def test_a_draft_in_a_file_has_its_capture_beside_it(bench, plant):
    place, _ = plant({"meter": METER | {"profile": "banner/qm42vt2"}})
    more = ["--rate", 1000, "--over", "1s", "--addresses", "5200-5230", "--tables", "holding"]
    file = bench.folder / "sensor.yaml"
    made = millpond("scan", place, "--units", 7, "--draft", file, *more, patience=60)
    capture = bench.folder / "sensor.capture.yaml"
    assert made.returncode == 0 and capture.exists(), made.stderr
    # Neither is written over.
    file.unlink()
    again = millpond("scan", place, "--units", 7, "--draft", file, *more)
    assert again.returncode == 73 and not file.exists()


def test_a_profile_without_a_capture_is_told_what_to_do(tmp_path):
    folder = tmp_path / "own/acme"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "devices/abb/acs580", folder / "one")
    (folder / "one/capture.yaml").unlink()
    tested = millpond("profile", "test", "--devices", tmp_path / "own")
    assert tested.returncode == 78 and "--draft FOLDER" in tested.stderr
    # The others are tested all the same.
    assert "good  eastron/sdm630" in tested.stdout


# ---- who is it -----------------------------------------------------------------------------------


def test_a_unit_is_known_by_its_registers_where_its_words_match_nothing(plant):
    # The simulated meter says a name that no profile has; the profile knows it by a register.
    place, _ = plant({"meter": METER, "drive": METER | {"profile": "abb/acs580", "unit": 8}})
    result = millpond("scan", place, "--units", "7-8", "--json")
    assert result.returncode == 0, result.stderr
    meter, drive = json.loads(result.stdout)["units"]
    assert meter["identification"]["vendor"] == "Eastron"
    assert meter["profiles"] == [
        {"profile": "eastron/sdm630", "evidence": "holding 64514 is 112"}
    ]
    assert drive["profiles"][0]["evidence"].endswith("(43/14)")


def test_profiles_are_looked_for_where_the_gateway_looks(tmp_path, plant):
    place, configuration = plant({"drive": {"profile": "abb/acs580", "via": "plc", "unit": 8}})
    own = tmp_path / "own/acme"
    own.mkdir(parents=True)
    shutil.copytree(ROOT / "devices/abb/acs580", own / "one")
    file = tmp_path / "millpond.yaml"
    # The rest of it may be wrong: profiles are written before the configuration is.
    file.write_text("profiles: [own]\nequipment: {}\n", "utf-8")
    for by in (["--config", file], []):
        more = {} if by else {"MILLPOND_CONFIG": str(file)}
        listed = millpond("profile", "list", *by, **more)
        assert listed.returncode == 0 and "acme/one" in listed.stdout, listed.stderr
        assert "good  acme/one" in millpond("profile", "test", "acme/one", *by, **more).stdout
    del configuration["pull"], configuration["buffer"]
    file.write_text(json.dumps(configuration | {"profiles": ["own"]}), "utf-8")
    scanned = millpond("scan", place, "--units", 8, "--json", "--config", file)
    (unit,) = json.loads(scanned.stdout)["units"]
    known = {profile["profile"] for profile in unit["profiles"]}
    assert known == {"acme/one", "abb/acs580"}
    assert millpond("profile", "list", "--config", tmp_path / "none.yaml").returncode == 78


def test_one_broken_profile_hides_no_other(tmp_path):
    folder = tmp_path / "own/acme/one"
    folder.mkdir(parents=True)
    (folder / "profile.yaml").write_text("vendor: Acme\n", "utf-8")
    listed = millpond("profile", "list", "--devices", tmp_path / "own")
    assert listed.returncode == 78 and "abb/acs580" in listed.stdout
    assert f"{folder}/profile.yaml:1:1" in listed.stderr


# ---- late answers --------------------------------------------------------------------------------

LATE = "hall/meter=late:700ms"


def test_tools_tell_a_slow_device_from_a_dead_one(bench, plant):
    place, _ = plant({"meter": METER}, LATE, timeout="300ms")
    short = ["--timeout", "300ms"]
    probed = millpond("probe", place, "--unit", 7, "--input", 0, "--count", 2, *short)
    assert probed.returncode == 69 and "came late (7" in probed.stderr, probed.stderr
    assert "--timeout 1s" in probed.stderr and "`timeout`" in probed.stderr
    scanned = millpond("scan", place, "--units", "5-7", *short)
    assert scanned.returncode == 69 and "unit 7 answers late (7" in scanned.stderr, scanned.stderr
    assert "--timeout 1s" in scanned.stderr
    read = millpond("read", "hall", "--config", bench.folder / "plant.yaml")
    assert read.returncode == 69 and "answers of hall/meter come late" in read.stderr
    assert "raise `timeout` of plc" in read.stderr
    # With the timeout that was advised it answers; a dead one is nobody's latecomer.
    advised = millpond("probe", place, "--unit", 7, "--input", 0, "--count", 2, "--timeout", "1s")
    assert advised.returncode == 0, advised.stderr
    dead = millpond("probe", place, "--unit", 9, "--input", 0, *short)
    assert dead.returncode == 69 and "late" not in dead.stderr


def test_the_gateway_says_once_whose_answers_come_late(bench, plant):
    _, configuration = plant({"meter": METER}, LATE, timeout="300ms")
    gateway = bench.gateway(configuration).ready()
    until(lambda: gateway.lines("event=answers-late"), "the advice", patience=60)
    (line,) = gateway.lines("event=answers-late")
    assert "answers of hall/meter come late" in line and "raise `timeout` of plc" in line


# ---- a line that is asked for too much -----------------------------------------------------------


def overloaded(configuration):
    """One meter, every 100 ms, at 1200 baud."""
    configuration["connections"]["wire"] = {
        "serial": "/dev/millpond-none", "baud": 1200, "format": "8N1",
    }  # fmt: skip
    configuration["equipment"]["press-1"]["devices"]["meter"] = {
        "profile": "eastron/sdm630", "via": "wire", "unit": 4, "every": "100ms",
    }  # fmt: skip
    return configuration


def test_an_overloaded_line_is_refused_by_check_and_polled_by_run(bench, configuration):
    calm = json.dumps(configuration)
    file = bench.folder / "busy.yaml"
    file.write_text(json.dumps(overloaded(configuration)), "utf-8")
    checked = millpond("check", file)
    assert checked.returncode == 78 and "the line cannot carry it" in checked.stderr
    # A box in the field comes up all the same, and says so; also after a reload.
    gateway = bench.gateway(configuration).ready()
    (line,) = gateway.lines("event=overloaded")
    assert "wire is asked for" in line and "millpond check" in line
    gateway.configuration.write_text(calm, "utf-8")
    os.kill(gateway.process.pid, signal.SIGHUP)
    until(lambda: gateway.lines("event=reloaded"), "the first reload")
    gateway.configuration.write_text(file.read_text("utf-8"), "utf-8")
    os.kill(gateway.process.pid, signal.SIGHUP)
    until(lambda: len(gateway.lines("event=reloaded")) == 2, "the second reload")
    assert len(gateway.lines("event=overloaded")) == 2
    assert requests.get(gateway.base + "/readyz", timeout=5).status_code == 200
