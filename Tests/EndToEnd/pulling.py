# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Reading what the gateway hands out, as a platform would: by cursor, checking every promise."""

import csv
import hashlib
import io
import json
import re

STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
CURSOR = re.compile(r"([0-9a-z]{8})\.(\d+)")
COLUMNS = ["time", "equipment", "signal", "value", "unit", "quality", "reason", "cursor"]
REASONS = {
    "bad": {
        "no-answer", "not-connected", "refused", "garbled",
        "not-available", "out-of-range", "not-yet-read",
    },
    "uncertain": {"calibration-overdue", "out-of-service"},
}  # fmt: skip


class Batch:
    """One sealed batch: its head, and the lines of its records as they came."""

    def __init__(self, head):
        self.head, self.lines = head, []

    def check(self):
        """The digest covers the lines byte for byte, and the head counts them."""
        body = "".join(line + "\n" for line in self.lines).encode()
        assert hashlib.sha256(body).hexdigest() == self.head["sha256"], self.head
        assert len(self.lines) == self.head["records"], self.head
        assert STAMP.fullmatch(self.head["sealed"]), self.head

    @property
    def records(self):
        """The records as objects."""
        return [json.loads(line) for line in self.lines]


def parse_ndjson(text):
    """Batches, other lines between them, and the end line (None if it is missing)."""
    batches, between, end = [], [], None
    assert text == "" or text.endswith("\n"), "a torn last line"
    for line in text.splitlines():
        kind = json.loads(line)["type"]
        if kind == "batch":
            batches.append(Batch(json.loads(line)))
        elif kind in ("lost", "epoch"):
            between.append(json.loads(line))
        elif kind == "end":
            end = json.loads(line)
        else:
            batches[-1].lines.append(line)
    for batch in batches:
        batch.check()
    return batches, between, end


def parse_csv(text):
    """The rows of a CSV answer, by column."""
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not rows or list(rows[0]) == COLUMNS, rows[0]
    return rows


def pull_all(gateway, limit=3):
    """Everything there is, a few batches at a time, as NDJSON."""
    after, found = "earliest", []
    while True:
        answer = gateway.get(
            f"/v1/batches?after={after}&limit={limit}", headers={"Accept": "application/x-ndjson"}
        )
        assert answer.status_code == 200, answer.text
        batches, between, end = parse_ndjson(answer.text)
        assert between == [], between
        assert end["next"] == answer.headers["Gateway-Next-Cursor"]
        assert len(batches) <= limit
        found += batches
        after = end["next"]
        if not end["more"]:
            return found


def check_sequence(batches):
    """One epoch, and every number from the first to the last, once."""
    cursors = [CURSOR.fullmatch(batch.head["cursor"]).groups() for batch in batches]
    assert len({epoch for epoch, _ in cursors}) == 1, cursors
    first = int(cursors[0][1])
    assert [int(number) for _, number in cursors] == list(range(first, first + len(cursors)))


def check_form(record):
    """What every reading obeys, whatever it says."""
    assert STAMP.fullmatch(record["time"]), record
    if record["type"] != "reading":
        return
    if record["quality"] == "good":
        assert record["value"] is not None and "reason" not in record, record
    else:
        assert record["reason"] in REASONS[record["quality"]], record
        assert (record["value"] is None) == (record["quality"] == "bad"), record


def readings(batches):
    """Equipment → signal → its readings, in order."""
    found = {}
    for batch in batches:
        for record in batch.records:
            check_form(record)
            if record["type"] == "reading":
                signals = found.setdefault(record["equipment"], {})
                signals.setdefault(record["signal"], []).append(record)
    return found
