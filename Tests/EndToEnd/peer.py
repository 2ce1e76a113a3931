# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A Modbus server that this project did not write (pymodbus), told what to hold by a file.

Run as `peer.py PLAN.json`. The plan says how to listen and what each unit holds. Every read that is
answered goes into the journal, so that a test can compare what was published with what was asked.
`identity` is what all of them say of themselves. Registers listed under `counters` (two, high first) go up by one with every read that covers them.
"""

import asyncio
import functools
import json
import logging
import signal
import sys

from pymodbus import FramerType, ModbusDeviceIdentification
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

FUNCTIONS = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}


def simdata(table, ranges):
    """The blocks of one table; pymodbus wants at least one in each."""
    if not ranges:
        ranges = [[65535, [0]]]
    kind = DataType.BITS if table in ("coil", "discrete") else DataType.REGISTERS
    convert = (lambda value: bool(value)) if kind == DataType.BITS else (lambda value: value)
    return [
        SimData(start, values=[convert(value) for value in values], datatype=kind)
        for start, values in ranges
    ]


async def count_up(counters, function, start, address, count, registers, written):
    """Counts up what is to count, before it is read."""
    for table, counter in counters:
        covered = address <= counter and counter + 2 <= address + count
        if FUNCTIONS.get(function) == table and covered:
            at = counter - start
            value = (registers[at] << 16 | registers[at + 1]) + 1
            registers[at : at + 2] = [value >> 16 & 0xFFFF, value & 0xFFFF]


def device(unit, held):
    """One unit: its four tables, and what counts in them."""
    tables = tuple(simdata(table, held.get(table, [])) for table in FUNCTIONS.values())
    action = functools.partial(count_up, held.get("counters", []))
    return SimDevice(unit, simdata=tables, action=action)


class Journal:
    """One line for each answered read: unit, table, address, count."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="ascii")
        self.request = None

    def note(self, sending, pdu):
        """Called by pymodbus with every request and every answer, in turn."""
        if not sending:
            self.request = pdu
        elif not pdu.isError():
            request = self.request
            table = FUNCTIONS.get(request.function_code, request.function_code)
            line = [request.dev_id, table, request.address, request.count]
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
        return pdu


async def serve(plan):
    """Listens until SIGTERM."""
    devices = [device(int(unit), held) for unit, held in plan["units"].items()]
    journal = Journal(plan["journal"])
    said = plan.get("identity")
    identity = ModbusDeviceIdentification(info_name=said) if said else None
    if plan["mode"] == "serial":
        server = ModbusSerialServer(
            devices,
            framer=FramerType.RTU,
            port=plan["port"],
            baudrate=plan["baud"],
            parity="N",
            stopbits=1,
            trace_pdu=journal.note,
            identity=identity,
        )
    else:
        server = ModbusTcpServer(
            devices,
            framer=FramerType.SOCKET if plan["mode"] == "tcp" else FramerType.RTU,
            address=("127.0.0.1", plan["port"]),
            trace_pdu=journal.note,
            identity=identity,
        )
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, lambda: asyncio.ensure_future(server.shutdown())
    )
    await server.serve_forever(background=True)
    print("listening", flush=True)
    await server.serving


if __name__ == "__main__":
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    with open(sys.argv[1], encoding="utf-8") as file:
        asyncio.run(serve(json.load(file)))
