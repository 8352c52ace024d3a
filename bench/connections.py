#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What idle client connections cost a gate, and what a new one does: memory a connection, CPU while all are idle, CPU of a
login with one query. The rival is the MariaDB server behind the gate, asked directly in the same run.

The limit of open files decides how many connections there can be (it is raised to the hard limit); figures are a
connection's, so that fewer than 100,000 tell as well."""

import argparse
import os
import pathlib
import resource
import socket
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e")]

from conftest import running  # noqa: E402

CAPABILITIES = 0x00000200 | 0x00008000 | 0x00080000 | 0x00000001  # protocol 41, secure connection, plugins


def login(address, user):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    stream = socket.socket(family)
    stream.settimeout(30)
    stream.connect(address)
    stream.recv(4096)
    body = (CAPABILITIES.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23) + user.encode() + b"\0\0" +
            b"mysql_native_password\0")
    stream.sendall(len(body).to_bytes(3, "little") + b"\x01" + body)
    answer = stream.recv(4096)
    if answer[4:5] == b"\xfe":  # asked for another way in: the password is empty
        stream.sendall(b"\0\0\0\x03")
        answer = stream.recv(4096)
    assert answer[4:5] == b"\x00", answer
    return stream


def query(stream):
    stream.sendall(b"\x09\0\0\0\x03select 1")
    assert stream.recv(4096)


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError(f"no memory of {pid}")


def cpu(pid):
    """Seconds of CPU that a process has had."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name, address, user, pid, options):
    before = memory(pid)
    streams = [login(address, user) for _ in range(options.connections)]
    for stream in streams[:: max(1, len(streams) // 1000)]:
        query(stream)
    held = memory(pid) - before
    began = cpu(pid)
    time.sleep(options.idle_seconds)
    idle = (cpu(pid) - began) / options.idle_seconds
    for stream in streams:
        stream.close()
    time.sleep(1)
    began, started, count = cpu(pid), time.monotonic(), 0
    while time.monotonic() - started < options.seconds:
        stream = login(address, user)
        query(stream)
        stream.close()
        count += 1
    spent = cpu(pid) - began
    print(f"{name:<10} {len(streams):>11} {held / len(streams):>17.1f} {100 * idle:>12.2f} {1e6 * spent / count:>17.0f} {count / spent:>16.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=15000, help="idle connections to the gate; a server has a tenth")
    parser.add_argument("--idle-seconds", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=5, help="of new connections")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY:
        options.connections = min(options.connections, hard - 500)
    spec = {"topology": "file", "durable": False, "keyspaces": [{"name": "one", "shards": 1, "replicas": 0, "database": "one"}]}
    with running(spec, tables=False) as machine:
        print(f"{'who':<10} {'connections':>11} {'KiB a connection':>17} {'% CPU idle':>12} {'us CPU of a login':>17} {'logins/s a core':>16}")
        measure("gate", ("127.0.0.1", machine.gate_port), "test", machine.pid("vtgate-1"), options)
        options.connections = min(options.connections // 10, 400)
        folder = next(machine.data.glob("vt_*"))
        measure("MariaDB", str(folder / "mysql.sock"), "vt_dba", int((folder / "mysql.pid").read_text()), options)


if __name__ == "__main__":
    main()
