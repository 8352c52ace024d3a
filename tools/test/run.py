#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds a preset and runs every kind of test there is: lints, unit tests, end-to-end tests, a little fuzzing. The last line is
`N passed, N failed` over all of them; the exit status is 0 only when none failed."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

import fuzz

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Tally:
    def __init__(self):
        self.passed, self.failed, self.failures = 0, 0, []

    def add(self, kind, passed, failed, names=()):
        self.passed += passed
        self.failed += failed
        self.failures += [f"{kind}: {name}" for name in names]
        print(f"  {kind:<28} {passed:>6} passed {failed:>4} failed", flush=True)


def build(preset):
    for command in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout[-20000:], done.stderr[-8000:], sep="\n")
            return False
    return True


def run_lints(tally):
    for check in ("layers.py", "coroutines.py", "limits.py"):
        done = subprocess.run([sys.executable, ROOT / "tools/lint" / check], capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stdout, done.stderr)
        failed = done.returncode != 0
        tally.add(f"lint {check[:-3]}", int(not failed), int(failed), [check] if failed else [])


def run_gtest(binary, tally):
    """One unit-test binary, its cases counted from its own report; a crash counts as a failure."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        log = pathlib.Path(folder) / "log"
        with open(log, "w") as out:
            try:
                status = subprocess.run([binary, f"--gtest_output=json:{report}"], cwd=ROOT, stdout=out,
                                        stderr=subprocess.STDOUT, timeout=600).returncode
            except subprocess.TimeoutExpired:
                status = "time-out after 600 s"
        passed, failures = 0, []
        if report.exists():
            for suite in json.loads(report.read_text())["testsuites"]:
                for case in suite["testsuite"]:
                    if case.get("failures"):
                        failures.append(f"{suite['name']}.{case['name']}")
                    elif case.get("result") == "COMPLETED":
                        passed += 1
        if status != 0 and not failures:
            failures.append(f"{binary.name} ended with {status}")
        if failures:
            print(log.read_text(errors="replace")[-6000:])
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("COUNT "):  # what a test measured and wants shown
                print("    " + line[6:])
        tally.add(f"unit {binary.name}", passed, len(failures), failures)


def run_units(preset, tally):
    for binary in sorted((ROOT / "build" / preset / "src").glob("*/*_test")):
        if os.access(binary, os.X_OK) and binary.is_file():
            run_gtest(binary, tally)


def run_web(tally):
    """The web pages: types, and what needs no browser. Browsers are in tests/e2e/test_web.py."""
    if not shutil.which("npm") or not (ROOT / "web/node_modules").is_dir():
        print("    web: skipped, npm is missing")
        return
    checked = subprocess.run(["npm", "run", "--silent", "check"], cwd=ROOT / "web", capture_output=True, text=True)
    done = subprocess.run(["npm", "test", "--silent"], cwd=ROOT / "web", capture_output=True, text=True)
    counts = {name: int(count) for name, count in re.findall(r"^# (pass|fail) (\d+)$", done.stdout, re.MULTILINE)}
    failed = counts.get("fail", 0) or int(done.returncode != 0)
    if checked.returncode != 0 or failed:
        print(checked.stdout, done.stdout[-6000:], done.stderr[-2000:])
    tally.add("web types", int(checked.returncode == 0), int(checked.returncode != 0), ["tsc"] if checked.returncode else [])
    tally.add("web", counts.get("pass", 0), failed, ["npm test"] if failed else [])


def run_pytest(preset, tally):
    folders = [ROOT / "tests" / "e2e", ROOT / "tests" / "sql"]
    with tempfile.TemporaryDirectory() as temp:
        report = pathlib.Path(temp) / "report.xml"
        environment = dict(os.environ, TESSERA_BUILD=str(ROOT / "build" / preset))
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={report}", *folders], cwd=ROOT, env=environment)
        if not report.exists():
            tally.add("end to end", 0, 1, [f"pytest ended with {done.returncode}"])
            return
        passed, failures = 0, []
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                failures.append(f"{case.get('classname')}.{case.get('name')}")
            elif case.find("skipped") is None:
                passed += 1
        tally.add("end to end", passed, len(failures), failures)


def run_differential(preset, tally):
    """Statements on gates over 1, 2 and 4 shards and on one MariaDB; and how many of the conformance data's agree, where
    that lies beside the project: those are a measure, not a test."""
    command = [ROOT / "tests/differential/run"]
    environment = dict(os.environ, TESSERA_BUILD=str(ROOT / "build" / preset))
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "own.json"
        done = subprocess.run([*command, "--kinds", "own", "--json", report], cwd=ROOT, env=environment, capture_output=True, text=True)
        files = json.loads(report.read_text())["own cases"] if report.exists() else []
        agree = sum(file["agree"] for file in files)
        failures = [f"{file['name']}: {file['wrong']} wrong" for file in files if file["wrong"]]
        if done.returncode != 0 and not failures:
            failures = [f"ended with {done.returncode}"]
        if failures:
            print(done.stdout[-6000:], done.stderr[-3000:])
        tally.add("differential", agree, len(failures), failures)
    data = ROOT.parent / "shared" / "conformance"
    if data.is_dir():
        done = subprocess.run([*command, data, "--kinds", "e2e", "--without-lookups", "--shards", "2", "--problems", "0"], cwd=ROOT,
                              env=environment, capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if line.startswith("all "):
                print("    conformance e2e, agree/unsupported/wrong: " + "/".join(line.split()[1:]))


def run_sql_coverage(preset, tally):
    """How much of MariaDB's own test statements the parser takes, where those lie beside the project."""
    if not (ROOT.parent / "shared" / "conformance").is_dir():
        return
    environment = dict(os.environ, TESSERA_BUILD=str(ROOT / "build" / preset))
    done = subprocess.run([ROOT / "tests/sql/coverage.py", "--least", "99.9"], env=environment, capture_output=True, text=True)
    for line in done.stdout.splitlines()[-2:]:
        print("    MariaDB's test statements: " + line)
    tally.add("sql coverage", int(done.returncode == 0), int(done.returncode != 0), ["sql coverage below 99.9 %"] if done.returncode else [])


def run_fuzz(seconds, tally):
    """Every file of the kept corpora, then the same new inputs every time (make check takes chance ones, and longer)."""
    complaint = fuzz.build()
    if complaint:
        print(complaint)
        tally.add("fuzz", 0, 1, ["preset fuzz does not build"])
        return
    for target in fuzz.targets():
        passed, failures = fuzz.replay(target)
        more, new_failures = fuzz.sample(target, seconds)
        failures += new_failures
        for _, complaint in failures:
            print(complaint)
        tally.add(f"fuzz {target.name}", passed + more, len(failures), [name for name, _ in failures])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="dev")
    parser.add_argument("--fuzz-seconds", type=int, default=20, help="for each fuzz target; 0 leaves fuzzing out")
    options = parser.parse_args()
    preset = options.preset
    tally, start = Tally(), time.monotonic()
    run_lints(tally)
    print(f"building preset {preset} ...", flush=True)
    if build(preset):
        print(f"built in {time.monotonic() - start:.0f} s", flush=True)
        run_units(preset, tally)
        run_web(tally)
        run_pytest(preset, tally)
        run_differential(preset, tally)
        run_sql_coverage(preset, tally)
        if options.fuzz_seconds:
            run_fuzz(options.fuzz_seconds, tally)
    else:
        tally.add("build", 0, 1, [f"preset {preset}"])
    for failure in tally.failures:
        print("FAILED", failure)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
