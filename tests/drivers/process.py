# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that may hang, run so that they cannot hang us."""

import dataclasses
import os
import selectors
import signal
import subprocess
import time


@dataclasses.dataclass
class Ended:
    """What a program wrote (stdout and stderr together), its exit status, and why it was ended: "" when it ended by
    itself, else "timed out" or "silent"."""
    output: str
    status: int
    why: str = ""


def run(command, timeout, silence=None, cwd=None, env=None, stdin=None):
    """Runs a command; it and its children are ended after `timeout` seconds, or `silence` seconds without output."""
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, env={**os.environ, **(env or {})},
                               stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    if stdin is not None:
        process.stdin.write(stdin.encode())
        process.stdin.close()
    pieces, why = [], ""
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            wait = max(0, left if silence is None else min(left, silence))
            if not selector.select(wait):
                why = "timed out" if time.monotonic() >= deadline else "silent"
                break
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                break
            pieces.append(piece)
    try:
        if why:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        process.kill()
    process.stdout.close()
    return Ended(b"".join(pieces).decode("utf-8", "replace"), process.wait(), why)
