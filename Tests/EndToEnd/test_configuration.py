# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A wrong configuration: every mistake at once, with its place, exit code 78, and never a crash."""

import json
import re

import pytest
from running import millpond

WRONG = """\
gateway: edge-07
conections:
  spare:
    tcp: 10.0.4.20
connections:
  plc:
    tcp: 127.0.0.1:99999
    timeout: 5 parsecs
  wire:
    serial: /dev/ttyUSB0
    baud: 9601
    format: 8X1
equipment:
  press-1:
    devices:
      drive: { profile: abb/acs581, via: plc, unit: 1 }
      meter: { profile: eastron/sdm630, via: wires, unit: 1 }
      other: { profile: eastron/sdm630, via: wire, unit: 300 }
buffer:
  seal-every: 2h
  limit: lots
pull:
  listen: 0.0.0.0:8470
"""
# Line → what a person finds on it.
MISTAKES = {
    2: "conections", 7: "99999", 8: "5 parsecs", 11: "9601", 12: "8X1", 16: "abb/acs581",
    17: "wires", 18: "300", 20: "2h", 21: "lots", 23: "0.0.0.0",
}  # fmt: skip


def places(text, path):
    """Line → columns of every `file:line:column` in a text."""
    found = {}
    for line, column in re.findall(re.escape(str(path)) + r":(\d+):(\d+)", text):
        found.setdefault(int(line), set()).add(int(column))
    return found


@pytest.mark.parametrize("verb", ["check", "run"])
def test_every_mistake_at_once_with_its_place(tmp_path, verb):
    path = tmp_path / "millpond.yaml"
    path.write_text(WRONG, "utf-8")
    result = millpond(*([verb, path] if verb == "check" else [verb, "--config", path]))
    told = result.stdout + result.stderr
    assert result.returncode == 78, told
    found = places(told, path)
    assert set(MISTAKES) <= set(found), told
    for line, word in MISTAKES.items():
        columns = range(1, len(WRONG.splitlines()[line - 1]) + 1)
        at = WRONG.splitlines()[line - 1].index(word) + 1
        assert found[line] <= set(columns), (line, word, found[line])
        assert any(abs(column - at) <= 1 or column < at for column in found[line]), (line, word)
    assert '"connections"' in told and "did you mean" in told.lower()
    assert '"abb/acs580"' in told or "abb/acs580" in told


DEEP = "a: " + "[" * 5000 + "]" * 5000 + "\n"
BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
)
TEXTS = {
    "empty": b"",
    "only-a-comment": b"# nothing\n",
    "null": b"---\n...\n",
    "a-list": b"- 1\n- 2\n",
    "a-word": b"gateway\n",
    "two-documents": b"gateway: a\n---\ngateway: b\n",
    "duplicate-keys": b"gateway: a\ngateway: b\n",
    "tabs": b"gateway:\n\tname: x\n",
    "unclosed": b"connections: { plc: { tcp: 10.0.0.1 }\n",
    "binary": bytes(range(256)) * 16,
    "not-utf-8": b"gateway: \xff\xfe\n",
    "nul": b"gateway: a\0b\n",
    "deep": DEEP.encode(),
    "anchors": BOMB.encode(),
    "own-tag": b"gateway: !!python/object:os.system x\n",
    "long-line": b"gateway: " + b"x" * 1_000_000 + b"\n",
    # 100 MB, made when it is its turn.
    "huge": None,
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_makes_it_crash(tmp_path, name):
    path = tmp_path / "millpond.yaml"
    path.write_bytes(TEXTS[name] if name != "huge" else b"# filler\n" * 11_000_000)
    result = millpond("check", path)
    told = result.stdout + result.stderr
    assert result.returncode == 78, told[:2000]
    assert str(path) in told, told[:2000]
    assert "\x1b" not in told and len(told) < 20_000


def test_what_is_no_file_is_a_wrong_configuration(tmp_path):
    for path in (tmp_path, tmp_path / "absent.yaml", "/dev/null"):
        result = millpond("check", path)
        assert result.returncode == 78, result.stderr
        assert str(path) in result.stdout + result.stderr


def test_a_wrong_configuration_touches_no_buffer(tmp_path, configuration):
    configuration["equipment"]["press-1"]["devices"]["drive"]["unit"] = -1
    path = tmp_path / "millpond.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    assert millpond("run", "--config", path).returncode == 78
    assert not (tmp_path / "buffer").exists()


def test_a_sound_configuration_is_accepted_with_its_wire_plan(tmp_path, configuration):
    path = tmp_path / "millpond.yaml"
    path.write_text(json.dumps(configuration, indent=1), "utf-8")
    result = millpond("check", path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "plc" in result.stdout and "holding" in result.stdout.lower()
    result = millpond("check", "--json", path)
    assert result.returncode == 0, result.stderr
    json.loads(result.stdout)


def test_the_configuration_is_found_by_its_variable(tmp_path, configuration):
    path = tmp_path / "elsewhere.yaml"
    path.write_text(json.dumps(configuration), "utf-8")
    assert millpond("check", MILLPOND_CONFIG=str(path)).returncode == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("gateway: 1:\n", "utf-8")
    assert millpond("check", wrong, MILLPOND_CONFIG=str(path)).returncode == 78
