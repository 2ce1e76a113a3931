# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Modbus TCP devices that number their answers, in one cheap process: the plant of `kills.py`.

Run as `numbered.py PORT NUMBERED NOISY`. Every address of the loopback network is a device of its
own, at one port. It answers any read of holding registers with as many numbers of 32 bits, high
word first: the first NUMBERED of them are how many answers the device has given, this one
included, whoever asked and however often they came anew; the others are noise, which no buffer can
make small. Of a reading it can so be told whether the one before it is there.

SIGUSR1 prints, in a line of JSON, how many answers each address has given.
"""

import asyncio
import json
import random
import signal
import struct
import sys


class Device(asyncio.Protocol):
    """One connection, answering whole requests one after the other."""

    answered = {}
    numbered = noisy = 0

    def connection_made(self, transport):
        self.transport, self.address = transport, transport.get_extra_info("sockname")[0]
        self.answered.setdefault(self.address, 0)

    def data_received(self, data):
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", data)
        assert count == 2 * (self.numbered + self.noisy), "all is read at once"
        number = self.answered[self.address] = self.answered[self.address] + 1
        values = struct.pack(">I", number) * self.numbered + random.randbytes(4 * self.noisy)
        head = struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count)
        self.transport.write(head + values)

    @classmethod
    def report(cls):
        """Says what was answered."""
        print(json.dumps(cls.answered), flush=True)


async def serve(port, numbered, noisy):
    """Listens until SIGTERM."""
    Device.numbered, Device.noisy = numbered, noisy
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, Device.report)
    server = await loop.create_server(Device, "0.0.0.0", port, backlog=1024)
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:4])))
