# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""`millpond demo`: no hardware, no configuration; it serves, seals, and ends on Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
import time

from pulling import check_sequence, parse_ndjson, pull_all, readings
from running import BINARY, ROOT, Gateway, environment, free_port, millpond, until

# One screen of a terminal.
SCREEN_LINES = 24


class Demo(Gateway):
    """A demo, read like any gateway."""

    def __init__(self, bench):
        self.directory = str(bench.folder / "pond")
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        command = [BINARY, "demo", "--directory", self.directory, "--listen", f"127.0.0.1:{port}"]
        super(Gateway, self).__init__(command, bench.folder, "demo")


def test_the_demo_serves_and_ends_in_order(bench):
    demo = bench.keep(Demo(bench)).ready()
    until(lambda: len(pull_all(demo)) >= 2, "two batches of the demo", patience=60)
    said = demo.text()
    assert demo.base in said and "curl" in said, said
    assert len(said.splitlines()) <= SCREEN_LINES, said

    plant = demo.get("/v1/equipment").json()["equipment"]
    devices = [device for machine in plant for device in machine["data"]["devices"]]
    assert len(devices) >= 8, devices
    found = readings(pull_all(demo))
    good = [r for signals in found.values() for rs in signals.values() for r in rs
            if r["quality"] == "good"]  # fmt: skip
    assert len(good) > 50
    page = demo.get("/")
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert "<script" not in page.text

    code, _ = demo.stop(signal.SIGINT)
    assert code == 0, demo.text()
    verified = millpond("batches", "verify", "--directory", demo.directory)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    exported = millpond("batches", "export", "--directory", demo.directory)
    batches, _, _ = parse_ndjson(exported.stdout)
    check_sequence(batches)


def test_the_printed_curl_line_works(bench):
    demo = bench.keep(Demo(bench)).ready()
    until(lambda: pull_all(demo), "a batch", patience=60)
    lines = [line.strip() for line in demo.text().splitlines() if line.strip().startswith("curl")]
    assert lines, demo.text()
    answer = subprocess.run(
        ["bash", "-c", lines[0]], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0 and '"reading"' in answer.stdout, (lines[0], answer)
    assert demo.stop(signal.SIGINT)[0] == 0


def test_seconds_end_the_demo(bench):
    result = millpond(
        "demo", "--seconds", 2, "--listen", f"127.0.0.1:{free_port()}",
        "--directory", bench.folder / "pond", patience=40,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_make_demo_ends_well_on_ctrl_c(tmp_path):
    """On a terminal, as a newcomer types it: make itself must report no error."""
    arguments = f"--listen 127.0.0.1:{free_port()} --directory {tmp_path}/pond"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execvpe("make", ["make", "demo", f"DEMO={arguments}"], environment(TERM="dumb"))
    said, interrupted, end = b"", False, time.monotonic() + 150
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            said += os.read(terminal, 65536)
        except OSError:  # The other side is closed: everything has ended.
            break
        if not interrupted and re.search(rb"curl ", said):
            interrupted = True
            os.write(terminal, b"\x03")
    else:
        os.killpg(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert interrupted and code == 0, said.decode("utf-8", "replace")
    assert b"Interrupt" not in said and b"***" not in said
