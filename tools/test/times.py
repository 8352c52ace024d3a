#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Prints the 20 slowest steps of a build folder's last builds, from Ninja's log."""

import pathlib
import sys


def main():
    log = pathlib.Path(sys.argv[1]) / ".ninja_log"
    steps = {}
    for line in log.read_text().splitlines()[1:]:
        start, end, _, output, _ = line.split("\t")
        steps[output] = (int(end) - int(start)) / 1000
    for output, seconds in sorted(steps.items(), key=lambda step: -step[1])[:20]:
        print(f"{seconds:8.1f} s  {output}")
    print(f"{sum(steps.values()):8.1f} s  all {len(steps)} steps, one after the other")


if __name__ == "__main__":
    main()
