# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Listens to what the executable sends, in every run, and judges it: questions only, no orders.

`sniffer.c` stands in front of the C library of each `millpond` that a test starts, whatever the
command, and notes all that goes over connections of its own making and into serial ports.
"""

import atexit
import shutil
import subprocess
import tempfile
from pathlib import Path

# Read coils, discrete inputs, holding and input registers; report server id; encapsulated
# interface, of which reading a device's identification is one.
READING = {1, 2, 3, 4, 17, 43}
# Of the encapsulated interface, the only one that reads (MODBUS Application Protocol, §6.21).
READ_IDENTIFICATION = 14
# What a command says to the gateway's own API, and to nothing else.
REQUEST_TO_THE_API = (b"GET ", b"POST ", b"PUT ", b"DELETE ", b"HEAD ")

_folders = []


def begin():
    """From now on every run is listened to; builds the library."""
    compiler = shutil.which("cc") or shutil.which("clang")
    assert compiler, "the sniffer needs a C compiler: cc, or the clang of the Swift toolchain"
    place = Path(tempfile.mkdtemp(prefix="sniffer-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    source = Path(__file__).with_name("sniffer.c")
    command = [compiler, "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", source]
    subprocess.run([*command, "-o", place / "sniffer.so", "-ldl"], check=True, timeout=60)
    (place / "heard").mkdir()
    _folders.append(place)


def folder():
    """Where it notes what it hears, a file for each process."""
    return _folders[0] / "heard"


def environment(program="millpond", into=None):
    """What makes it listen to `program`, and to nothing else that is started with it; nothing
    before it has begun: benchmarks are not listened to."""
    if not _folders:
        return {}
    library = str(_folders[0] / "sniffer.so")
    return {"LD_PRELOAD": library, "SNIFFED": program, "SNIFFER": str(into or folder())}


def listens(process):
    """Whether it has a process of ours, by its number, in its ear."""
    return not _folders or (folder() / str(process)).exists()


def crc(frame):
    """The CRC-16 of an RTU frame, as a number (MODBUS over Serial Line, §6.2.2)."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def rtu(frame):
    """The message of one whole RTU frame; nothing if it is none."""
    if len(frame) < 4 or crc(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
        return None
    return frame[1:-2]


def mbap(frame):
    """The message of one whole frame with an MBAP header; nothing if it is none."""
    length = int.from_bytes(frame[4:6], "big")
    if len(frame) < 8 or frame[2:4] != b"\0\0" or len(frame) != 6 + length:
        return None
    return frame[7:]


def fault(message):
    """What is wrong with a message that was sent; nothing if it only reads."""
    if message[0] not in READING:
        return f"function {message[0]} is sent"
    if message[0] == 43 and message[1:2] != bytes([READ_IDENTIFICATION]):
        return f"function 43 with interface {message[1:2].hex()} is sent"
    return None


class Stream:
    """All that went over one connection, or into one port between opening and closing."""

    def __init__(self, place):
        self.place, self.framing, self.messages = place, None, []

    def take(self, sent):
        """Takes what one call sent, which is one frame; returns what is wrong with it."""
        if self.framing is None:
            # A CRC is no chance; what is a frame in both forms is one in RTU.
            self.framing = next((form for form in (rtu, mbap) if form(sent)), None)
        message = self.framing and self.framing(sent)
        if not message:
            return f"no Modbus frame: {sent.hex()}"
        self.messages.append(message)
        return fault(message)


class Sniffer:
    """Judges what has been noted since it was made, or since it judged last."""

    def __init__(self, of=None):
        self.folder, self.read, self.streams = of or folder(), {}, {}
        for file in self.folder.iterdir():
            self.read[file] = file.stat().st_size

    def findings(self):
        """What must not have been sent, as text; what is sent to the API is passed over."""
        findings = []
        for file in sorted(self.folder.iterdir()):
            with file.open("rb") as notes:
                notes.seek(self.read.get(file, 0))
                lines = notes.readlines()
            # A line that is being written is for the next time.
            lines = [line for line in lines if line.endswith(b"\n")]
            self.read[file] = self.read.get(file, 0) + sum(map(len, lines))
            for line in lines:
                words = line.decode("ascii").split()
                if len(words) == 3:
                    findings += self.judge(file.name, *words)
        return findings

    def judge(self, process, number, place, sent):
        """What is wrong with one call, if anything."""
        key = (process, number)
        if key in self.streams and self.streams[key] is None:
            return []
        if sent.endswith("~"):
            return [f"to {place}: more than any frame holds"]
        data = bytes.fromhex(sent)
        if key not in self.streams and data.startswith(REQUEST_TO_THE_API):
            self.streams[key] = None
            return []
        wrong = self.streams.setdefault(key, Stream(place)).take(data)
        return [f"to {place}: {wrong}"] if wrong else []

    def messages(self, place):
        """All messages that went to a place, `host:port` or the path of a terminal, in order."""
        found = [stream for stream in self.streams.values() if stream and stream.place == place]
        return [message for stream in found for message in stream.messages]
