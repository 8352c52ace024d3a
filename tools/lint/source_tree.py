# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The sources of the project as every lint sees them. Standard library only."""

import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sources():
    """Paths (relative to ROOT) of our C++ files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/*.cc", "src/*.h"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return sorted({pathlib.Path(p) for p in listed if (ROOT / p).exists()})


_BLANK = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)


def without_comments_and_strings(text):
    """The code alone; line numbers stay, and a string becomes two quotes."""
    def blank(match):
        newlines = "\n" * match.group(0).count("\n")
        return ('""' if match.group(0)[0] in 'R"' else "''" if match.group(0)[0] == "'" else " ") + newlines
    return _BLANK.sub(blank, text)
