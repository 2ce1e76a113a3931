# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""That the sniffer in front of every run hears all that is sent, and fails on an order."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sniffer
import values
from running import environment, free_port, millpond, until

HELD = {1: {"holding": [[0, [7, 8]]], "input": [[0, [9]]]}}
WAYS = ["tcp", "rtu-over-tcp", "serial"]

# A program that is no gateway: it sends each frame, given in hex, to a port or into a terminal.
SENDER = """
import os, socket, sys
place, *frames = sys.argv[1:]
wire = None if place.startswith("/") else socket.create_connection(("127.0.0.1", int(place)))
port = os.open(place, os.O_RDWR | os.O_NOCTTY) if wire is None else wire.fileno()
for frame in frames:
    os.write(port, bytes.fromhex(frame)) if wire is None else wire.send(bytes.fromhex(frame))
"""


def framed(way, message):
    """A message of unit 1 as a frame, in hex."""
    body = bytes([1, *message])
    if way == "tcp":
        return (b"\0\7\0\0" + len(body).to_bytes(2, "big") + body).hex()
    return (body + sniffer.crc(body).to_bytes(2, "little")).hex()


def heard(bench, way, *frames):
    """What the sniffer finds when a program sends these frames."""
    if way == "serial":
        place = bench.pty_pair()[0]
    else:
        place = free_port()
        bench.peer("peer", "tcp", place, HELD)
    folder = bench.folder / "heard"
    folder.mkdir()
    ears = sniffer.environment(program=Path(sys.executable).name, into=folder)
    judge = sniffer.Sniffer(of=folder)
    subprocess.run(
        [sys.executable, "-c", SENDER, str(place), *frames],
        env=environment(**ears), check=True, timeout=20,
    )  # fmt: skip
    return judge.findings()


@pytest.mark.parametrize("way", WAYS)
def test_an_order_is_found(bench, way):
    question, order = [3, 0, 0, 0, 2], [6, 0, 0, 0, 1]
    found = heard(bench, way, framed(way, question), framed(way, order))
    assert len(found) == 1 and "function 6 is sent" in found[0], found


@pytest.mark.parametrize("function", [5, 6, 8, 15, 16, 20, 21, 22, 23, 24, 90, 131])
def test_whatever_does_not_read_is_found(bench, function):
    found = heard(bench, "tcp", framed("tcp", [function, 0, 0, 0, 1]))
    assert found and f"function {function} is sent" in found[0], found


def test_what_reads_is_let_through(bench):
    questions = [[function, 0, 0, 0, 1] for function in (1, 2, 3, 4)] + [[17], [43, 14, 1, 0]]
    assert heard(bench, "serial", *(framed("serial", question) for question in questions)) == []


@pytest.mark.parametrize("sent", ["00", "0103", framed("tcp", [43, 13, 0]), framed("rtu", [6] * 9)])
def test_what_is_no_question_is_found(bench, sent):
    assert len(heard(bench, "tcp", framed("tcp", [3, 0, 0, 0, 1]), sent)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_every_question_that_a_peer_answers_was_heard(bench, only_questions, way):
    """The peer's own journal against the sniffer's: nothing goes past it."""
    if way == "serial":
        near, far = bench.pty_pair()
        peer = bench.peer("peer", way, str(far), HELD)
        connection = {"serial": str(near), "baud": 115200, "format": "8N1"}
        place = str(near.resolve())
    else:
        place = f"127.0.0.1:{free_port()}"
        peer = bench.peer("peer", way, int(place.rpartition(":")[2]), HELD)
        connection = {way: place}
    keys = {"type": "uint16"}
    signals = [
        values.Signal("a", "holding", 0, (7,), 7, keys=keys),
        values.Signal("b", "input", 0, (9,), 9, keys=keys),
    ]
    path = bench.folder / "profiles" / "test" / "pair" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(values.profile("Pair", signals, every="50ms")), "utf-8")
    device = {"profile": "test/pair", "via": "wire", "unit": 1}
    gateway = bench.gateway({
        "connections": {"wire": connection | {"timeout": "2s"}},
        "equipment": {"press-1": {"devices": {"meter": device}}},
        "profiles": [str(bench.folder / "profiles")],
        "buffer": {"directory": str(bench.folder / "buffer"), "seal-every": "200ms"},
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }).ready()  # fmt: skip
    until(lambda: len(peer.answered()) >= 20, "twenty answers")
    assert gateway.stop()[0] == 0

    assert only_questions.findings() == []
    tables = {3: "holding", 4: "input"}
    asked = [
        [1, tables[m[0]], int.from_bytes(m[1:3], "big"), int.from_bytes(m[3:5], "big")]
        for m in only_questions.messages(place)
    ]
    answered = peer.answered()
    assert asked[: len(answered)] == answered and len(asked) - len(answered) in (0, 1)


def test_the_demo_is_listened_to_on_all_its_wires(bench, only_questions):
    result = millpond(
        "demo", "--seconds", 2, "--listen", f"127.0.0.1:{free_port()}",
        "--directory", bench.folder / "pond", patience=40,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert only_questions.findings() == []
    streams = [stream for stream in only_questions.streams.values() if stream and stream.messages]
    assert {stream.framing for stream in streams} == {sniffer.rtu, sniffer.mbap}
    assert any(stream.place.startswith("/dev/pts/") for stream in streams), "the serial line too"
    assert sum(len(stream.messages) for stream in streams) > 10
