# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that Debian does not have: tools/deps/install puts them into a cache folder, and tests skip without."""

import os
import pathlib
import subprocess

import pytest

CACHE = pathlib.Path(__file__).resolve().parents[2] / ".cache"


def run_python(script, *arguments):
    """A script that imports mysql.connector; what it printed."""
    if not (CACHE / "python" / "mysql" / "connector").is_dir():
        pytest.skip("no mysql.connector: tools/deps/install")
    return _run(["/usr/bin/python3", "-c", script, *arguments], PYTHONPATH=str(CACHE / "python"))


def run_node(script, *arguments):
    """A script that requires mysql2; what it printed."""
    if not (CACHE / "node" / "node_modules" / "mysql2").is_dir():
        pytest.skip("node has no mysql2: tools/deps/install")
    return _run(["node", "-e", script, *arguments], NODE_PATH=str(CACHE / "node" / "node_modules"))


def _run(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | environment)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout
