# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Breaks the buffer on purpose, in a copy, and shows that a torture finds each way of it.

`mutants.py [NAME]`. A mutant is a replacement in `Sources/Buffer`; the text that it replaces must
stand there once, or the mutant has to be mended: `mutants.py --check` looks at that alone. Prints
which torture killed which mutant, writes it to `.build/figures/mutants.json`, and fails if one lives,
or if a torture ended otherwise than with a finding.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".build" / "mutants"
TARGETS = ["Equipment", "Buffer", "CSQLite", "CZstd", "CCrypto"]
# What a torture exits with when it has found something.
FOUND = 1
POWER_CUTS = ["powercut", "--states", "4000", "--stop", "first"]
# How each mutant is made, and which torture has to fail then.
MUTANTS = {
    "sync dropped": (
        [("Schema.swift", "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF")], POWER_CUTS),
    "acknowledged before commit": (
        [("Consumers.swift",
          """try write { () throws(BufferError) in
                try database.put(ConsumerRow(name: name, sequence: sequence))
            }
            return""",
          """defer { late = ConsumerRow(name: name, sequence: sequence) }
            if let late {
                try write { () throws(BufferError) in try database.put(late) }
            }
            return"""),
         ("Store.swift", "    let mark: MarkFile\n",
          "    let mark: MarkFile\n    var late: ConsumerRow?\n")],
        POWER_CUTS),
    "a sequence reused": (
        [("Holding.swift", "newest = sealing.head.cursor.sequence\n",
          "newest = sealing.head.cursor.sequence - (sealing.produced % 5 == 1 ? 1 : 0)\n"),
         ("Sealing.swift", '"INSERT INTO batch VALUES', '"INSERT OR REPLACE INTO batch VALUES')],
        POWER_CUTS),
    "ENOSPC swallowed": (
        [("Database.swift", "case SQLITE_DONE: return", "case SQLITE_DONE, SQLITE_FULL: return")],
        ["faults", "--scene", "seal", "--kind", "enospc"]),
    "high-water mark skipped": (
        [("Regaining.swift", "if newest < mark.newest {",
          "if newest < mark.newest, mark.newest < 0 {")],
        ["tails"]),
}  # fmt: skip
MANIFEST = """// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault",
    "NonisolatedNonsendingByDefault",
].map { .enableUpcomingFeature($0) }
let package = Package(
    name: "mutants",
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
        .target(name: "Equipment", swiftSettings: settings),
        .target(
            name: "Buffer", dependencies: ["Equipment", "CSQLite", "CZstd", "CCrypto"],
            swiftSettings: settings),
        .executableTarget(
            name: "Torture", dependencies: ["Buffer", "Equipment"], path: "Tests/Torture",
            exclude: ["Shim", "mutants.py", "figures.py"], swiftSettings: settings),
    ], swiftLanguageModes: [.v6])
"""


def copy():
    """What the torture needs of the sources, with what an earlier run has built."""
    for part in [*(f"Sources/{target}" for target in TARGETS), "Tests/Torture"]:
        # As old as the originals, so that only what differs is built.
        shutil.rmtree(COPY / part, ignore_errors=True)
        shutil.copytree(ROOT / part, COPY / part)
    (COPY / "Package.swift").write_text(MANIFEST, "utf-8")
    subprocess.run(
        ["clang", "-O2", "-shared", "-fPIC", "Tests/Torture/Shim/disk.c", "-o", "disk.so"],
        cwd=COPY, check=True)  # fmt: skip


def check():
    """What does not stand just once where a mutant looks for it."""
    for mutant, (changes, _) in MUTANTS.items():
        for name, old, _ in changes:
            count = (ROOT / "Sources" / "Buffer" / name).read_text("utf-8").count(old)
            if count != 1:
                yield f"mutant {mutant}: {name} holds {count} times: {old}"


def mutate(changes):
    for name, old, new in changes:
        path = COPY / "Sources" / "Buffer" / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def torture(command):
    """What a torture of the copy as it stands ended with, and said."""
    build = ["swift", "build", "-c", "release", "--product", "Torture"]
    built = subprocess.run(build, cwd=COPY, capture_output=True, text=True, check=False)
    if built.returncode:
        sys.exit(built.stdout)
    environment = {
        **os.environ, "LD_PRELOAD": str(COPY / "disk.so"), "SWIFT_BACKTRACE": "enable=no",
    }  # fmt: skip
    folder = f"/dev/shm/millpond-mutant-{os.getpid()}"
    ran = subprocess.run(
        [COPY / ".build" / "release" / "Torture", *command, "--folder", folder],
        cwd=COPY, env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)
    return ran.returncode, ran.stdout


def main(only=""):
    """Each mutant in turn; without any, the torture is content."""
    wrong = list(check())
    if wrong or only == "--check":
        sys.exit("\n".join(wrong) or 0)
    report, lives = {}, []
    for name, (changes, command) in MUTANTS.items():
        if only not in name:
            continue
        copy()
        mutate(changes)
        code, said = torture(command)
        finding = next((line.strip() for line in said.splitlines()), "nothing")
        fate = {0: "LIVES", FOUND: "killed"}.get(code, f"NO FINDING (exit code {code})")
        report[name] = {"torture": command[0], "killed": code == FOUND, "finding": finding}
        print(f"{name}: {fate} by {command[0]}: {finding}", flush=True)
        if code != FOUND:
            lives.append(name)
    figures = ROOT / ".build" / "figures" / "mutants.json"
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps(report) + "\n", "utf-8")
    return bool(lives)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
