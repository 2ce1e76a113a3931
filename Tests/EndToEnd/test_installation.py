# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What `make install` puts where, and the unit: its exposure, its sense, its user."""

import re
import subprocess

import pytest
from running import ROOT, environment, run

UNIT = ROOT / "systemd/millpond.service"
TEMPLATE = ROOT / "systemd/millpond@.service"
UNITS = [UNIT, TEMPLATE]
MOST_EXPOSED = 1.5


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with everything installed below it."""
    folder = tmp_path_factory.mktemp("root")
    subprocess.run(
        ["make", "install", f"DESTDIR={folder}", "PREFIX=/usr/local"],
        cwd=ROOT, env=environment(), check=True, timeout=120, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return folder


def test_everything_is_installed(installed):
    prefix = installed / "usr/local"
    for path in (
        "bin/millpond", "share/millpond/devices/abb/acs580/profile.yaml",
        "share/doc/millpond/millpond.yaml", "share/doc/millpond/LICENSE",
        "share/doc/millpond/README.md", "lib/sysusers.d/millpond.conf",
        "lib/systemd/system/millpond.service", "lib/systemd/system/millpond@.service",
    ):  # fmt: skip
        assert (prefix / path).is_file(), path
    assert list((prefix / "share/doc/millpond").glob("*.json")), "the schema beside the sample"
    assert (installed / "etc/millpond/devices").is_dir()
    for unit in UNITS:
        text = (prefix / "lib/systemd/system" / unit.name).read_text("utf-8")
        assert "ExecStart=/usr/local/bin/millpond run" in text


def test_the_installed_program_finds_its_profiles(installed, tmp_path):
    command = [installed / "usr/local/bin/millpond", "profile", "list"]
    told = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=20,
        check=True,
    ).stdout  # fmt: skip
    for name in ("eastron/sdm630", "abb/acs580", "banner/qm42vt2"):
        assert name in told


def test_the_sample_is_accepted_where_it_lies(installed):
    sample = installed / "usr/local/share/doc/millpond/millpond.yaml"
    run(installed / "usr/local/bin/millpond", "check", sample)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_is_hardly_exposed(unit):
    told = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
    level = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told).group(1))
    assert level <= MOST_EXPOSED, told


@pytest.mark.parametrize("source", UNITS, ids=lambda unit: unit.name)
def test_the_unit_makes_sense(installed, tmp_path, source):
    text = source.read_text("utf-8").replace("/usr/bin/", f"{installed}/usr/local/bin/")
    unit = tmp_path / source.name
    unit.write_text(text, "utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    mine = [line for line in told.stderr.splitlines() if "millpond" in line]
    assert (told.returncode, mine) == (0, [])


def test_an_instance_differs_only_in_what_is_its_own():
    """The two units are one in two files: what is changed in one is changed in the other."""
    own = ("%i", "ExecStart=", "Description=", "StateDirectory=", "SyslogIdentifier=")
    common = [
        [
            line
            for line in unit.read_text("utf-8").splitlines()
            if not any(word in line for word in own) and not line.startswith("#")
        ]
        for unit in UNITS
    ]
    assert common[0] == common[1]
    text = TEMPLATE.read_text("utf-8")
    for line in (
        "ExecStart=/usr/bin/millpond run --config /etc/millpond/%i.yaml",
        "StateDirectory=millpond-%i",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_line_of_the_unit_has_its_reason(unit):
    """A setting, or a run of settings, stands below a comment."""
    above = ""
    for line in unit.read_text("utf-8").splitlines():
        if re.match(r"(Description|Documentation|ExecStart|SyslogIdentifier|WantedBy)=", line):
            continue
        if "=" in line and not line.startswith("#"):
            assert above.startswith("#") or "=" in above, line
        above = line


def test_the_user_is_made_and_may_use_serial_ports(tmp_path):
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", ROOT / "systemd/millpond.sysusers")
    users = (tmp_path / "etc/passwd").read_text("utf-8")
    groups = (tmp_path / "etc/group").read_text("utf-8")
    assert re.search(r"^millpond:.*:/var/lib/millpond:.*nologin$", users, re.M), users
    assert re.search(r"^dialout:.*:millpond$", groups, re.M), groups
