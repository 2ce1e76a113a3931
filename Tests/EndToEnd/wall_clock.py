# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A wall clock that can be set, for one process: libfaketime moves it while the process runs, and
what keeps time by the monotonic clock goes on. `adjtimex.c` says whether it is synchronised."""

import shutil
import subprocess
import time
from pathlib import Path

import sniffer

LIBRARIES = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")


class WallClock:
    """The wall clock of a gateway, `offset` seconds off the box's, and not synchronised at first."""

    def __init__(self, folder, offset=0):
        self.folder = folder
        self.file, self.mark = folder / "offset", folder / "synchronised"
        self.library = next(LIBRARIES, None)
        assert self.library, "libfaketime is not there: the Debian package faketime"
        compiler = shutil.which("cc") or shutil.which("clang")
        self.shim = folder / "adjtimex.so"
        source = Path(__file__).with_name("adjtimex.c")
        command = [compiler, "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", source]
        subprocess.run([*command, "-o", self.shim], check=True, timeout=60)
        self.set(offset)

    def set(self, offset):
        """Sets it: so many seconds off."""
        new = self.folder / "offset.new"
        new.write_text(f"{offset:+}s\n", "ascii")
        new.rename(self.file)
        self.offset = offset

    def synchronise(self, offset=0):
        """As a time service does: sets it, and says that it is right."""
        self.set(offset)
        self.mark.touch()

    def now(self):
        """What it shows, in seconds since 1970."""
        return time.time() + self.offset

    def environment(self):
        """What makes a process go by it."""
        heard = sniffer.environment().get("LD_PRELOAD")
        libraries = [heard, self.shim, self.library]
        return {
            "LD_PRELOAD": ":".join(str(library) for library in libraries if library),
            "SYNCHRONISED": str(self.mark),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
