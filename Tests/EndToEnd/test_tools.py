# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The commissioning tools: decode, probe, scan with its drafts, and read beside a gateway."""

import fcntl
import json
import os
import re
import signal
import struct

import pytest
from rtu_unit import RtuLine
from running import ROOT, free_port, millpond, until


def words(value):
    """A float32 as two registers, the high one first."""
    return list(struct.unpack(">HH", struct.pack(">f", value)))


def floats(*values):
    """Several of them, one after another."""
    return [word for value in values for word in words(value)]


METER = {"input": [[0, floats(229.8, 230.4, 231.2, 14.02)]], "coil": [[0, [1, 0, 1]]]}


@pytest.fixture
def tcp_peer(bench):
    """A device that this project did not write, on TCP, which says who it is."""
    port = free_port()
    identity = {"VendorName": "ABB", "ProductCode": "X", "ProductName": "ACS580"}
    bench.peer("peer", "tcp", port, {"7": METER}, identity=identity)
    return f"tcp://127.0.0.1:{port}"


@pytest.fixture
def rtu_line():
    """Starts lines of units, and ends them."""
    lines = []

    def start(*arguments, **more):
        lines.append(RtuLine(*arguments, **more))
        return lines[-1]

    yield start
    for line in lines:
        line.close()


# ---- decode --------------------------------------------------------------------------------------


def test_decode_shows_every_reading_of_two_words():
    result = millpond("decode", "0x4366", "-32768")
    assert result.returncode == 0, result.stderr
    assert re.search(r"^float32\s+\* 230\.5", result.stdout, re.M), result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    decoded = json.loads(millpond("decode", "17254", "32768", "--json").stdout)
    assert decoded["words"] == [0x4366, 0x8000]
    whole = [way for way in decoded["interpretations"] if way["registers"] == 2]
    ways = {(way["type"], way["order"]): way for way in whole}
    assert ways["float32", "ABCD"]["value"] == 230.5
    assert ways["float32", "ABCD"]["plausible"] and not ways["float32", "CDAB"]["plausible"]
    assert ways["uint32", "CDAB"]["value"] == 0x80004366
    assert len([way for way in ways if way[0] == "int32"]) == 4


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 125])
def test_decode_fits_a_terminal(count):
    result = millpond("decode", *["0xC34F"] * count)
    assert result.returncode == 0, result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("given", "reason"),
    [([], "one word"), (["1", "65536"], "word 2"), (["43C8"], "0x43C8"), (["--jsno"], "--jsno")],
)
def test_decode_refuses_what_is_no_word(given, reason):
    result = millpond("decode", *given)
    assert (result.returncode, result.stdout) == (64, "")
    assert reason in result.stderr


# ---- probe ---------------------------------------------------------------------------------------


def probe(*arguments):
    """What a probe prints as JSON."""
    result = millpond("probe", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_probe_prints_words_and_what_they_could_mean(tcp_peer):
    result = millpond("probe", tcp_peer, "--unit", 7, "--input", 0, "--count", 4)
    assert result.returncode == 0, result.stderr
    assert "0x4365" in result.stdout and "17253" in result.stdout
    assert re.search(r"0\s+2\s+float32\s+ABCD\s+229\.8", result.stdout), result.stdout
    assert re.search(r"answered in \d+\.\d ms", result.stderr)
    found = probe(tcp_peer, "--unit", 7, "--input", 2, "--count", 2)
    assert (found["at"], found["words"]) == (2, words(230.4))
    best = found["interpretations"][0]
    assert (best["at"], best["type"], best["order"]) == (2, "float32", "ABCD")
    assert abs(best["value"] - 230.4) < 1e-4


def test_probe_reads_coils(tcp_peer):
    found = probe(tcp_peer, "--unit", 7, "--coil", 0, "--count", 3)
    assert found["words"] == [1, 0, 1]


@pytest.mark.parametrize("framing", ["rtu", "serial"])
def test_probe_speaks_rtu(bench, framing):
    if framing == "rtu":
        port = free_port()
        bench.peer("peer", "rtu", port, {"7": METER})
        place = f"rtu+tcp://127.0.0.1:{port}"
    else:
        near, far = bench.pty_pair()
        bench.peer("peer", "serial", str(far), {"7": METER})
        place = f"serial://{near}?baud=115200&format=8N1"
    found = probe(place, "--unit", 7, "--input", 6, "--count", 2)
    assert found["words"] == words(14.02)


def test_probe_says_what_failed_and_what_to_do(tcp_peer, rtu_line):
    refused = millpond("probe", tcp_peer, "--unit", 7, "--input", 5000)
    assert refused.returncode == 69 and "exception 2 (illegal data address)" in refused.stderr
    assert "count from 0" in refused.stderr
    nobody = millpond("probe", f"tcp://127.0.0.1:{free_port()}", "--holding", 0)
    assert nobody.returncode == 69 and "connection refused" in nobody.stderr
    missing = millpond("probe", "serial:///dev/millpond-none", "--holding", 0)
    assert missing.returncode == 69 and "/dev/serial/by-id" in missing.stderr
    line = rtu_line({4: {}}, 9600)
    place = f"serial://{line.path}?baud=9600&format=8N1"
    silent = millpond("probe", place, "--unit", 5, "--holding", 0, "--timeout", "200ms")
    assert silent.returncode == 69 and "no answer of unit 5" in silent.stderr
    noise = millpond(
        "probe", f"serial://{line.path}?baud=19200&format=8N1", "--unit", 4, "--holding", 0
    )
    assert noise.returncode == 69 and "wrong speed" in noise.stderr
    with open(line.path, "rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        busy = millpond("probe", place, "--holding", 0)
    assert busy.returncode == 69 and f"process {os.getpid()}" in busy.stderr
    assert "millpond status" in busy.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may open every port")
def test_probe_says_what_permission_is_missing(rtu_line):
    line = rtu_line({}, 9600)
    os.chmod(line.path, 0)
    result = millpond("probe", f"serial://{line.path}", "--holding", 0)
    assert result.returncode == 77 and "dialout" in result.stderr


@pytest.mark.parametrize(
    "given",
    [
        ["tcp://127.0.0.1:1"], ["tcp://127.0.0.1:1", "--holding", "0", "--input", "0"],
        ["tcp://127.0.0.1:1", "--holding", "65536"], ["127.0.0.1", "--holding", "0"],
        ["tcp://127.0.0.1:1", "--holding", "65535", "--count", "2"],
        ["tcp://127.0.0.1:1", "--holding", "0", "--count", "126"],
        ["rtu+tcp://127.0.0.1", "--holding", "0"],
        ["tcp://127.0.0.1:1", "--holding", "0", "--unit", "256"],
        ["serial:///dev/ttyS0", "--holding", "0", "--unit", "0"],
        ["tcp://127.0.0.1:1", "--holding", "0", "--timeout", "0s"],
    ],
)
def test_probe_refuses_usage(given):
    result = millpond("probe", *given)
    assert (result.returncode, result.stdout) == (64, ""), result


# ---- scan ----------------------------------------------------------------------------------------


def simulated(bench, devices, profiles=()):
    """Our simulator with these devices behind one TCP endpoint, which plays the gateway."""
    port = free_port()
    configuration = {
        "profiles": [str(folder) for folder in profiles],
        "connections": {"plc": {"tcp": f"127.0.0.1:{port}"}},
        "equipment": {"hall": {"devices": devices}},
    }
    file = bench.folder / "plant.yaml"
    file.write_text(json.dumps(configuration), "utf-8")
    process = bench.process([*simulate(), file], "simulator")
    until(lambda: "simulating" in process.text(), "the simulator")
    return f"tcp://127.0.0.1:{port}", file


def simulate():
    """The command, without its file."""
    return [os.environ.get("MILLPOND", str(ROOT / ".build/release/millpond")), "simulate"]


def test_scan_finds_units_behind_a_gateway(bench):
    drive = {"profile": "abb/acs580", "via": "plc", "unit": 3}
    meter = {"profile": "eastron/sdm630", "via": "plc", "unit": 17}
    place, _ = simulated(bench, {"drive": drive, "meter": meter})
    result = millpond(
        "scan", place, "--units", "1-20", "--rate", 200, "--timeout", "300ms", "--json"
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert [unit["unit"] for unit in found["units"]] == [3, 17]
    assert found["asked"] == 20 and found["complete"]
    assert "up to 20 units × 300ms, at most 6s" in result.stderr


def test_scan_knows_a_unit_by_what_it_says(tcp_peer):
    result = millpond("scan", tcp_peer, "--units", 7, "--json")
    (unit,) = json.loads(result.stdout)["units"]
    assert unit["identification"]["vendor"] == "ABB"
    assert [known["profile"] for known in unit["profiles"]] == ["abb/acs580"]
    shown = millpond("scan", tcp_peer, "--units", 7)
    assert "unit 7 is abb/acs580: it says ABB ACS580 (43/14)" in shown.stdout


def test_scan_of_a_serial_line_finds_speed_and_units(rtu_line):
    line = rtu_line(
        {
            4: {"holding": {0xFC02: 0x70}},
            11: {"identification": {0: "Acme", 1: "ZX-1", 2: "3.1"}},
            30: {"server_id": b"ZX-2"},
        },
        38400,
    )
    result = millpond(
        "scan", f"serial://{line.path}", "--units", "1-30", "--timeout", "60ms", "--rate", 100,
        "--json", patience=60,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert [unit["unit"] for unit in found["units"]] == [4, 11, 30]
    assert all("baud=38400" in unit["endpoint"] for unit in found["units"])
    by_unit = {unit["unit"]: unit for unit in found["units"]}
    assert by_unit[4]["profiles"] == [
        {"profile": "eastron/sdm630", "evidence": "holding 64514 is 112"}
    ]
    assert by_unit[11]["identification"]["product_code"] == "ZX-1"
    assert "ZX-2" in by_unit[30]["server_id"]
    assert line.functions <= {1, 2, 3, 4, 17, 43}


def test_scan_of_a_dead_line_ends_and_says_so(rtu_line):
    line = rtu_line({}, 9600, noisy=False)
    place = f"serial://{line.path}?baud=9600&format=8N1"
    result = millpond("scan", place, "--units", "1-5", "--timeout", "50ms", "--rate", 100)
    assert result.returncode == 69, result
    assert "0 units found, 5 asked" in result.stderr


def test_ctrl_c_prints_what_was_found(bench, rtu_line):
    line = rtu_line({2: {"holding": {0: 1}}}, 9600)
    binary = simulate()[0]
    place = f"serial://{line.path}?baud=9600&format=8N1"
    scan = bench.process([binary, "scan", place, "--timeout", "300ms", "--json"], "scan")
    until(lambda: len(line.asked) > 4, "some questions")
    code, took = scan.stop(signal.SIGINT)
    assert (code, took < 3) == (0, True), scan.text()
    found = json.loads(scan.out.read_text())
    assert [unit["unit"] for unit in found["units"]] == [2] and not found["complete"]


@pytest.mark.parametrize(
    "given",
    [
        ["--units", "0-10x"], ["--units", "1-300"], ["--units", "5,5"], ["--rate", "0"],
        ["--timeout", "1"], ["--draft", "d", "--tables", "holdings"],
        ["--draft", "d", "--addresses", "9-1"], ["--draft", "d", "--samples", "1"],
    ],
)
def test_scan_refuses_usage(given):
    result = millpond("scan", "tcp://127.0.0.1:1", *given)
    assert (result.returncode, result.stdout) == (64, ""), result


# ---- drafts --------------------------------------------------------------------------------------


def sdm630():
    """Where the signals of the shipped meter lie."""
    shown = json.loads(millpond("profile", "show", "eastron/sdm630", "--json").stdout)
    return {signal["at"]: signal for signal in shown["signals"]}


def test_a_draft_of_a_meter_has_most_signals_right(bench):
    # The shipped profile without what its meter is known by: a device that nobody knows.
    own = bench.folder / "own/acme/meter"
    own.mkdir(parents=True)
    lines = (ROOT / "devices/eastron/sdm630/profile.yaml").read_text("utf-8").splitlines()
    at = lines.index("identity:")
    (own / "profile.yaml").write_text("\n".join(lines[:at] + lines[at + 2 :]), "utf-8")
    meter = {"profile": "acme/meter", "via": "plc", "unit": 7}
    place, _ = simulated(bench, {"meter": meter}, [bench.folder / "own"])
    folder = bench.folder / "drafts"
    result = millpond(
        "scan", place, "--units", 7, "--draft", folder, "--rate", 1000, "--over", "3s",
        "--tables", "input", patience=60,
    )
    assert result.returncode == 0, result.stderr
    file = folder / "draft/unit-7/profile.yaml"
    assert f"unit 7: draft in {file}" in result.stdout
    drafted = json.loads(
        millpond("profile", "show", "draft/unit-7", "--devices", folder, "--json").stdout
    )
    guessed = {signal["at"]: signal for signal in drafted["signals"]}
    right = [
        at for at, signal in sdm630().items()
        if at in guessed
        and (guessed[at]["type"], guessed[at]["order"], guessed[at]["table"])
        == (signal["type"], signal["order"], signal["table"])
    ]
    wrong = {at: guessed.get(at, {}).get("type") for at in sdm630() if at not in right}
    score = f"{len(right)} of {len(sdm630())} signals guessed right"
    print(score, wrong)
    assert len(right) >= 0.8 * len(sdm630()), score
    text = file.read_text("utf-8")
    comments = [line for line in text.splitlines() if re.match(r"  # (likely|perhaps): ", line)]
    assert len(comments) == len(guessed)
    # It is not written over.
    again = millpond("scan", place, "--units", 7, "--draft", file)
    assert again.returncode == 73 and file.read_text("utf-8") == text


def test_a_draft_finds_swapped_registers(bench):
    port = free_port()
    holding = []
    for value in (229.8, 14.02, 3067.8, 50.01):
        holding += words(value)[::-1]
    held = {"holding": [[100, holding + [0, 0]], [200, [325, 0]]]}
    bench.peer("peer", "tcp", port, {"1": held})
    file = bench.folder / "meter.yaml"
    result = millpond(
        "scan", f"tcp://127.0.0.1:{port}", "--units", 1, "--draft", file, "--tables", "holding",
        "--addresses", "64-255", "--rate", 500, "--over", "1s", patience=60,
    )
    assert result.returncode == 0, result.stderr
    text = file.read_text("utf-8")
    for at in (100, 102, 104, 106):
        assert f"holding-{at}: {{ at: {at}, table: holding, type: float32 }}" in text, text
    assert "order: CDAB" in text
    assert "found 100–109, 200–201" in text


# ---- beside a gateway ----------------------------------------------------------------------------


def test_no_tool_asks_beside_a_gateway_unless_told(bench, configuration):
    port = free_port()
    bench.peer("peer", "tcp", port, {"1": METER})
    configuration["connections"]["plc"]["tcp"] = f"127.0.0.1:{port}"
    gateway = bench.gateway(configuration).ready()
    place, by = f"tcp://localhost:{port}", ["--config", gateway.configuration]
    for tool in (["probe", place, "--input", 0], ["scan", place, "--units", "1"]):
        held = millpond(*tool, *by)
        assert (held.returncode, held.stdout) == (69, "")
        assert "connection plc of the gateway test-gateway" in held.stderr
        assert "--beside-gateway" in held.stderr
        told = millpond(*tool, *by, "--beside-gateway")
        assert told.returncode == 0 and "asking beside it" in told.stderr, told.stderr
    other = millpond("probe", f"tcp://127.0.0.1:{free_port()}", "--input", 0, *by)
    assert "gateway" not in other.stderr
    read = millpond("read", "press-1", *by)
    assert "the gateway test-gateway runs by" in read.stderr
    gateway.stop()
    assert millpond("probe", place, "--input", 0, *by).returncode == 0


def test_a_serial_port_of_a_gateway_is_named(bench, configuration, rtu_line):
    line = rtu_line({1: {"holding": {0: 5}}}, 9600)
    configuration["connections"]["plc"] = {"serial": line.path, "baud": 9600, "format": "8N1"}
    gateway = bench.gateway(configuration).ready()
    until(lambda: line.asked, "a poll")
    place = f"serial://{line.path}?baud=9600&format=8N1"
    by = ["--config", gateway.configuration]
    held = millpond("probe", place, "--holding", 0, *by, "--beside-gateway")
    assert held.returncode == 69 and "connection plc of the gateway" in held.stderr
    # Without the configuration the lock tells who has it.
    locked = millpond("probe", place, "--holding", 0)
    assert locked.returncode == 69 and "(millpond)" in locked.stderr
    read = millpond("read", "press-1/drive", *by)
    assert read.returncode == 69 and "(millpond)" in read.stderr, read.stderr


def test_a_named_configuration_that_is_wrong_ends_a_tool(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("connections: 3\n")
    result = millpond("probe", "tcp://127.0.0.1:1", "--holding", 0, "--config", file)
    assert result.returncode == 78
