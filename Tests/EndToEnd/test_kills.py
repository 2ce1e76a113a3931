# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""A hundred kills under load; `make torture` has a thousand and more."""

import kills
import pytest


@pytest.mark.parametrize("seed", [1])
def test_kills_lose_nothing_that_was_sealed(seed):
    figures = kills.torture(100, seed)
    assert figures["kills"] == 100 and figures["batches"] > 100, figures
    assert figures["acknowledgements"] > 50, figures
