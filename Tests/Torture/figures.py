# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Writes what the tortures tried, and what they lost, into the table of the README.

`figures.py [README]`. Each torture leaves lines of JSON in `.build/figures`; what has not run has
no row. The table stands between two comments, and nobody else writes there.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / ".build" / "figures"
BEGIN, END = "<!-- tortures: written by figures.py -->", "<!-- end of tortures -->"


def read(pattern):
    """The figures of all runs of one torture, added up; None if it did not run."""
    runs = [json.loads(path.read_text("utf-8")) for path in sorted(FIGURES.glob(pattern))]
    if not runs:
        return None
    counts = {key for run in runs for key, value in run.items() if isinstance(value, int)}
    return {key: sum(run.get(key, 0) for run in runs) for key in counts}


def rows():
    """Of each torture that ran: what it is, how much of it was tried, and what was lost."""
    if cuts := read("powercut-*.json"):
        yield (
            "power cuts: states of the disk, no two the same; of them in a recovery",
            f"{cuts['distinct']:,}; {cuts['second']:,}", cuts["lost"])  # fmt: skip
    if control := read("control-*.json"):
        yield (
            "the same with `synchronous=NORMAL`, which must lose: states until it did",
            f"{control['states']:,}", control["lost"])  # fmt: skip
    if faults := read("faults.json"):
        yield (
            "faults: trials in which a call failed; power cuts after them",
            f"{faults['trials']:,}; {faults['distinct']:,}", faults["broken"])  # fmt: skip
    if rot := read("rot-*.json"):
        yield (
            "rot: flipped bits and cut tails", f"{rot['trials']:,}",
            rot["broken"])  # fmt: skip
    if flips := read("flips.json"):
        yield (
            "rot in silence: flipped bits of payloads, each to be found by the scrub",
            f"{flips['trials']:,}", flips["missed"] + flips["broken"])  # fmt: skip
    if kills := read("kills.json"):
        yield (
            "`kill -9` under full load: kills; batches sealed meanwhile (lost, or repeated with other content)",
            f"{kills['kills']:,}; {kills['batches']:,}", kills["lost"] + kills["repeated"])  # fmt: skip


def main(readme=ROOT / "README.md"):
    """Puts the table where the last one stood."""
    lines = ["| torture | tried | lost unsaid |", "|---|---|---|"]
    lines += [f"| {what} | {tried} | {lost} |" for what, tried, lost in rows()]
    path = Path(readme)
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{path} has no place for the table: {BEGIN} … {END}")
    path.write_text(before + begin + "\n" + "\n".join(lines) + "\n" + end + after, "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:2])
