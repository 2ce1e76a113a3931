# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A real file system of 24 MB, mounted for a test, which another program can fill and empty."""

import contextlib
import os
import subprocess

SIZE = "24M"


def is_permitted():
    """Whether this process may mount."""
    asked = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(asked, capture_output=True).returncode == 0


class SmallDisk:
    """`tmpfs`, or `ext4` with the blocks of 1 KiB that mkfs gives a small one."""

    def __init__(self, folder, kind):
        self.path, image = folder / "disk", folder / "image"
        self.path.mkdir()
        if kind == "tmpfs":
            self._do("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", self.path)
        else:
            self._do("truncate", "-s", SIZE, image)
            self._do("mkfs.ext4", "-q", "-F", "-m", "0", image)
            self._do("mount", "-o", "loop", image, self.path)
        self.filler = self.path / "filler"

    @staticmethod
    def _do(*command):
        subprocess.run([str(word) for word in command], check=True, capture_output=True)

    def remount(self, how):
        """Read-only (`ro`), as a kernel does that has met an error, or writable again (`rw`)."""
        self._do("mount", "-o", f"remount,{how}", self.path)

    @property
    def free(self):
        """Bytes that nobody has."""
        told = os.statvfs(self.path)
        return told.f_bavail * told.f_frsize

    def fill(self):
        """Another program takes all there is."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 16, 1 << 12, 1 << 10, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"x" * size) == size:
                        pass
            os.fsync(file.fileno())

    def empty(self):
        """It gives all back."""
        self.filler.unlink()

    def close(self):
        """Nobody may use it any more."""
        self._do("umount", self.path)
