# SPDX-FileCopyrightText: 2026 The Millpond authors
# SPDX-License-Identifier: Apache-2.0

"""Prometheus' text format, version 0.0.4, read without mercy: what `promtool check metrics` would
complain of fails here, too. (The Debian package that has promtool brings a server and 96 MB.)"""

import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)$")
# Units that are not base units, as promtool knows them.
OTHER_UNITS = ("milliseconds", "ms", "minutes", "hours", "percent", "kilobytes", "bits")


@dataclass
class Family:
    """All samples of one name; of a summary, those with a quantile, without `_sum` and `_count`."""

    kind: str
    samples: dict = field(default_factory=dict)
    parts: dict = field(default_factory=dict)


def labels_of(text):
    """The labels in their order; every character of the text belongs to one."""
    labels, rest = [], text or ""
    while rest:
        match = LABEL.match(rest)
        assert match, f"no label: {rest}"
        labels.append((match[1], match[2]))
        rest = rest[match.end() :]
    names = [name for name, _ in labels]
    assert len(set(names)) == len(names), text
    return tuple(labels)


def check_name(name, kind, text):
    """The conventions on names and help."""
    assert name.startswith("millpond_"), name
    assert text and text.strip() == text, f"{name} has no help"
    assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
    assert not any(f"_{unit}" in name for unit in OTHER_UNITS), f"{name}: no base unit"


def parse_metrics(text):
    """The families by name."""
    assert text.endswith("\n")
    families, name, told = {}, None, None
    for line in text.splitlines():
        if help_line := re.match(rf"# HELP ({NAME}) (.+)$", line):
            told = help_line
        elif type_line := re.match(rf"# TYPE ({NAME}) (counter|gauge|summary)$", line):
            name = type_line[1]
            assert told and told[1] == name, f"{name}: its help comes first"
            assert name not in families, f"{name} is told twice"
            check_name(name, type_line[2], told[2])
            families[name] = Family(type_line[2])
        else:
            sample = SAMPLE.match(line)
            assert sample, f"not a sample: {line}"
            family, key = families[name], labels_of(sample[2])
            value = float(sample[3])
            suffix = sample[1].removeprefix(name)
            assert sample[1].startswith(name), f"{line}: not within its family"
            if suffix:
                assert family.kind == "summary" and suffix in ("_sum", "_count"), line
            assert family.kind != "counter" or value >= 0, line
            into = family.parts.setdefault(suffix, {}) if suffix else family.samples
            assert key not in into, f"twice: {line}"
            into[key] = value
    for name, family in families.items():
        assert family.samples or family.parts, f"{name} has no samples"
        for key in family.parts.get("_count", {}):
            assert key in family.parts["_sum"], f"{name}: a count without a sum"
    return families
