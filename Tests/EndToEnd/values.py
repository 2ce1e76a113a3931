# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""What the plant of the end-to-end tests holds, and what must come out: computed here by `struct`
alone, without a line of Millpond."""

import datetime
import math
import random
import struct
from dataclasses import dataclass, field

ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")


@dataclass(frozen=True)
class Signal:
    """One line of a profile, the words behind it, and the reading that it must give."""

    name: str
    table: str
    address: int
    words: tuple
    value: object
    reason: str | None = None
    keys: dict = field(default_factory=dict)
    # Whether the server has it; what it has not, it refuses (exception 2).
    held: bool = True
    # Worked out from others, whose words these are.
    derived: bool = False

    def readings(self):
        """Names and values that it yields: itself, and each of its bits."""
        yield self.name, self.value, self.reason
        for bit, name in self.keys.get("bits", {}).items():
            bad = self.reason is not None
            yield (
                f"{self.name}.{name}",
                None if bad else bool(self.words[0] >> bit & 1),
                self.reason,
            )


def arranged(data, order):
    """Big-endian bytes as the words that a device of this order sends."""
    words = [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [(word & 0xFF) << 8 | word >> 8 for word in words]
    return tuple(words)


def bcd(number, digits):
    """Binary-coded decimal, four bits a digit, big-endian."""
    return int(str(number), 16).to_bytes(digits // 2, "big")


def mod10k(number, registers):
    """Groups of four decimal digits, the most significant register first."""
    groups = [number // 10_000**i % 10_000 for i in reversed(range(registers))]
    return b"".join(group.to_bytes(2, "big") for group in groups)


def sign_and_magnitude(number, size):
    """The sign in the highest bit, big-endian."""
    return (abs(number) | (number < 0) << (8 * size - 1)).to_bytes(size, "big")


def clocks(chance):
    """A time as devices hold it, and as RFC 3339 has it."""
    start = datetime.datetime(2001, 1, 1)
    time = start + datetime.timedelta(milliseconds=chance.randrange(90 * 365 * 86_400_000))
    second = time.replace(microsecond=0)
    seconds = int((second - datetime.datetime(1970, 1, 1)).total_seconds())
    yield "unixtime", f"{second.isoformat()}Z", struct.pack(">I", seconds), {}
    days = (time.date() - datetime.date(2000, 1, 1)).days
    yield "days2000", time.date().isoformat(), struct.pack(">H", days), {}
    digits = second.strftime("%y%m%d%H%M%S")
    yield "bcdtime", f"{second.isoformat()}+08:00", bytes.fromhex(digits), {"utc-offset": "+08:00"}
    date = time.month << 8 | time.isoweekday() << 5 | time.day
    minute = time.hour << 8 | time.minute
    rest = time.second * 1000 + time.microsecond // 1000
    data = struct.pack(">HHHH", time.year - 2000, date, minute, rest)
    yield "datetime", time.isoformat(timespec="milliseconds"), data, {}


def samples(chance):
    """For each type: its value, its big-endian bytes, and keys that the profile needs beside it."""
    whole = {
        "int16": (">h", -(2**15), 2**15 - 1),
        "uint16": (">H", 0, 2**16 - 1),
        "int32": (">i", -(2**31), 2**31 - 1),
        "uint32": (">I", 0, 2**32 - 1),
        # All 64 bits: what no double can hold exactly must come out exactly all the same.
        "int64": (">q", -(2**63), 2**63 - 1),
        "uint64": (">Q", 0, 2**64 - 1),
    }
    for kind, (code, low, high) in whole.items():
        number = chance.randint(low, high)
        yield kind, number, struct.pack(code, number), {}
    for kind, code in {"float16": ">e", "float32": ">f", "float64": ">d"}.items():
        data = struct.pack(code, chance.uniform(-1000, 1000))
        yield kind, struct.unpack(code, data)[0], data, {}
    for kind, digits in {"bcd16": 4, "bcd32": 8}.items():
        number = chance.randrange(10**digits)
        yield kind, number, bcd(number, digits), {}
    number = chance.randrange(10**12)
    yield "mod10k", number, mod10k(number, 3), {"registers": 3}
    text = "T" + "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", k=6))
    yield "string", text, text.encode().ljust(10, b"\0"), {"registers": 5}
    spread = b"".join(bytes([0, byte]) for byte in text.encode().ljust(9, b" "))
    yield "chars", text, spread, {"registers": 9}
    for kind, size in {"signmag16": 2, "signmag32": 4}.items():
        most = 2 ** (8 * size - 1) - 1
        number = chance.randint(-most, most)
        yield kind, number, sign_and_magnitude(number, size), {}
    yield from clocks(chance)


def every_type(chance, table):
    """Each type in each word order, without gaps, from address 0 of a register table."""
    address = 0
    for order in ORDERS:
        for kind, value, data, keys in samples(chance):
            words = arranged(data, order)
            name = f"{table}-{kind}-{order.lower()}"
            yield Signal(
                name, table, address, words, value, keys={"type": kind, "order": order} | keys
            )
            address += len(words)


def bit_tables(chance):
    """Coils and discrete inputs, off the byte boundary."""
    for table in ("coil", "discrete"):
        for number in range(21):
            state = chance.random() < 0.5
            yield Signal(f"{table}-{number}", table, 3 + number, (int(state),), state)


def meanings(chance):
    """Scale, offset, bits, words for "not available", ranges, nonsense, a hole."""
    raw = chance.randint(-2000, 2000)
    short = struct.pack(">h", raw)
    word = chance.getrandbits(16)
    count = chance.randrange(10**6)
    lines = [
        ("scaled", short, raw * 0.1 - 40, None, {"type": "int16", "scale": 0.1, "offset": -40}),
        (
            "status",
            word.to_bytes(2, "big"),
            word,
            None,
            {"bits": {0: "ready", 3: "fault", 15: "top"}},
        ),
        ("absent", b"\x80\x00", None, "not-available", {"type": "int16", "unavailable": [0x8000]}),
        (
            "absent-32",
            b"\xff" * 4,
            None,
            "not-available",
            {"type": "uint32", "unavailable": [0xFFFFFFFF]},
        ),
        (
            "absent-float",
            b"\x7f\xc0\0\0",
            None,
            "not-available",
            {"type": "float32", "unavailable": [0x7FC00000]},
        ),
        (
            "absent-status",
            b"\xff\xff",
            None,
            "not-available",
            {"unavailable": [0xFFFF], "bits": {0: "ready"}},
        ),
        ("zero", b"\0\0", 0, None, {"type": "int16", "unavailable": [0x8000]}),
        ("nan", struct.pack(">f", math.nan), None, "out-of-range", {"type": "float32"}),
        ("infinite", struct.pack(">d", -math.inf), None, "out-of-range", {"type": "float64"}),
        ("too-high", b"\x0f\xa0", None, "out-of-range", {"range": {"min": -10, "max": 3999}}),
        ("at-the-limit", b"\x0f\xa0", 4000, None, {"range": {"min": -10, "max": 4000}}),
        ("no-digit", b"\x12\x3a", None, "out-of-range", {"type": "bcd16"}),
        (
            "energy",
            struct.pack(">I", count),
            count * 0.01,
            None,
            {"type": "uint32", "scale": 0.01, "unit": "kW.h", "role": "active-energy"},
        ),
    ]
    power = chance.randint(-32_000, 32_000)
    factored = {"type": "int16", "scale-factor": {"at": 101}}
    yield Signal("factored", "holding", 100, arranged(struct.pack(">hh", power, -3), "ABCD"),
                 power / 1000, keys=factored)  # fmt: skip
    unknown = {"type": "int16", "scale-factor": {"at": 102}}
    yield Signal("without-factor", "holding", 102, (0x8000, power & 0xFFFF), None,
                 "not-available", unknown | {"at": 103})  # fmt: skip
    packed, one, two = (chance.getrandbits(16) for _ in range(3))
    field = {"bit": 5, "width": 7}
    yield Signal("field", "holding", 104, (packed,), packed >> 5 & 0x7F, keys={"field": field})
    yield Signal("one", "holding", 105, (one,), one)
    yield Signal("two", "holding", 106, (two,), two)
    both = {"sum": ["one", "two"], "unit": "W"}
    yield Signal("both", "holding", 105, (one, two), one + two, keys=both, derived=True)
    gap = {"difference": ["both", "two"], "range": {"max": -1}}
    yield Signal("gap", "holding", 105, (one, two), None, "out-of-range", gap, derived=True)
    address = 107
    for name, data, value, reason, keys in lines:
        words = arranged(data, "ABCD")
        yield Signal(name, "holding", address, words, value, reason, keys)
        address += len(words)
    yield Signal("refused", "holding", 900, (0,), None, "refused", {}, held=False)


def profile(model, signals, **defaults):
    """A profile as YAML (JSON is YAML)."""
    return {
        "vendor": "Test",
        "model": model,
        "source": "made by the end-to-end tests",
        "modbus": defaults,
        "signals": {
            signal.name: {"table": signal.table, "at": signal.address} | signal.keys
            for signal in signals
            if not signal.derived
        },
        "derived": {signal.name: signal.keys for signal in signals if signal.derived},
    }


def held(signals):
    """What the server is told to hold, by table."""
    tables = {}
    for signal in sorted(signals, key=lambda signal: signal.address):
        if not signal.held or signal.derived:
            continue
        ranges = tables.setdefault(signal.table, [])
        if ranges and ranges[-1][0] + len(ranges[-1][1]) == signal.address:
            ranges[-1][1].extend(signal.words)
        else:
            ranges.append([signal.address, list(signal.words)])
    return tables


def plant(seed):
    """The devices of one connection, unit → signals: other values at the same addresses by seed."""
    chance = random.Random(seed)
    types = list(every_type(chance, "holding")) + list(every_type(chance, "input"))
    return {1: types + list(bit_tables(chance)), 2: list(meanings(chance))}
