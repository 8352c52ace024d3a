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
    # All of a library's *_bench.cc are one program; each of those against a foreign peer is one of its own.
    programs = {(path.parent.name, f"{path.parent.name}_bench") for path in ROOT.glob(f"src/{lib or '*'}/*_bench.cc")}
    programs |= {(path.parents[1].name, f"{path.parents[1].name}_{path.stem}")
                 for path in ROOT.glob(f"src/{lib or '*'}/interop/*_bench.cc")}
    if not programs:
        sys.exit(f"no benchmarks in src/{lib or '*'}")
    names = sorted(name for _, name in programs)
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", *names], cwd=ROOT, check=True)
    for library, name in sorted(programs):
        print(f"== {name}", flush=True)
        subprocess.run([ROOT / "build/release/src" / library / name], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
