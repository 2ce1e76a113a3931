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
        self.path, self.image = folder / "disk", folder / "image"
        self.path.mkdir()
        if kind == "tmpfs":
            self._do("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", self.path)
        else:
            self._do("truncate", "-s", SIZE, self.image)
            self._do("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
            self._do("mount", "-o", "loop", self.image, self.path)
        self.filler = self.path / "filler"

    @staticmethod
    def _do(*command):
        subprocess.run([str(word) for word in command], check=True, capture_output=True)

    def remount(self, how):
        """Read-only (`ro`) or writable again (`rw`), while nobody writes; an ext4 also as after an
        error of its disk, whoever writes (`abort`)."""
        self._do("mount", "-o", f"remount,{how}", self.path)

    def renew(self):
        """Mounts an ext4 anew, as the next start of the box does; nobody may use it meanwhile."""
        self._do("umount", self.path)
        self._do("mount", "-o", "loop", self.image, self.path)

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
