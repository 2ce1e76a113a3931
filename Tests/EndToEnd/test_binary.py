# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The product as a file: small, free of ICU, unable to write to a machine."""

import re
import shutil
import subprocess

from running import BINARY, run

MOST_BYTES = 40 * 10**6
# Of ICU, in whatever version; Foundation brings it.
ICU = re.compile(r"\b(icudt\w*_dat|ucal_open\w*|udat_open\w*|ucol_open\w*|u_charType\w*)", re.I)
# Everything in libmodbus that sends a writing function code.
WRITES = re.compile(r"modbus_(write_|mask_write|write_and_read)")


def test_it_is_small_when_stripped(tmp_path):
    stripped = tmp_path / "millpond"
    shutil.copy(BINARY, stripped)
    subprocess.run(["strip", stripped], check=True, timeout=60)
    assert stripped.stat().st_size < MOST_BYTES


def test_it_is_free_of_icu():
    assert ICU.findall(run("nm", BINARY)) == []


def test_it_needs_nothing_of_swift_at_run_time():
    needed = run("ldd", BINARY)
    assert "libmodbus" in needed
    assert re.findall(r"lib(?:swift|Foundation|_Foundation|icu)\w*", needed) == []


def test_no_writing_function_is_linked():
    symbols = run("nm", "--dynamic", "--undefined-only", BINARY)
    assert "modbus_read_registers" in symbols or "modbus_send_raw_request" in symbols
    assert WRITES.findall(symbols) == []
