# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A crowd of Modbus TCP devices in one cheap process: the plant of `scale.py` and `test_scale.py`.

Run as `crowd.py PORT TYPE`. Every address of the loopback network is a device of its own, at one
port; each answers any read of holding registers with as many, of which a third stands still, a
third counts and a third trembles. TYPE says what lies in them: `uint16` or `float32`.

SIGUSR1 begins a window of observation; SIGUSR2 ends it and prints, in a line of JSON, for each
connection how many requests came and how late each was, in seconds (see `lateness`).
"""

import asyncio
import json
import random
import signal
import struct
import sys
import time

PERIOD = 1.0
# As many different answers follow each other; then they begin anew.
CYCLE = 60


def answers(kind, count):
    """The data of answers that follow each other."""
    dice = random.Random(count)
    counters = [dice.randrange(1000) for _ in range(count)]

    def word(place, turn):
        return (
            1000 + place,
            counters[place] + turn * (1 + place % 7),
            2000 + 10 * place + dice.randrange(20),
        )[place % 3]

    for turn in range(CYCLE):
        if kind == "uint16":
            yield struct.pack(f">{count}H", *(word(place, turn) for place in range(count)))
        else:
            values = (word(place, turn) / 10 for place in range(count // 2))
            yield struct.pack(f">{count // 2}f", *values)


def lateness(times):
    """How long after its moment each request came, the moments being a grid of one period that
    begins with the one request that was late the least."""
    offsets = [(time - times[0] + PERIOD / 2) % PERIOD for time in times]
    least = min(offsets, default=0)
    return [offset - least for offset in offsets]


class Device(asyncio.Protocol):
    """One connection, answering whole requests one after the other."""

    connections = []
    prepared = {}
    isWatching = False

    def __init__(self, kind):
        self.kind, self.turn, self.times = kind, len(self.connections), []
        self.connections.append(self)

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if self.isWatching:
            self.times.append(time.monotonic())
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        if count not in self.prepared:
            self.prepared[count] = list(answers(self.kind, count))
        self.turn += 1
        head = struct.pack(
            ">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count)
        self.transport.write(head + self.prepared[count][self.turn % CYCLE])

    @classmethod
    def begin(cls):
        """From now on every request is noted."""
        for connection in cls.connections:
            connection.times = []
        cls.isWatching = True

    @classmethod
    def report(cls):
        """Says what was noted."""
        cls.isWatching = False
        print(json.dumps([lateness(one.times) for one in cls.connections]), flush=True)


async def serve(port, kind):
    """Listens until SIGTERM."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, Device.begin)
    loop.add_signal_handler(signal.SIGUSR2, Device.report)
    server = await loop.create_server(lambda: Device(kind), "0.0.0.0", port, backlog=1024)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
