#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Sizes and marks: no file over 800 lines (.cc) or 400 (.h), no line over 100 columns, a licence line in each file, no
words that mark work as undone. tools/lint/limits.txt lists exceptions, each with its reason."""

import re
import sys

from source_tree import ROOT, sources

UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc)(_|\.)")


def exceptions():
    known = {}
    for line in (ROOT / "tools/lint/limits.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            known[name] = reason.strip()
    return known


def main():
    errors, known = [], exceptions()
    for path in sources():
        lines = (ROOT / path).read_text().splitlines()
        limit = 400 if path.suffix == ".h" else 800
        generated = ".gen." in path.name or "internal" in path.parts
        if len(lines) > limit and not generated and str(path) not in known:
            errors.append(f"{path}: {len(lines)} lines, the limit is {limit}")
        if NAMES.search(path.name):
            errors.append(f"{path}: name the file after its subject")
        if not any("SPDX-License-Identifier" in line for line in lines[:5]):
            errors.append(f"{path}:1: no licence line")
        for number, line in enumerate(lines, 1):
            if len(line) > 100 and ".gen." not in path.name and str(path) not in known:
                errors.append(f"{path}:{number}: {len(line)} columns")
            if UNDONE.search(line):
                errors.append(f"{path}:{number}: work left undone: {line.strip()}")
    print("\n".join(errors) if errors else "limits: every file within its size")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
