# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The README keeps its word: its YAML is accepted, and its lines of shell name what there is."""

import re

from running import ROOT, millpond

README = (ROOT / "README.md").read_text("utf-8")
VERBS = {
    "run", "demo", "simulate", "check", "read", "status", "tail", "batches", "profile", "--help",
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
    verbs = set(re.findall(r"^(?:sudo )?millpond (\S+)", shell, re.M))
    assert verbs and verbs <= VERBS, verbs - VERBS


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
