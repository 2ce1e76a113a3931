# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Modbus devices that are well until they are told to misbehave, and a clock for others.

`python victims.py PLAN.json` serves the ports that the plan names, each in its framing, and takes a
JSON object a line on standard input, port to misbehaviour; for each line it says in one how many
connections each port has had. Every question that a well device answers goes into the journal:
port, and when it came.
"""

import asyncio
import json
import socket
import struct
import sys
import time

from sniffer import crc

# What a port does instead of answering:
#   silent   accepts, and never says a word
#   refused  nobody listens
#   hole     nobody takes a connection: the queue of those that wait is full
#   closing  accepts and hangs up at once
#   reset    answers each question with a reset
#   flood    says things that nobody asked for, without an end
#   babble   the same, in RTU framing, where noise does not end a connection
KINDS = ("silent", "refused", "hole", "closing", "reset", "flood", "babble")
FLOODS = ("flood", "babble")

NOISE = bytes(range(256)) * 16


class Device:
    """One port, its connections, and how many it has had."""

    def __init__(self, port, framing, journal):
        self.port, self.framing, self.journal = port, framing, journal
        self.kind, self.accepted, self.open = "well", 0, set()
        self.listener, self.fillers = None, []

    async def listen(self):
        """Begins to listen as a well device."""
        self.listener = await asyncio.start_server(
            self.converse, "127.0.0.1", self.port, backlog=64
        )

    async def become(self, kind):
        """Takes effect at once, also for connections that are open."""
        self.kind = kind
        for writer in list(self.open):
            writer.transport.abort()
        for filler in self.fillers:
            filler.close()
        self.fillers = []
        if self.listener:
            self.listener.close()
            self.listener = None
        if kind == "hole":
            self.dig()
        elif kind != "refused":
            await self.listen()

    def dig(self):
        """A listener whose queue is full: the kernel lets further calls ring unanswered."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(0)
        self.fillers = [listener]
        for _ in range(3):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(caller)

    def answer(self, question):
        """As many zeros as were asked for."""
        body = question[6:] if self.framing == "tcp" else question
        unit, function, _, count = struct.unpack(">BBHH", body[:6])
        answer = struct.pack(">BBB", unit, function, 2 * count) + bytes(2 * count)
        if self.framing == "tcp":
            return question[:4] + struct.pack(">H", len(answer)) + answer
        return answer + struct.pack("<H", crc(answer))

    async def converse(self, reader, writer):
        """One connection, from its first question to its end."""
        self.accepted += 1
        self.open.add(writer)
        try:
            while self.kind in FLOODS:
                writer.write(NOISE)
                await writer.drain()
            while self.kind != "closing":
                question = await reader.readexactly(12 if self.framing == "tcp" else 8)
                came = time.monotonic()
                if self.kind == "reset":
                    hard = struct.pack("ii", 1, 0)
                    sock = writer.get_extra_info("socket")
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, hard)
                    return
                if self.kind == "well":
                    writer.write(self.answer(question))
                    self.journal.write(f"{self.port} {came:.6f}\n")
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()


async def serve(plan):
    """Serves until standard input ends."""
    with open(plan["journal"], "a", encoding="ascii", buffering=1) as journal:
        devices = {int(p): Device(int(p), way, journal) for p, way in plan["ports"].items()}
        for device in devices.values():
            await device.listen()
        orders = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        print("listening", flush=True)
        while order := await orders.readline():
            for port, kind in json.loads(order).items():
                await devices[int(port)].become(kind)
            print(json.dumps({port: d.accepted for port, d in devices.items()}), flush=True)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asyncio.run(serve(json.load(file)))
