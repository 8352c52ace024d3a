#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs every lint; each is a check of its own in the test run."""

import pathlib
import subprocess
import sys

CHECKS = ["layers.py", "coroutines.py", "limits.py"]


def main():
    here = pathlib.Path(__file__).parent
    failed = [check for check in CHECKS if subprocess.run([sys.executable, here / check]).returncode != 0]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
