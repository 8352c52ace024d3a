#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/vtctldclient.md out of what the program says of itself and the tests that run its commands. With --check: tells whether it
is current."""

import argparse
import ast
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "vtctldclient.md"

# Where commands are written, in the order of the page.
SUBJECTS = {
    "cell_commands": "Cells",
    "keyspace_commands": "Keyspaces",
    "shard_commands": "Shards",
    "graph_commands": "What belongs to which shard and cell",
    "tablet_commands": "Tablets",
    "replication_commands": "Replication",
    "schema_commands": "Schemas and statements",
    "vschema_commands": "VSchemas",
    "rule_commands": "Routing rules",
    "serving_commands": "The serving graph",
    "validate_commands": "What is wrong",
    "record_commands": "What other programs are told",
    "topology_commands": "The topology as it is stored",
}

HEAD = """# vtctldclient

The commands of `vtctldclient` (asks a vtctld: `--server host:port`) and `vtctl` (does the same in its own process, on the topology). Names,
arguments and output are Vitess's; `vtctldclient COMMAND --help` tells flags and an example. What tells progress does so on standard
error; Vitess's vtctld tells none.

Every command that changes something takes `--dry-run`: it runs as it would, is refused where it would be, and prints the records it
would write (lines that leave them with `-`, that come with `+`) and what it would ask of tablets, in order. Nothing is changed: tablets
are only pinged. A vtctld that knows no dry runs (Vitess's) is asked for none but those of `ApplyVSchema` and `ChangeTabletType`, which
are its own.

A command whose lock on the topology is lost while it works (its lease ran out, somebody deleted the lock) writes nothing more and says
what it has written. `DeleteKeyspace` and `DeleteShards` with `--force` wait for a lock as ever (45 s), then go on without it and say so:
only when whoever holds it will not come back.

This page is made by `tools/gen/vtctl_commands.py`.
"""


def summaries(program):
    """What each command does, by name, as the program tells it."""
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout
    return dict(re.findall(r"^  (\w+) +(\S.*)$", told.partition("\nCommands:\n")[2].partition("\n\n")[0], re.M))


def subjects():
    """The file that each command is written in."""
    found = {}
    for path in sorted((ROOT / "src" / "vtctlclient").glob("*_commands.cc")):
        for name in re.findall(r'^ {6}\{"(\w+)",', path.read_text(), re.M):
            found[name] = path.stem
    return found


def tests():
    """The tests that run each command: those whose text has its name as a word of its own."""
    found = {}
    for path in sorted((ROOT / "tests" / "e2e").glob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            for inner in ast.walk(node):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    found.setdefault(inner.value, {})[f"{path.stem}.{node.name}"] = None
    return found


def page(program):
    summary, subject, run_by = summaries(program), subjects(), tests()
    unknown = {name for name in summary if name not in subject and name != "completion"}
    unknown |= {subject[name] for name in subject if subject[name] not in SUBJECTS}
    if unknown:
        raise SystemExit(f"no subject is known of {', '.join(sorted(unknown))}: SUBJECTS in {__file__} lists them")
    lines = [HEAD]
    for stem, title in SUBJECTS.items():
        lines += [f"## {title}", "", "| command | what it does | a test that runs it |", "|---|---|---|"]
        for name in sorted(name for name in summary if subject.get(name) == stem):
            test = next(iter(run_by.get(name, {})), "")
            lines.append(f"| `{name}` | {summary[name]} | {f'`{test}`' if test else 'none yet'} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=str(ROOT / "build" / "dev" / "bin" / "vtctldclient"))
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    text = page(given.program)
    if not given.check:
        PAGE.write_text(text)
        return 0
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not what the program and the tests say: run tools/gen/vtctl_commands.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
