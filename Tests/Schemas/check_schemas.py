# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON Schemas for editors against the files they describe, and against broken ones.

Needs jsonschema and PyYAML, and no network. Exits 1 and says what is wrong, or prints how much
was checked. That the schemas know the same keys as the readers is tested in Swift.
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(path):
    """A YAML file as an editor sees it: keys are texts."""

    def texts(value):
        if isinstance(value, dict):
            return {str(key): texts(item) for key, item in value.items()}
        if isinstance(value, list):
            return [texts(item) for item in value]
        return value

    return texts(yaml.safe_load(path.read_text(encoding="utf-8")))


def at(document, path):
    for step in path:
        document = document[step]
    return document


def changed(document, path, key, value):
    """A copy with one key set, or taken away if the value is None."""
    copied = copy.deepcopy(document)
    place = at(copied, path)
    if value is None:
        del place[key]
    else:
        place[key] = value
    return copied


# Where, which key, what value: each must be refused.
BROKEN = {
    "config/millpond.schema.json": [
        ([], "conections", {}),
        ([], "equipment", None),
        ([], "site", ["suzhou"]),
        (["connections", "plc"], "tiemout", "1s"),
        (["connections", "plc"], "timeout", 1),
        (["connections", "plc"], "timeout", "1.5s"),
        (["connections", "plc"], "baud", 9600),
        (["connections", "plc"], "serial", "/dev/ttyS0"),
        (["connections", "plc"], "tcp", None),
        (["connections", "dtu"], "rtu-over-tcp", "192.0.2.30"),
        (["connections", "meters"], "baud", 9601),
        (["connections", "meters"], "format", "7E1"),
        (["connections"], "two words", {"tcp": "192.0.2.1"}),
        (["equipment", "press-1"], "criticality", 2),
        (["equipment", "press-1"], "devices", {}),
        (["equipment", "press-1", "devices", "drive"], "unit", "1"),
        (["equipment", "press-1", "devices", "drive"], "unit", 250),
        (["equipment", "press-1", "devices", "drive"], "units", 1),
        (["equipment", "press-1", "devices", "drive"], "profile", "acs580"),
        (["equipment", "press-1", "health", 0], "status", "normal"),
        (["equipment", "press-1", "health", 0], "limit", 3),
        (["buffer"], "limit", "2GB"),
        (["buffer"], "keep", "24h"),
        (["pull"], "insecure-lan", "yes"),
        (["pull"], "tls", {"certificate": "/etc/millpond/tls.pem"}),
    ],
    "devices/profile.schema.json": [
        ([], "signal", {}),
        ([], "source", None),
        (["modbus"], "max-registers", 126),
        (["modbus"], "maxgap", 1),
        (["modbus"], "table", "register"),
        (["identity"], "product", None),
        (["identity"], "model", "ACS580"),
        ([], "identity", {"registers": [{"at": 3}]}),
        ([], "identity", {"registers": [{"at": 3, "is": 1.5}]}),
        ([], "identity", {"registers": [{"at": 1, "is": 1}] * 5}),
        (["signals", "status"], "at", "3"),
        (["signals", "status"], "at", None),
        (["signals", "status"], "type", "word"),
        (["signals", "status"], "scale", 0),
        (["signals", "status"], "role", "state"),
        (["signals", "status"], "address", 3),
        (["signals", "status", "bits"], "64", "beyond"),
        (["signals", "speed", "range"], "maximum", 1),
        (["signals", "speed"], "scale-factor", {}),
        (["signals", "speed"], "scale-factor", 40076),
        (["signals", "speed"], "field", {"bit": 3}),
        (["signals", "speed"], "counter", {"rolover": 1000}),
        (["signals", "speed"], "counter", 1000),
        (["signals", "speed"], "on-change", "yes"),
        (["signals", "speed"], "at-least-every", 300),
        (["signals", "speed"], "utc-offset", "CET"),
        ([], "derived", {"it": {"unit": "W"}}),
        ([], "derived", {"it": {"sum": ["speed"]}}),
        ([], "derived", {"it": {"ratio": ["speed", "torque", "power"]}}),
        ([], "derived", {"it": {"unbalance": ["speed", "torque"]}}),
        ([], "derived", {"it": {"sum": ["speed", "torque"], "ratio": ["speed", "torque"]}}),
        (["health", 0], "limit-high", None),
        (["health", 0], "hysteresis", -1),
    ],
    "devices/capture.schema.json": [
        ([], "case", []),
        ([], "cases", []),
        (["cases", 0], "register", {}),
        (["cases", 0, "registers"], "holdings", {}),
        (["cases", 0, "registers", "holding"], "3", [65536]),
        (["cases", 3, "values"], "speed", {"bad": "no-answer"}),
    ],
}


def main():
    checked = 0
    failures = []
    samples = {
        "config/millpond.schema.json": [ROOT / "config/millpond.yaml"],
        "devices/profile.schema.json": sorted((ROOT / "devices").glob("*/*/profile.yaml")),
        "devices/capture.schema.json": sorted((ROOT / "devices").glob("*/*/capture.yaml")),
    }
    for name, files in samples.items():
        schema = json.loads((ROOT / name).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        if not files:
            failures.append(f"{name}: there is no sample")
        for file in files:
            checked += 1
            for error in validator.iter_errors(load(file)):
                failures.append(f"{file}: {error.json_path}: {error.message}")
        if failures:
            continue
        sample = load(files[0])
        for path, key, value in BROKEN[name]:
            checked += 1
            if validator.is_valid(changed(sample, path, key, value)):
                failures.append(f"{name}: accepts {key}: {value!r} at {path}")
    for failure in failures:
        print(failure, file=sys.stderr)
    if failures:
        sys.exit(1)
    print(f"{checked} checks of the schemas passed")


if __name__ == "__main__":
    main()
