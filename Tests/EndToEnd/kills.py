# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Kills the gateway at random moments under full load, and holds its buffer to its promise.

`kills.py [KILLS [SEED]]` (1,000, 1). Sixteen devices that number their answers (`numbered.py`) are
polled every 50 ms, a batch is sealed every 100 ms, the limit is so small that the oldest go all the
time, and three consumers pull and acknowledge at random. SIGKILL comes while it starts, while it
opens its buffer and while it works; it is started anew at once, on the same directory. Then

- no batch is gone that a consumer has seen or the status has told of, but by a loss that says so;
- no sequence comes again with another content, and the epoch stays;
- no consumer is behind an acknowledgement that was answered;
- the numbers in the stream go up by one, but from one run to the next: what is missing there was
  answered and not yet sealed, and is no more than `seal-every` of polling, and what the box itself
  held up a commit meanwhile (`Stalls`); and what was answered, all told, is what was read and what
  is missing: exactly.

Prints the figures, and adds them to `.build/figures/kills.json`.
"""

import collections
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from consumers import Auditor, Consumer, Ledger, ask, parts
from pulling import CURSOR
from running import ROOT, Gateway, Process, free_port, millpond, until

DEVICES, NUMBERED, NOISY = 16, 4, 46
EVERY, SEAL_EVERY = 0.05, 0.1
LIMIT = "1MiB"
# No reading is older than `seal-every` when its commit begins, unless the one before it took longer.
# Both take what the disk takes, and the box's other programs; an answer takes a moment to be one.
COMMITS, ANSWER = 2, 0.05
# Of ten lives seven are led until it works, and then for some batches and acknowledgements; the
# others end while it starts and opens its buffer.
WORKING, LONGEST, OPENING = 0.7, 0.6, 0.15
# Lives between two checks of the whole buffer.
BETWEEN_CHECKS = 25


def configuration(folder, port, devices=DEVICES):
    """The machines, one for each address."""
    signals = {f"n{place:02}": {"at": 2 * place} for place in range(NUMBERED + NOISY)}
    profile = {
        "vendor": "Test", "model": "Numbered", "source": "made by the torture of kills",
        "modbus": {"table": "holding", "type": "uint32", "every": f"{EVERY * 1000:.0f}ms"},
        "signals": signals,
    }  # fmt: skip
    path = folder / "profiles" / "test" / "numbered" / "profile.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(profile), "utf-8")
    names = [f"m{number:02}" for number in range(1, devices + 1)]
    return {
        "connections": {
            name: {"tcp": f"127.2.0.{number}:{port}"} for number, name in enumerate(names, 1)
        },
        "equipment": {
            name: {"devices": {"d": {"profile": "test/numbered", "via": name, "unit": 1}}}
            for name in names
        },
        "profiles": [str(folder / "profiles")],
        "buffer": {
            "directory": str(folder / "buffer"), "limit": LIMIT,
            "seal-every": f"{SEAL_EVERY * 1000:.0f}ms", "keep-acknowledged": "10s",
        },
        "pull": {"listen": f"127.0.0.1:{free_port()}"},
    }  # fmt: skip


class Stalls(threading.Thread):
    """What the box makes anybody wait for: a page on the disk, and the processor after a pause."""

    PAUSE = 0.005

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.path, self.longest, self.began = folder / "stalls", 0, time.monotonic()

    def run(self):
        with self.path.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
                os.fsync(file.fileno())
                time.sleep(self.PAUSE)
                now = time.monotonic()
                self.longest = max(self.longest, now - self.began - self.PAUSE)
                self.began = now

    def take(self):
        """The longest since this was asked last, the one that lasts included."""
        longest = max(self.longest, time.monotonic() - self.began)
        self.longest = 0
        return longest


class Torture:
    """One directory, and the lives that were led on it."""

    def __init__(self, folder, seed):
        self.folder, self.dice = folder, random.Random(seed)
        port = free_port()
        script = Path(__file__).with_name("numbered.py")
        self.plant = Process(
            [sys.executable, script, port, NUMBERED, NOISY], folder, "plant")
        until(lambda: "listening" in self.plant.text(), "the devices")
        self.configuration = configuration(folder, port)
        self.address = self.configuration["pull"]["listen"]
        self.ledger = Ledger()
        self.auditor = Auditor(self.address, self.ledger, NUMBERED)
        self.consumers = [
            Consumer(self.address, self.ledger, f"c{number}", self.dice.random())
            for number in range(2)
        ]
        self.moments = collections.Counter()
        # What each device had answered at the end of each life, and the longest stall in it.
        self.ends, self.stalls = [], []
        self.box = Stalls(folder)
        self.box.start()
        self.gateway = None

    def start(self):
        """The next life, on the same directory."""
        self.gateway = Gateway(self.folder, self.configuration)

    def live(self):
        """Lives for a random time, looking at what the status promises; then dies."""
        isWorking = self.dice.random() < WORKING
        if isWorking:
            until(lambda: self.look() or not self.gateway.runs(), "a gateway that is ready")
        end = time.monotonic() + self.dice.uniform(0, LONGEST if isWorking else OPENING)
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.02))
            if isWorking and self.gateway.runs():
                self.look()
        assert self.gateway.runs(), self.gateway.text()
        self.gateway.kill()
        self.stalls.append(self.box.take())
        self.moments["working" if isWorking else "opening"] += 1
        self.ends.append(self.answers())

    def answers(self):
        """How many answers each device has given so far."""
        told = len(self.plant.out.read_text("utf-8"))
        self.plant.process.send_signal(signal.SIGUSR1)
        return json.loads(
            until(lambda: self.plant.out.read_text("utf-8")[told:].rpartition("\n")[0], "them"))

    def look(self):
        """Holds the status against what was promised before; whether there is one."""
        before = self.ledger.newest, {c.name: c.acknowledged for c in self.consumers}
        told = ask(self.address, "/v1/status")
        if told is None:
            return False
        status = json.loads(told)
        newest = CURSOR.fullmatch(status["buffer"]["newest"])
        self.ledger.promise(newest[1], int(newest[2]), least=before[0])
        for told in status["consumers"]:
            place = int(CURSOR.fullmatch(told["cursor"])[2])
            assert place >= before[1].get(told["name"], 0), (told, before)
        return True

    def check(self):
        """Looks at the directory, while nobody has it: all that was seen is there, or is lost."""
        told = millpond("batches", "verify", "--json", "--directory", self.gateway.directory)
        report = json.loads(told.stdout)
        assert report["sound"], report
        self.ledger.promise(report["epoch"], report["newest"], least=self.ledger.newest)
        exported = millpond(
            "batches", "export", "--after", f"{report['epoch']}.0",
            "--directory", self.gateway.directory)  # fmt: skip
        assert exported.returncode == 0, exported.stderr
        self.ledger.compare(parts(exported.stdout.encode()))

    def run(self, kills):
        """All of it; returns the figures."""
        witnesses = [self.auditor, *self.consumers]
        for witness in witnesses:
            witness.start()
        for number in range(kills):
            self.start()
            self.live()
            if number % BETWEEN_CHECKS == BETWEEN_CHECKS - 1:
                self.check()
            for witness in witnesses:
                assert witness.failure is None, witness.failure
        answered = self.finish()
        for witness in witnesses:
            witness.stop()
        return self.figures(kills, answered)

    def finish(self):
        """A life that ends in order, and one for the auditor to read the rest in."""
        self.start()
        self.gateway.ready()
        assert self.look()
        code, _ = self.gateway.stop()
        assert code == 0, self.gateway.text()
        answered = self.answers()
        self.check()
        self.auditor.end = self.ledger.newest
        self.start()
        self.gateway.ready()
        until(lambda: self.auditor.place >= self.auditor.end or self.auditor.failure, "the rest")
        assert self.look()
        self.gateway.kill()
        self.check()
        return answered

    def figures(self, kills, answered):
        """What came of it."""
        auditor = self.auditor
        missing = sum(to - since for gaps in auditor.gaps.values() for since, to in gaps)
        # What was on its way when the last run ended was answered, and is in no batch.
        tail = sum(answered.values()) - sum(auditor.ends.values())
        read = sum(answered.values()) - missing - tail
        by_life = list(self.missing_by_life())
        beyond = [
            polls * EVERY - SEAL_EVERY - EVERY - ANSWER - COMMITS * stall
            for polls, stall in zip(by_life, self.stalls, strict=True)
        ]  # fmt: skip
        assert auditor.readings == read * (NUMBERED + NOISY), "a poll came in parts"
        assert 0 <= tail <= DEVICES, "a poll was under way, of each device"
        assert max(beyond) <= 0, f"{max(beyond):.3f} s more than allowed: {by_life} polls"
        assert self.ledger.missing == self.ledger.repeated == 0
        return {
            "kills": kills, "opening": self.moments["opening"],
            "batches": len(self.ledger.seen), "readings": auditor.readings,
            "acknowledgements": sum(consumer.answered for consumer in self.consumers),
            "lost": self.ledger.missing, "repeated": self.ledger.repeated,
            "missing": missing * (NUMBERED + NOISY),
            "most_missing_ms": round(max(by_life) * EVERY * 1000),
            "longest_stall_ms": round(max(self.stalls) * 1000),
        }  # fmt: skip

    def missing_by_life(self):
        """The most polls of one device that each life answered and never sealed."""
        before = {}
        for end in self.ends:
            yield max((
                sum(
                    max(0, min(to, end[device]) - max(since, before.get(device, 0)))
                    for since, to in self.auditor.gaps[device])
                for device in end), default=0)
            before = end

    def close(self):
        """Stops what still runs."""
        for part in (self.gateway, self.plant):
            if part:
                part.kill()


def torture(kills, seed):
    """Runs it in a place of its own; returns the figures."""
    with tempfile.TemporaryDirectory(prefix="millpond-kills-") as place:
        torture = Torture(Path(place), seed)
        try:
            return torture.run(kills) | {"seed": seed}
        finally:
            torture.close()


def main(kills=1000, seed=1):
    """Tortures, prints, and keeps the figures."""
    began = time.monotonic()
    figures = torture(int(kills), int(seed))
    figures["seconds"] = round(time.monotonic() - began)
    print(", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in figures.items()))
    path = ROOT / ".build" / "figures" / "kills.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
