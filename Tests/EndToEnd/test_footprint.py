# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""The memory that the gateway may take, held by the plant of `footprint.py`."""

from footprint import DEVICES, SIGNALS, measure

# What an edge box has to spare; the contract's figure for a far larger plant, too.
MOST_BYTES = 64 * 10**6
# Two batches are sealed, and what grows with the first polls has grown.
SECONDS = 22


def test_fifty_devices_fit(tmp_path):
    memory = measure(tmp_path, SECONDS)
    assert memory["good"] > 0.9 * DEVICES * SIGNALS
    assert memory["VmHWM"] <= MOST_BYTES, memory
