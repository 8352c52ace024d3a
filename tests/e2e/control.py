# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The programs of the control plane as tests run them."""

import json
import subprocess

from conftest import binary


class Control:
    """A program of the control plane, with the flags that lead it to one cluster."""

    def __init__(self, program, *flags):
        self.line = [binary(program), *map(str, flags)]

    def run(self, *words, ok=True, stdin=None):
        """A run that succeeds, or that fails where `ok` is False; None takes either."""
        done = subprocess.run([*self.line, *map(str, words)], capture_output=True, text=True, timeout=60, input=stdin)
        if ok is None:
            return done
        if ok:
            assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
        else:
            assert done.returncode != 0, f"{words}: {done.stdout}"
        return done

    def succeeds(self, *words):
        return subprocess.run([*self.line, *map(str, words)], capture_output=True, timeout=60).returncode == 0

    def text(self, *words):
        return self.run(*words).stdout

    def json(self, *words):
        return json.loads(self.text(*words))

    def error(self, *words):
        """What a command says that must fail, which is one line and leaves standard output empty."""
        done = self.run(*words, ok=False)
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1, done
        return done.stderr

    def tablets(self, *flags):
        """Aliases of the tablets that match."""
        return [line.split()[0] for line in self.text("GetTablets", *flags).splitlines()]

    def tablet(self, keyspace, shard, kind):
        return self.tablets("--keyspace", keyspace, "--shard", shard, "--tablet-type", kind)[0]

    def start(self, *words):
        """A run that goes on meanwhile."""
        return subprocess.Popen([*self.line, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
