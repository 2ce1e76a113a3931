# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Options that mean nothing, absurd or contradictory: exit code 64, and a sentence that says what is
allowed. Nothing is asked of anybody."""

import pytest
from running import ROOT, millpond

PLACE = "tcp://127.0.0.1:1"
PORT = "serial:///dev/ttyS0"
SAMPLE = str(ROOT / "config/millpond.yaml")

SCAN = [
    ("--tables holding", "--draft"), ("--addresses 0-9", "--draft"), ("--samples 5", "--draft"),
    ("--requests 9", "--draft"), ("--over 3s", "--draft"),
    ("--draft d --tables foo", "holding,input,coil,discrete"),
    ("--draft d --tables holding,foo", "holding,input,coil,discrete"),
    ("--draft d --tables coil,coil", "none twice"), ("--draft d --tables ,coil", "none twice"),
    ("--draft d --addresses 9-3", "0-65535"), ("--draft d --addresses 65536", "0-65535"),
    ("--draft d --addresses 1,1", "none twice"),
    ("--draft d --samples 0", "2 to 100"), ("--draft d --samples -1", "2 to 100"),
    ("--draft d --over 11m", "10m"), ("--draft d --over 0s", "at least 200ms"),
    ("--draft d --rate 1 --samples 100 --over 1s", "at least 99s"),
    ("--draft d --requests 0", "1 to 10000"), ("--draft d --over soon", "300ms, 2s or 5m"),
    ("--units 256", "0-255"), ("--units 5-1", "0-255"), ("--units 1,1", "none twice"),
    ("--rate 0", "1 to 1000"), ("--rate -1", "1 to 1000"), ("--timeout 1", "300ms, 2s or 5m"),
    ("--timeout 5ms", "10ms to 60s"), ("--devices /nowhere", "/nowhere"),
    ("--devices /etc/passwd", "folder"),
]
PROBE = [
    ("", "--holding"), ("--holding 0 --coil 0", "--holding"), ("--holding -1", "0 to 65535"),
    ("--holding 1-2", "0 to 65535"), ("--holding 0 --count 0", "1 to 125"),
    ("--holding 0 --count -3", "1 to 125"), ("--holding 65535 --count 2", "1 to 1 "),
    ("--coil 0 --count 2001", "1 to 2000"), ("--holding 0 --unit 256", "0 to 255"),
    ("--holding 0 --unit -1", "0 to 255"), ("--holding 0 --timeout 2", "300ms, 2s or 5m"),
    ("--holding 0 --timeout 1h", "10ms to 60s"),
]
EXPORT = [
    ("--after now", "q7m2k9xd.9001"), ("--through 7", "q7m2k9xd.9001"),
    ("--after aaaaaaaa.5 --through aaaaaaaa.4", "before --after"),
    ("--after aaaaaaaa.1 --through bbbbbbbb.2", "two buffers"),
    ("--from yesterday", "2026-11-20T01:03:53Z"), ("--to 2026-11-20", "2026-11-20T01:03:53Z"),
    ("--from 2026-11-21T00:00:00Z --to 2026-11-20T00:00:00Z", "--from is after --to"),
    ("--format xml", "csv"), ("--directory /tmp --config x.yaml", "once"),
]
STATUS = [
    ("--gateway nowhere", "HOST:PORT"), ("--gateway 127.0.0.1:0", "HOST:PORT"),
    ("--gateway http://127.0.0.1:8470", "HOST:PORT"), ("--gateway 127.0.0.1:99999", "HOST:PORT"),
    ("--gateway 127.0.0.1:8470 --config x.yaml", "once"), ("--frames a --json", "--json"),
    ("--frames a --wide", "--wide"), ("--wide --json", "--wide"),
]
PROFILE = [
    ("show abb", "VENDOR/MODEL"), ("show ../abb/acs580", "VENDOR/MODEL"), ("show", "vendor/model"),
    ("test abb", "VENDOR/MODEL"), ("test abb/acs580 abb/acs580", "twice"),
    ("list --devices /etc/passwd", "folder"),
]
OTHERS = [
    ("doctor now", "now"),
    ("decode --", "one word"), ("decode 65536", "65535"), ("check a.yaml --config b.yaml", "once"),
    ("check a.yaml b.yaml", "b.yaml"), ("read a/b/c", "EQUIPMENT/DEVICE"),
    ("read /drive", "EQUIPMENT/DEVICE"), (f"read press-9 --config {SAMPLE}", "press-1"),
    ("demo --listen 10.0.0.1:80", "loopback"), ("batches show nine", "q7m2k9xd.9001"),
    (f"scan {PORT} --units 0", "1-247"), (f"probe {PORT} --holding 0 --unit 0", "1 to 247"),
]
USES = (
    [(f"scan {PLACE} {given}", hint) for given, hint in SCAN]
    + [(f"probe {PLACE} {given}", hint) for given, hint in PROBE]
    + [(f"batches export {given}", hint) for given, hint in EXPORT]
    + [(f"status {given}", hint) for given, hint in STATUS]
    + [(f"profile {given}", hint) for given, hint in PROFILE]
    + OTHERS
)


@pytest.mark.parametrize(("given", "hint"), USES, ids=[given for given, _ in USES])
def test_what_means_nothing_is_refused_with_what_is_allowed(given, hint):
    result = millpond(*given.split())
    assert (result.returncode, result.stdout) == (64, ""), result
    assert hint in result.stderr, result.stderr
