#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs the own tests of MySQL clients against a plain MariaDB and through a gate, and compares them test by test.

The number that matters is the last column: tests that pass on MariaDB and do not pass through the gate.

    tests/drivers/run.py --list                           what there is
    tests/drivers/run.py                                  all suites, servers of its own
    tests/drivers/run.py --suite go-sql-driver --causes   one suite, and why its tests fail
    tests/drivers/run.py --suite dbd-mariadb --only 40    only tests (here: files) whose names match
    tests/drivers/run.py --gate-only --port 15306         one suite after the other through a gate that runs already
    tests/drivers/run.py --json all.json --markdown       for machines, and for docs/compatibility.md

The plain MariaDB has the settings that `mysqlctl` gives the servers of a cluster. The cluster is started by `tessera up`
(binaries of TESSERA_BUILD, else build/dev) with one unsharded keyspace for each database that a suite wants. Sources come
from Debian, the Go module proxy, npm and PyPI into a cache folder; a suite that cannot be had is named with what is
missing, and counts as nothing. A suite is one file in suites/."""

import argparse
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import relay
import report
import sources
import suite as suites
import targets
from targets import GATE, PLAIN


def parse(known):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=list(known), metavar="NAME", help="run this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the suites and what they need, and end")
    parser.add_argument("--only", default="", help="regular expression that names of tests match")
    side = parser.add_mutually_exclusive_group()
    side.add_argument("--gate-only", action="store_true", help="run through the gate alone")
    side.add_argument("--server-only", action="store_true", help="run against MariaDB alone")
    parser.add_argument("--host", default="127.0.0.1", help="host of a server that runs already (with --port)")
    parser.add_argument("--port", type=int, help="port of a gate (--gate-only) or a MariaDB (--server-only) that runs "
                        "already and has the databases; nothing is started, and nothing is cleaned up between tests")
    parser.add_argument("--user", default="root", help="user there; it needs no password")
    parser.add_argument("--baseline", metavar="FILE", help="take MariaDB's outcomes from a file of --json")
    parser.add_argument("--causes", action="store_true", help="note the statements that the gate alone refuses (by a relay "
                        "before each server), and print the most frequent error texts")
    parser.add_argument("--most", type=int, default=40, help="most differences and causes to print of a suite")
    parser.add_argument("--json", metavar="FILE", help="write all outcomes")
    parser.add_argument("--markdown", action="store_true", help="print the counts as a table for docs/compatibility.md")
    parser.add_argument("--least", metavar="FILE", help='fail when a suite has more differences than this file allows: '
                        '{"suite name": most differences}')
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "tessera-drivers",
                        help="where sources are kept (default %(default)s)")
    return parser.parse_args()


def list_suites(known):
    for one in known.values():
        print(f"{one.name:<20} {one.title}; {one.source}")
        if one.packages:
            print(f"{'':<20} needs {' '.join(one.packages)}")


def prepare(one, cache):
    """Why the suite cannot run, or nothing."""
    try:
        sources.need_packages(one.packages)
        with sources.lock(cache):
            one.prepare(cache)
    except sources.Missing as missing:
        return str(missing)
    return ""


class Side:
    """One of the two servers, started for a suite, with a relay before it when causes are wanted."""

    def __init__(self, name, one, options, folder):
        self._server, self._relay = None, None
        self.folder = folder
        folder.mkdir(parents=True)
        if options.port:
            self.target = targets.Target(name, options.host, options.port, user=options.user)
        else:
            kind = targets.PlainServer if name == PLAIN else targets.GateServer
            self._server = kind(folder, one.databases, one.wishes)
            self.target = self._server.target
            targets.wait_until_ready(self.target)
            self.target.set_collation(one.collation)
        if options.causes:
            self._relay = relay.Relay(self.target.host, self.target.port)
            self.target.host, self.target.port = "127.0.0.1", self._relay.port

    def refused(self):
        return dict(self._relay.refused) if self._relay else {}

    def stop(self):
        if self._relay:
            self._relay.close()
        if self._server:
            self._server.stop()


def run_side(name, one, options, folder, result):
    """Runs a suite against one server and notes what came out."""
    side = Side(name, one, options, folder)
    try:
        work = folder / "work"
        work.mkdir()
        began = time.monotonic()
        result.outcomes[name] = one.run(side.target, work, re.compile(options.only))
        result.seconds[name] = time.monotonic() - began
        result.refused[name] = side.refused()
    finally:
        side.stop()


def run_suite(one, options, folder):
    result = report.Result(one, prepare(one, options.cache))
    if result.missing:
        return result
    if options.baseline:
        take_baseline(options.baseline, result)
    for name in (PLAIN, GATE):
        if (name == PLAIN and (options.gate_only or options.baseline)) or (name == GATE and options.server_only):
            continue
        print(f"{one.name}: {name} ...", file=sys.stderr, flush=True)
        run_side(name, one, options, folder / one.name / name, result)
    return result


def take_baseline(path, result):
    for entry in json.loads(pathlib.Path(path).read_text())["suites"]:
        if entry["suite"] == result.suite.name and PLAIN in entry["outcomes"]:
            result.outcomes[PLAIN] = {name: suites.Outcome(*one) for name, one in entry["outcomes"][PLAIN].items()}


def too_many(results, path):
    """The suites with more differences than a file allows."""
    allowed = json.loads(pathlib.Path(path).read_text())
    return [f"{result.suite.name}: {len(result.differing())} differences, {allowed[result.suite.name]} allowed"
            for result in results if not result.missing and result.suite.name in allowed
            and len(result.differing()) > allowed[result.suite.name]]


def main():
    known = suites.all_suites()
    options = parse(known)
    if options.list:
        list_suites(known)
        return 0
    if options.port and not (options.gate_only or options.server_only):
        sys.exit("--port wants --gate-only or --server-only, which say what listens there")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = []
    with tempfile.TemporaryDirectory(prefix="tessera-drivers-") as folder:
        for name in options.suite or known:
            results.append(run_suite(known[name], options, pathlib.Path(folder)))
            print("\n".join(report.table(results[-1:])[2:]), flush=True)
            print("\n".join(report.differences(results[-1], options.most)))
            if options.causes and not results[-1].missing:
                print("\n".join(report.cause_lines(results[-1], options.most)), flush=True)
    print("\n".join([""] + (report.markdown if options.markdown else report.table)(results)))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"suites": [one.as_json() for one in results]}, indent=1) + "\n")
    problems = too_many(results, options.least) if options.least else []
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
