# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Consumers that outlive their gateway, and what they remember of it: the witnesses of `kills.py`.

Each is a thread. What goes wrong in one is kept (`failure`), and raised by `stop`.
"""

import collections
import hashlib
import http.client
import json
import random
import re
import threading
import time

from pulling import CURSOR

# A gateway that is gone fails at once; one that is dying in the middle of an answer, after this.
PATIENCE = 5
GONE = (OSError, http.client.HTTPException)
# How the lines begin that belong to a batch.
KINDS = ("reading", "note", "health", "summary")
RECORDS = tuple(f'{{"type":"{kind}"'.encode() for kind in KINDS)


def ask(address, path, method="GET", body=None, form="application/json"):
    """What the gateway answers, as bytes; None where it does not, or is not ready to."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request(method, path, body, {"Accept": form, "Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read()
    except GONE:
        return None
    finally:
        connection.close()
    if answer.status == 503:
        return None
    assert answer.status in (200, 201), (answer.status, path, body, told[:500])
    return told


class Ledger:
    """What the gateway has shown or promised, to whomever: for all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.epoch, self.newest = None, 0
        # Sequence: the digest that was computed from the batch's own lines, and their number.
        self.seen = {}
        self.repeated = self.missing = 0

    def promise(self, epoch, newest, least):
        """The gateway tells of its newest sequence; `least` is what it had told of before."""
        with self.lock:
            assert self.epoch in (None, epoch), f"the epoch {self.epoch} became {epoch}"
            assert newest >= least, f"{least} was promised, the newest is {newest}"
            self.epoch, self.newest = epoch, max(self.newest, newest)

    def see(self, head, lines):
        """A batch as it came, its lines as bytes."""
        digest = hashlib.sha256(lines).hexdigest()
        assert digest == head["sha256"] and lines.count(b"\n") == head["records"], head
        epoch, sequence = CURSOR.fullmatch(head["cursor"]).groups()
        self.promise(epoch, int(sequence), least=0)
        with self.lock:
            known = self.seen.setdefault(int(sequence), (digest, head["records"]))
            self.repeated += known != (digest, head["records"])
        return int(sequence)

    def compare(self, items):
        """The whole stream as it lies on disk: every sequence, once; what was seen is there byte
        for byte, or lost by as many records."""
        next_one = 1
        for kind, head, lines in items:
            if kind == "batch":
                sequence = self.see(head, lines)
                assert sequence == next_one, (sequence, next_one)
                next_one += 1
                continue
            first, last = (int(CURSOR.fullmatch(head[key])[2]) for key in ("from", "to"))
            assert first == next_one, (head, next_one)
            known = [self.seen[one] for one in range(first, last + 1) if one in self.seen]
            records = sum(count for _, count in known)
            exact = len(known) == last + 1 - first
            assert head["records"] == records if exact else head["records"] >= records, head
            next_one = last + 1
        self.missing += sum(sequence >= next_one for sequence in self.seen)


def parts(answer):
    """The batches of an NDJSON answer, and what stands between and after them: kind, line, and the
    record lines of a batch, as bytes. A torn answer ends where it tears."""
    found, head, begin, at = [], None, 0, 0
    while (end := answer.find(b"\n", at) + 1) > 0:
        if not answer.startswith(RECORDS, at):
            if head:
                found.append(("batch", head, answer[begin:at]))
            line = json.loads(answer[at:end])
            head, begin = (line, end) if line["type"] == "batch" else (None, 0)
            if not head:
                found.append((line["type"], line, b""))
        at = end
    # Nothing but an end (of the answer, or of the file) tells that a batch is whole.
    if head and at == len(answer) and answer.count(b"\n", begin) == head["records"]:
        found.append(("batch", head, answer[begin:]))
    return found


class Witness(threading.Thread):
    """Does its work over and over until it is told to stop."""

    def __init__(self, address, ledger):
        super().__init__(daemon=True)
        self.address, self.ledger = address, ledger
        self.failure, self.isStopping = None, False

    def run(self):
        try:
            while not self.isStopping:
                if not self.work():
                    time.sleep(0.005)
        except (AssertionError, KeyError, ValueError) as failure:
            self.failure = failure

    def stop(self):
        """Waits for it, and says what went wrong."""
        self.isStopping = True
        self.join(2 * PATIENCE)
        if self.failure:
            raise self.failure

    def pull(self, path):
        """What comes, batches seen by the ledger; None if nothing does."""
        told = ask(self.address, path, form="application/x-ndjson")
        if told is None:
            return None
        items = parts(told)
        for kind, head, lines in items:
            if kind == "batch":
                self.ledger.see(head, lines)
        return items


class Consumer(Witness):
    """Pulls as the gateway remembers it, and acknowledges what it likes, in no order."""

    def __init__(self, address, ledger, name, seed):
        super().__init__(address, ledger)
        self.name, self.dice = name, random.Random(seed)
        self.isKnown, self.acknowledged, self.answered = False, 0, 0

    def work(self):
        if not self.isKnown:
            made = ask(self.address, f"/v1/consumers/{self.name}", "PUT", "{}")
            self.isKnown = made is not None
            return self.isKnown
        items = self.pull(f"/v1/consumers/{self.name}/batches?limit={self.dice.randint(1, 20)}")
        got = [head["cursor"] for kind, head, _ in items or [] if kind == "batch"]
        if not got or self.dice.random() < 0.3:
            return bool(got)
        cursor = self.dice.choice(got)
        answer = ask(
            self.address, f"/v1/consumers/{self.name}/cursor", "PUT",
            json.dumps({"cursor": cursor}))  # fmt: skip
        if answer is None:
            return False
        told = int(CURSOR.fullmatch(json.loads(answer)["cursor"])[2])
        assert told >= int(CURSOR.fullmatch(cursor)[2]), (cursor, answer)
        assert told >= self.acknowledged, (self.acknowledged, answer)
        self.acknowledged = told
        self.answered += 1
        return True


class Auditor(Witness):
    """Reads everything once, in order, and follows the numbers of the devices (`numbered.py`)."""

    READING = re.compile(rb'"equipment":"(\w+)","signal":"d/n(\d\d)","value":(\d+),')

    def __init__(self, address, ledger, numbered):
        super().__init__(address, ledger)
        self.numbered, self.place, self.end = numbered, 0, None
        # Of each device and signal the last number, and those that this run has told of.
        self.last, self.known = {}, set()
        # Of each address the last number, and the numbers that are missing: from (exclusive), to.
        self.ends, self.gaps = {}, collections.defaultdict(list)
        self.readings = self.overtaken = 0

    def work(self):
        after = f"{self.ledger.epoch}.{self.place}" if self.place else "earliest"
        items = self.pull(f"/v1/batches?after={after}&limit=50")
        for kind, head, lines in items or []:
            if kind == "lost":
                self.overtaken += 1
                self.place = int(CURSOR.fullmatch(head["to"])[2])
            elif kind == "batch":
                sequence = int(CURSOR.fullmatch(head["cursor"])[2])
                assert sequence == self.place + 1, (sequence, self.place)
                if self.end is None or sequence <= self.end:
                    self.follow(lines)
                self.place = sequence
        return bool(items and len(items) > 1)

    def follow(self, lines):
        """One batch: each number is the one after the last, but a run's first of a signal."""
        assert not self.overtaken, "the auditor is too slow for this ring"
        if b'"kind":"started"' in lines:
            self.known.clear()
        for device, signal, value in self.READING.findall(lines):
            self.readings += 1
            if int(signal) >= self.numbered:
                continue
            key, number = (device, signal), int(value)
            step = number - self.last.get(key, 0)
            assert step == 1 or step > 1 and key not in self.known, (key, number, step)
            self.known.add(key)
            self.last[key] = number
            if signal == b"00":
                address = f"127.2.0.{int(device[1:])}"
                self.ends[address] = number
                if step > 1:
                    self.gaps[address].append((number - step, number - 1))
