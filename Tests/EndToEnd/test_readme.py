# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The README keeps its word: its YAML is accepted, and its lines of shell name what there is."""

import re
import subprocess

import requests
from pulling import parse_ndjson, pull_all
from running import ROOT, environment, millpond, until
from test_outage import counting_plant

README = (ROOT / "README.md").read_text("utf-8")
VERBS = {
    "run", "demo", "simulate", "check", "probe", "scan", "decode", "read", "status", "tail", "batches",
    "profile", "doctor", "--help",
}  # fmt: skip


def blocks(language):
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


def test_the_first_configuration_is_accepted(tmp_path):
    path = tmp_path / "millpond.yaml"
    (text,) = blocks("yaml")
    assert len(text.splitlines()) <= 12
    path.write_text(text, "utf-8")
    result = millpond("check", path)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_make_target_and_verb_exists():
    shell = "\n".join(blocks("sh"))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", shell):
        assert re.search(rf"^{target}:", makefile, re.M), target
    verbs = set(re.findall(r"^(?:sudo(?: -u millpond)? )?millpond (\S+)", shell, re.M))
    assert verbs and verbs <= VERBS, verbs - VERBS


def test_a_consumer_pulls_as_described(bench, configuration):
    """The lines of shell as they stand, but for the port."""
    gateway = bench.gateway(configuration).ready()
    until(lambda: pull_all(gateway), "a first batch")
    (shell,) = [block for block in blocks("sh") if "/consumers/mes" in block]
    told = subprocess.run(
        ["bash", "-euc", shell.replace("http://127.0.0.1:8470", gateway.base)],
        cwd=bench.folder, env=environment(), capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    batches, _, end = parse_ndjson((bench.folder / "part.ndjson").read_text("utf-8"))
    assert batches and batches[-1].head["cursor"] == end["next"]
    assert '"moved":true' in told.stdout.replace(" ", "")
    assert gateway.get("/v1/consumers/mes").json()["cursor"] == end["next"]


def test_live_comes_first_as_described(bench):
    """Likewise: the live stream begins where the backlog is to end."""
    gateway = bench.gateway(counting_plant(bench, "300ms")[1]).ready()
    until(lambda: len(pull_all(gateway)) > 2, "batches")
    created = requests.put(f"{gateway.base}/v1/consumers/archive", json={}, timeout=20)
    assert created.status_code == 201
    (shell,) = [block for block in blocks("sh") if "/consumers/archive" in block]
    subprocess.run(
        ["bash", "-euc", shell.replace("http://127.0.0.1:8470", gateway.base)],
        cwd=bench.folder, env=environment(), capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    pages = {
        name: parse_ndjson((bench.folder / f"{name}.ndjson").read_text("utf-8"))
        for name in ("start", "live", "old")
    }
    start = pages["start"][2]["next"]
    number = int(start.partition(".")[2])
    assert pages["start"][0] == []
    first = pages["live"][0][0].head["cursor"]
    assert int(first.partition(".")[2]) == number + 1
    old = [int(batch.head["cursor"].partition(".")[2]) for batch in pages["old"][0]]
    assert old == list(range(1, len(old) + 1)) and old[-1] >= number
    assert gateway.get("/v1/consumers/archive").json()["cursor"] == pages["old"][2]["next"]


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
