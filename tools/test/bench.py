#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the micro-benchmarks of one library, or of all, from the release preset."""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lib", default="", help="one library; all when empty")
    lib = parser.parse_args().lib
    targets = sorted({path.parent.name for path in ROOT.glob(f"src/{lib or '*'}/*_bench.cc")})
    if not targets:
        sys.exit(f"no benchmarks in src/{lib or '*'}")
    names = [f"{target}_bench" for target in targets]
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", *names], cwd=ROOT, check=True)
    for target, name in zip(targets, names):
        print(f"== {name}", flush=True)
        subprocess.run([ROOT / "build/release/src" / target / name], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
