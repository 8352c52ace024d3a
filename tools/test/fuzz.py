#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the fuzz targets and runs each for a while over its kept corpus (tests/corpus/<target>, where there is one)."""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    seconds = parser.parse_args().seconds
    for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz"]):
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    passed = failed = 0
    for target in sorted((ROOT / "build/fuzz/src").glob("*/*_fuzz")):
        found = ROOT / "build/fuzz/corpus" / target.name
        found.mkdir(parents=True, exist_ok=True)
        kept = ROOT / "tests/corpus" / target.name
        folders = [found] + ([kept] if kept.is_dir() else [])
        done = subprocess.run([target, f"-max_total_time={seconds}", "-max_len=4096", *folders],
                              cwd=ROOT / "build/fuzz", capture_output=True, text=True)
        ok = done.returncode == 0
        passed, failed = passed + ok, failed + (not ok)
        print(f"  {target.name:<32} {'clean' if ok else 'FAILED'}")
        if not ok:
            print(done.stderr[-4000:])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
