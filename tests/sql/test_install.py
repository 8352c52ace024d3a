# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The parser as others use it: installed, found by CMake, linked into a program of theirs."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TESSERA_BUILD", ROOT / "build" / "dev"))


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_example_builds_against_the_installed_parser(tmp_path):
    cache = (BUILD / "CMakeCache.txt").read_text()
    lines = [line.split("=", 1) for line in cache.splitlines() if "=" in line and not line.startswith("#")]
    settings = {name.split(":")[0]: value for name, value in lines}
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    run("cmake", "--install", BUILD, "--component", "sqlparser", "--prefix", prefix)
    flags = settings["CMAKE_CXX_FLAGS"]
    sanitizers = settings.get("TESSERA_SANITIZE", "")
    run("cmake", "-S", ROOT / "examples/sqlparser", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={settings['CMAKE_CXX_COMPILER']}",
        f"-DCMAKE_CXX_FLAGS={flags}" + (f" -fsanitize={sanitizers}" if sanitizers else ""))
    run("cmake", "--build", build)
    assert run(build / "tables", "SELECT a FROM t JOIN u ON t.id = u.id WHERE b = 5") == (
        "table t\ntable u\nfingerprint select a from t join u on t.id = u.id where b = :vtg1\n")
    bad = subprocess.run([build / "tables", "select 1 form t x y"], capture_output=True, text=True)
    assert bad.returncode == 1
    assert bad.stderr.endswith("  select 1 form t x y\n                ^\n")
