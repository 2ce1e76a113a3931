# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The product as a file: small, free of ICU, unable to write to a machine."""

import re
import shutil
import subprocess

import pytest
from running import BINARY, run

MOST_BYTES = 40 * 10**6
# Of ICU, in whatever version; Foundation brings it.
ICU = re.compile(r"\b(icudt\w*_dat|ucal_open\w*|udat_open\w*|ucol_open\w*|u_charType\w*)", re.I)
# Everything in libmodbus that sends a writing function code, or whatever it is given.
WRITES = re.compile(r"modbus_(?:write_\w+|mask_\w+|send_raw_\w+)")
# A program that calls the first word, and finds the second by its name at run time.
WRITER = """
#include <dlfcn.h>
int {0}();
int main(int count, char **words) {{
    return count > 9 ? {0}() : dlsym(RTLD_DEFAULT, "{1}") == (void *)words;
}}
"""


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


def writes(binary):
    """The writing functions of libmodbus that a program can call: by a symbol that it leaves open,
    by a relocation, or by a name in its data, with which one could be looked up at run time."""
    symbols = run("nm", "--dynamic", binary)
    relocations = run("readelf", "--relocs", "--wide", binary)
    text = binary.read_bytes().decode("latin-1")
    return {name for place in (symbols, relocations, text) for name in WRITES.findall(place)}


def test_no_writing_function_is_linked():
    assert "modbus_read_registers" in run("nm", "--dynamic", "--undefined-only", BINARY)
    assert "modbus_read_registers" in run("readelf", "--relocs", "--wide", BINARY)
    assert writes(BINARY) == set()


@pytest.mark.parametrize("function", [
    "modbus_write_bit", "modbus_write_bits", "modbus_write_register", "modbus_write_registers",
    "modbus_mask_write_register", "modbus_write_and_read_registers", "modbus_send_raw_request",
])  # fmt: skip
def test_a_writing_function_would_be_found(tmp_path, function):
    """By its symbol, and by its name alone; also in a program without debugging symbols."""
    for linked, named in ((function, "modbus_free"), ("modbus_free", function)):
        source, program = tmp_path / "writer.c", tmp_path / "writer"
        source.write_text(WRITER.format(linked, named), "ascii")
        compiler = shutil.which("cc") or shutil.which("clang")
        run(compiler, "-w", "-s", "-O2", source, "-o", program, "-lmodbus", "-ldl")
        assert function in writes(program), (linked, named)
        (tmp_path / "writer").unlink()


def test_libmodbus_has_no_writing_function_that_the_rule_misses():
    """What a newer libmodbus brings must be looked at before it is trusted."""
    library = re.search(r"libmodbus\S* => (\S+)", run("ldd", BINARY))[1]
    exported = set(re.findall(r" T (modbus_\w+)", run("nm", "--dynamic", library)))
    suspects = {name for name in exported if re.search(r"write|mask|raw|send|set_bits", name)}
    harmless = {"modbus_set_bits_from_byte", "modbus_set_bits_from_bytes"}
    assert suspects - harmless == {name for name in suspects if WRITES.fullmatch(name)}
