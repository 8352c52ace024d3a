# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a suite is. A file of suites/ holds subclasses of Suite, and the runner finds them there."""

import dataclasses
import importlib
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

import targets

PASS, FAIL, SKIP = "pass", "fail", "skip"


@dataclasses.dataclass
class Outcome:
    """How one test ended, and the first line of its error."""
    status: str
    error: str = ""


class Suite:
    """One client's tests.

    `name` is what `--suite` takes, `title` and `source` are for readers, `packages` are Debian packages it needs,
    `databases` must exist on the server, `timeout` is the longest one run against one server may take, in seconds,
    `order` is its place in lists, `collation` is what the databases shall have for new tables, `wishes` what the
    servers shall be like besides."""

    name = title = source = ""
    packages = ()
    databases = ("test",)
    timeout = 900
    order = 100
    collation = "utf8mb4_general_ci"
    wishes = targets.Wishes()

    def prepare(self, cache):
        """Fetches and builds what `run` needs. Raises sources.Missing when that cannot be had."""

    def run(self, target, folder, only):
        """Runs the tests whose names match the pattern `only` (a compiled expression) against a target, with `folder`
        for files, and returns {test name: Outcome}."""
        raise NotImplementedError


def all_suites():
    """The suites by name, in the order of their `order` fields."""
    here = pathlib.Path(__file__).resolve().parent
    if str(here) not in sys.path:
        sys.path.insert(0, str(here))
    for path in sorted((here / "suites").glob("[a-z]*.py")):
        importlib.import_module(f"suites.{path.stem}")
    found, waiting = [], [Suite]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.name:
                found.append(kind())
    return {suite.name: suite for suite in sorted(found, key=lambda suite: (suite.order, suite.name))}


def first_line(text, most=300):
    """The first line that says something."""
    for line in text.splitlines():
        if line.strip():
            return line.strip()[:most]
    return ""


def read_go_events(output):
    """The tests of `go tool test2json`. A test that began and did not end has failed."""
    found, running, said = {}, [], {}
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        test = event.get("Test")
        if test is None or not isinstance(event, dict):
            continue
        action = event["Action"]
        if action == "run":
            running.append(test)
        elif action == "output":
            said.setdefault(test, []).append(event["Output"])
        elif action in (PASS, FAIL, SKIP):
            found[test] = Outcome(action, _go_error(said.get(test, [])) if action == FAIL else "")
    for test in running:
        found.setdefault(test, Outcome(FAIL, "did not end: " + _go_error(said.get(test, []))))
    return found


def _go_error(lines):
    for line in lines:
        text = line.strip()
        if text and not text.startswith(("===", "---")):
            return re.sub(r"^\S+\.go:\d+:\s*", "", text)[:300]
    return ""


def read_junit(path):
    """The tests of a JUnit report, as pytest and others write it."""
    found = {}
    if not pathlib.Path(path).exists():
        return found
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".lstrip(".")
        bad = next((case.find(tag) for tag in ("failure", "error") if case.find(tag) is not None), None)
        if bad is not None:
            found[name] = Outcome(FAIL, first_line(bad.get("message") or bad.text or ""))
        elif case.find("skipped") is not None:
            found[name] = Outcome(SKIP)
        else:
            found[name] = Outcome(PASS)
    return found


def read_tap(output, prefix):
    """The assertions of a program that writes TAP. Names hold numbers, so that the same text can come twice."""
    found, last = {}, None
    for line in output.splitlines():
        match = re.match(r"(not )?ok (\d+)(?: - )?(.*)", line)
        if match:
            text = re.sub(r"\s*#.*", "", match[3])[:80]
            last = f"{prefix} {match[2]} {text}".rstrip()
            todo = re.search(r"# (skip|todo)", line, re.I)
            found[last] = Outcome(SKIP if todo else FAIL if match[1] else PASS)
        elif line.startswith("#") and last and found[last].status == FAIL:
            said = line[1:].strip()
            if said and not said.startswith(("Failed test", "at ")):
                found[last].error = (found[last].error + " " + said).strip()[:300]
    return found
