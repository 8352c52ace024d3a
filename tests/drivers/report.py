# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Counts and lists of what two runs of a suite found."""

import collections
import re

from suite import FAIL, PASS, SKIP, Outcome
from targets import GATE, PLAIN


class Result:
    """One suite's outcomes on both servers, by target name; `missing` says why it did not run."""

    def __init__(self, suite, missing=""):
        self.suite, self.missing = suite, missing
        self.outcomes, self.seconds, self.refused = {}, {}, {}

    def count(self, target, status=PASS):
        return sum(outcome.status == status for outcome in self.outcomes.get(target, {}).values())

    @property
    def tests(self):
        names = {}
        for outcomes in self.outcomes.values():
            names.update(dict.fromkeys(outcomes))
        return list(names)

    def differing(self):
        """[(test, outcome on the gate)] of those that pass on MariaDB and do not pass through the gate."""
        if PLAIN not in self.outcomes or GATE not in self.outcomes:
            return []
        gate = self.outcomes[GATE]
        return [(name, gate.get(name, Outcome(FAIL, "did not run"))) for name, outcome in self.outcomes[PLAIN].items()
                if outcome.status == PASS and gate.get(name, Outcome(FAIL)).status != PASS]

    def causes(self):
        """[(count, statement, errno, message)] of the gate's errors that MariaDB did not give to the same statement,
        most frequent first; texts that differ in values only count as one."""
        known = {(_shape(statement), errno) for (statement, errno, _), _ in self.refused.get(PLAIN, {}).items()}
        groups = collections.defaultdict(lambda: [0, None])
        for (statement, errno, message), count in self.refused.get(GATE, {}).items():
            if (_shape(statement), errno) in known:
                continue
            group = groups[(errno, _shape(message))]
            group[0] += count
            if group[1] is None or len(statement) < len(group[1][0]):
                group[1] = (statement, message)
        found = [(count, example[0], errno, example[1]) for (errno, _), (count, example) in groups.items()]
        return sorted(found, key=lambda cause: -cause[0])

    def as_json(self):
        return {"suite": self.suite.name, "title": self.suite.title, "source": self.suite.source, "missing": self.missing,
                "seconds": self.seconds,
                "outcomes": {target: {name: [one.status, one.error] for name, one in found.items()}
                             for target, found in self.outcomes.items()},
                "causes": [list(cause) for cause in self.causes()]}


def _shape(text):
    """A text without its values."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "'?'", text)
    return re.sub(r"\d+", "N", text)[:160]


def table(results):
    """The counts as lines for a terminal."""
    head = f"{'suite':<44}{'tests':>8}{'MariaDB':>9}{'gate':>8}{'differ':>8}{'s':>6}{'s gate':>8}"
    lines = [head, "-" * len(head)]
    for result in results:
        if result.missing:
            lines.append(f"{result.suite.title:<44} not run: {result.missing}")
            continue
        seconds = [f"{result.seconds[name]:.0f}" if name in result.seconds else "-" for name in (PLAIN, GATE)]
        lines.append(f"{result.suite.title:<44}{len(result.tests):>8}{result.count(PLAIN):>9}{result.count(GATE):>8}"
                     f"{len(result.differing()):>8}{seconds[0]:>6}{seconds[1]:>8}")
    return lines


def markdown(results):
    """The counts as a table for docs."""
    lines = ["| suite | from | tests | pass on MariaDB | pass through the gate | pass on MariaDB only |",
             "|---|---|---:|---:|---:|---:|"]
    for result in results:
        cells = (["-"] * 4 if result.missing else
                 [len(result.tests), result.count(PLAIN), result.count(GATE), len(result.differing())])
        lines.append("| " + " | ".join(map(str, [result.suite.title, result.suite.source, *cells])) + " |")
    return lines


def differences(result, most):
    """The tests that differ, with their first error lines."""
    found = result.differing()
    lines = [f"   {name}: {outcome.error or outcome.status}" for name, outcome in found[:most]]
    return lines + ([f"   ... {len(found) - most} more (--most)"] if len(found) > most else [])


def cause_lines(result, most):
    lines = []
    for count, statement, errno, message in result.causes()[:most]:
        lines.append(f"   {count:>6} x  {errno}: {' '.join(message.split())[:200]}")
        lines.append(f"            {' '.join(statement.split())[:300]}")
    counts = collections.Counter(_shape(outcome.error or outcome.status) for _, outcome in result.differing())
    lines.append("   tests by first error line:")
    lines += [f"   {count:>6} x  {text}" for text, count in counts.most_common(most)]
    return lines


def skipped(result, target):
    return result.count(target, SKIP)
