# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Units on a pseudo-terminal that understand one speed only, written from the specification.

The two ends of a pseudo-terminal share their settings, so this end sees at what speed the other
believes to speak. At a wrong one it answers like a UART does: with something else.
"""

import fcntl
import os
import pty
import select
import struct
import threading
import tty

# ioctl_tty(2): struct termios2 has its speeds as numbers at the end.
TCGETS2 = 0x802C542A
TERMIOS2 = "<4IB19B2I"


def crc(frame):
    """CRC-16 of a frame, low byte first (MODBUS over Serial Line V1.02, 6.2.2)."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


class RtuLine:
    """Units on one line. A unit is a dict: `holding` and so on with registers by address, and
    perhaps `identification` (object to text) and `server_id` (bytes)."""

    TABLES = {3: "holding", 4: "input"}

    def __init__(self, units, baud, noisy=True):
        self.units, self.baud, self.noisy = units, baud, noisy
        self.functions, self.asked = set(), []
        self.end, self.other = pty.openpty()
        tty.setraw(self.other)
        self.path = os.ttyname(self.other)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        """Ends the thread, then the terminal."""
        self.stopping.set()
        self.thread.join(10)
        os.close(self.end)
        os.close(self.other)

    def speed(self):
        """What the other end has set."""
        raw = fcntl.ioctl(self.other, TCGETS2, bytes(struct.calcsize(TERMIOS2)))
        return struct.unpack(TERMIOS2, raw)[-1]

    def serve(self):
        """Takes frames as they come; a pause ends one."""
        while not self.stopping.is_set():
            if not select.select([self.end], [], [], 0.1)[0]:
                continue
            frame = b""
            while select.select([self.end], [], [], 0.01)[0]:
                frame += os.read(self.end, 512)
            self.answer(frame)

    def answer(self, frame):
        """What a unit says to a frame, if it understands it."""
        if self.speed() != self.baud:
            if self.noisy:
                os.write(self.end, bytes(byte ^ 0x5A for byte in frame[:5]))
            return
        if len(frame) < 4 or crc(frame[:-2]) != frame[-2:]:
            return
        unit, message = frame[0], frame[1:-2]
        self.functions.add(message[0])
        self.asked.append(unit)
        if unit in self.units:
            reply = bytes([unit]) + self.reply(self.units[unit], message)
            os.write(self.end, reply + crc(reply))

    def reply(self, held, message):
        """The answer's message, or a refusal."""
        function = message[0]
        if function in self.TABLES and len(message) == 5:
            start, count = struct.unpack(">HH", message[1:])
            registers = held.get(self.TABLES[function], {})
            words = [registers.get(start + index) for index in range(count)]
            if None in words:
                return bytes([function | 0x80, 2])
            return struct.pack(f">BB{count}H", function, 2 * count, *words)
        if function == 0x2B and "identification" in held:
            objects = [(key, value.encode()) for key, value in held["identification"].items()]
            body = b"".join(bytes([key, len(value)]) + value for key, value in objects)
            return bytes([0x2B, 0x0E, message[2], 0x82, 0, 0, len(objects)]) + body
        if function == 0x11 and "server_id" in held:
            return bytes([0x11, len(held["server_id"]) + 1]) + held["server_id"] + b"\xff"
        return bytes([function | 0x80, 1])
