#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a driver costs that prepares each query anew: prepare, execute, close, over and over on one connection. Beside it the
same query executed out of one prepared statement, and as text. The rival is the MariaDB server behind the gate, asked
directly over its socket in the same run; its own CPU counts on both sides, the gate's and the tablet's on the gate's."""

import argparse
import pathlib
import socket
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e")]

from conftest import running  # noqa: E402
from connections import cpu, login  # noqa: E402

SQL = b"select id, name, country from people where id = ?"
TEXT = b"select id, name, country from people where id = 7"
EOFS = {"prepare": 2, "execute": 2}  # packets that end columns, parameters and rows


def exactly(stream, size):
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        assert piece, "the server hung up"
        data += piece
    return data


def packet(stream):
    head = exactly(stream, 4)
    body = exactly(stream, int.from_bytes(head[:3], "little"))
    assert body[:1] != b"\xff", body
    return body


def command(stream, body):
    stream.sendall(len(body).to_bytes(3, "little") + b"\0" + body)


def skip(stream, eofs):
    while eofs:
        body = packet(stream)
        eofs -= body[:1] == b"\xfe" and len(body) < 9


def prepare(stream):
    command(stream, b"\x16" + SQL)
    head = packet(stream)
    skip(stream, EOFS["prepare"])
    return head[1:5]


def execute(stream, statement):
    command(stream, b"\x17" + statement + b"\0\x01\0\0\0" + b"\0\x01\x08\0" + (7).to_bytes(8, "little"))
    packet(stream)
    skip(stream, EOFS["execute"])


def close(stream, statement):
    command(stream, b"\x19" + statement)


def anew(stream):
    statement = prepare(stream)
    execute(stream, statement)
    close(stream, statement)


def as_text(stream):
    command(stream, b"\x03" + TEXT)
    packet(stream)
    skip(stream, 2)


def measure(name, what, stream, pids, seconds, turn):
    for _ in range(50):
        turn(stream)
    before, started, times = sum(map(cpu, pids)), time.monotonic(), []
    while time.monotonic() - started < seconds:
        began = time.perf_counter()
        turn(stream)
        times.append(time.perf_counter() - began)
    spent = sum(map(cpu, pids)) - before
    times.sort()
    print(f"{name:<10} {what:<24} {1e6 * times[len(times) // 2]:>10.0f} {1e6 * times[len(times) * 99 // 100]:>10.0f} "
          f"{1e6 * spent / len(times):>14.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    options = parser.parse_args()
    spec = {"topology": "file", "durable": False, "keyspaces": [{"name": "one", "shards": 1, "replicas": 0, "database": "one"}]}
    with running(spec, tables=False) as machine:
        with machine.connect("one") as connection, connection.cursor() as cursor:
            cursor.execute("create table people (id bigint primary key, name varchar(40), country int)")
            cursor.execute("insert into people values (7, 'Grace', 1)")
        folder = next(machine.data.glob("vt_*"))
        server = int((folder / "mysql.pid").read_text())
        pids = {service["name"]: service["pid"] for service in machine.status()["services"]}
        gates = [server, *(pid for name, pid in pids.items() if "vtgate" in name or "vttablet" in name)]
        print(f"{'':<10} {'':<24} {'p50, us':>10} {'p99, us':>10} {'CPU, us/turn':>14}")
        for name, address, user, processes, database in (("MariaDB", str(folder / "mysql.sock"), "vt_dba", [server], b"one"),
                                                         ("vtgate", ("127.0.0.1", machine.gate_port), "test", gates, b"one")):
            stream = login(address, user)
            if isinstance(address, tuple):  # as drivers do: a close has no answer that the next packet could wait for
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            command(stream, b"\x02" + database)
            packet(stream)
            measure(name, "as text", stream, processes, options.seconds, as_text)
            statement = prepare(stream)
            measure(name, "prepared once", stream, processes, options.seconds, lambda s: execute(s, statement))
            measure(name, "prepare, execute, close", stream, processes, options.seconds, anew)
            stream.close()


if __name__ == "__main__":
    main()
