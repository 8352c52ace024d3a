#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the fuzz targets, runs each over every file of its kept corpus (tests/corpus/<target>, or a folder named by the
target's first word: sql_parse_fuzz reads tests/corpus/sql too), then for a while over new inputs. What it finds stays in
build/fuzz/corpus/<target> for the next run; an input that fails is left in build/fuzz and named. --keep writes a minimal
corpus of all that was found back to tests/corpus."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/fuzz"
LIMITS = ["-max_len=4096", "-timeout=20", "-rss_limit_mb=2048"]


def build():
    """The targets and the libraries they need; the compiler's output when that fails, else nothing."""
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz", "--target", "fuzzers"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            return (done.stdout[-20000:] + done.stderr[-8000:]).strip() or "the build failed without a word"
    return ""


def targets():
    return sorted(path for path in (BUILD / "src").glob("*/*_fuzz") if path.is_file())


def kept_folder(target):
    """Where the target's kept corpus is, or would be: targets that read the same sort of input share one."""
    shared = ROOT / "tests/corpus" / target.name.split("_")[0]
    return shared if shared.is_dir() else ROOT / "tests/corpus" / target.name


def kept_files(target):
    return sorted(path for path in kept_folder(target).glob("*") if path.is_file())


def found_folder(target):
    folder = BUILD / "corpus" / target.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(target, arguments, **environment):
    """The target's complaint with these arguments, or nothing."""
    done = subprocess.run([target, *LIMITS, f"-artifact_prefix={BUILD}/{target.name}-", *arguments], cwd=BUILD,
                          capture_output=True, text=True, errors="replace", env=os.environ | environment)
    return done.stderr[-4000:] if done.returncode != 0 else ""


def replay(target):
    """(passed, failures): the kept corpus, a file a case. Files run together, and alone only to name who failed."""
    files = kept_files(target)
    if not files or not run(target, files):
        return len(files), []
    failures = []
    for file in files:
        complaint = run(target, [file])
        if complaint:
            failures.append((f"{target.name} {file.name}", complaint))
    if not failures:
        failures.append((f"{target.name} corpus", "files fail one after the other, and none alone"))
    return len(files) - len(failures), failures


def explore(target, limit):
    """New inputs until the limit, an argument of libFuzzer's: (passed, failures)."""
    folders = [found_folder(target)]
    if kept_files(target):
        folders.append(kept_folder(target))
    complaint = run(target, [*limit, *folders])
    return (0, [(f"{target.name} new input", complaint)]) if complaint else (1, [])


def sample(target, seconds):
    """The same new inputs every time, made from the kept corpus alone: for tests that must not fail by chance. Bytes are
    changed and not tokens: those find what is wrong in minutes, in code that whoever runs the tests has not touched."""
    with tempfile.TemporaryDirectory() as empty:
        folders = [empty, *([kept_folder(target)] if kept_files(target) else [])]
        complaint = run(target, ["-seed=1", "-runs=100000", f"-max_total_time={seconds}", *folders],
                        TESSERA_FUZZ_BYTES_ONLY="1")
    return (0, [(f"{target.name} sample", complaint)]) if complaint else (1, [])


def keep(target):
    kept = kept_folder(target)
    kept.mkdir(parents=True, exist_ok=True)
    complaint = run(target, ["-merge=1", kept, found_folder(target)])
    if complaint:
        print(complaint)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    parser.add_argument("--keep", action="store_true", help="add what was found to tests/corpus")
    parser.add_argument("names", nargs="*", help="targets; all when none is named")
    options = parser.parse_args()
    complaint = build()
    if complaint:
        print(complaint)
        return 1
    passed = failed = 0
    for target in targets():
        if options.names and target.name not in options.names:
            continue
        ok, failures = replay(target)
        more, new_failures = explore(target, [f"-max_total_time={options.seconds}"])
        failures += new_failures
        passed, failed = passed + ok + more, failed + len(failures)
        print(f"  {target.name:<32} {'FAILED' if failures else 'clean'}", flush=True)
        for name, text in failures:
            print(f"FAILED {name}\n{text}")
        if options.keep and not failures:
            keep(target)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
