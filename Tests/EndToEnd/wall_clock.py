# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A wall clock that can be set while a process runs by it (`clock.c`). What keeps time by other
clocks goes on."""

import shutil
import struct
import subprocess
from pathlib import Path

import sniffer


class WallClock:
    """The wall clock of a gateway, `offset` seconds off the box's, and not synchronised at first."""

    def __init__(self, folder, offset=0):
        self.file, self.library = folder / "clock", folder / "clock.so"
        compiler = shutil.which("cc") or shutil.which("clang")
        source = Path(__file__).with_name("clock.c")
        command = [compiler, "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", source]
        subprocess.run([*command, "-o", self.library, "-ldl"], check=True, timeout=60)
        self.offset, self.believed = offset, False
        self.file.write_bytes(self.setting)

    @property
    def setting(self):
        """As `clock.c` reads it."""
        return struct.pack("=qq", round(self.offset * 1000), self.believed)

    def set(self, offset, believed=None):
        """Sets it: so many seconds off; as it is believed, if that is said."""
        self.offset = offset
        self.believed = self.believed if believed is None else believed
        # In place: a process has the file in its memory.
        with self.file.open("r+b", buffering=0) as file:
            file.write(self.setting)

    def synchronise(self, offset=0):
        """As a time service does: sets it, and says that it is right."""
        self.set(offset, believed=True)

    def environment(self):
        """What makes a process go by it, and be heard as any other."""
        libraries = [sniffer.environment().get("LD_PRELOAD"), str(self.library)]
        return {"LD_PRELOAD": ":".join(filter(None, libraries)), "CLOCK": str(self.file)}
