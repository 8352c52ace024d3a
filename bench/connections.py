#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What idle client connections cost a gate, and what a new one does: memory a connection, CPU while all are idle, CPU of a
login with one query. The rival is the MariaDB server behind the gate, asked directly in the same run.

The limit of open files decides how many connections a gate can have. It is raised as far as the machine lets it; where that
is not enough for --connections, --gates shares them among several gates of one cluster. All connections are there at once, held
by processes of clients with source addresses of their own (127.0.0.2 and on): one address has too few ports."""

import argparse
import contextlib
import multiprocessing
import os
import pathlib
import resource
import socket
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e")]

from conftest import running, until  # noqa: E402

CAPABILITIES = 0x00000200 | 0x00008000 | 0x00080000 | 0x00000001  # protocol 41, secure connection, plugins


SPARE = 500  # files of a process that are no clients' connections
CLIENTS = 15000  # connections of one process of clients, and of one source address


def login(address, user, source=None):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    stream = socket.socket(family)
    stream.settimeout(60)
    if source is not None:
        stream.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the port is chosen with the peer known
        stream.bind((source, 0))
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


def raise_file_limit():
    """The most files that a process can have open here, for this one and those it starts."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = int(pathlib.Path("/proc/sys/fs/nr_open").read_text())
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        return most
    except (ValueError, OSError) as error:
        print(f"the hard limit of open files stays {hard}: {error} (raising it takes CAP_SYS_RESOURCE)", flush=True)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return hard


class Clients:
    """A process that holds connections."""

    def __init__(self, number, address, user, count):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=self.run, args=(theirs, number, address, user, count), daemon=True)
        self.process.start()

    @staticmethod
    def run(pipe, number, address, user, count):
        source = None if isinstance(address, str) else f"127.0.0.{2 + number}"
        streams = [login(address, user, source) for _ in range(count)]
        pipe.send(len(streams))
        while (every := pipe.recv()) is not None:
            for stream in streams[::every]:
                query(stream)
            pipe.send(len(streams[::every]))
        for stream in streams:
            stream.close()

    def ask(self, every):
        self.pipe.send(every)
        return self.pipe.recv()

    def end(self):
        self.pipe.send(None)
        self.process.join()


def hold(address, user, count, first):
    counts = [min(CLIENTS, count - at) for at in range(0, count, CLIENTS)]
    return [Clients(first + i, address, user, share) for i, share in enumerate(counts)]


def come_and_go(address, user, seconds, counts):
    """Logs in, asks once, and leaves, for so long."""
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        stream = login(address, user)
        query(stream)
        stream.close()
        count += 1
    counts.put(count)


def new_connections(address, user, pid, seconds, clients):
    """CPU microseconds of a login with one query, of so many clients at once."""
    counts = multiprocessing.Queue()
    crowd = [multiprocessing.Process(target=come_and_go, args=(address, user, seconds, counts)) for _ in range(clients)]
    began = cpu(pid)
    for client in crowd:
        client.start()
    count = sum(counts.get() for _ in crowd)
    spent = cpu(pid) - began
    for client in crowd:
        client.join()
    return 1e6 * spent / count


def measure(name, address, user, pids, options, count):
    """`address` gives the one of each process of `pids`."""
    before = [memory(pid) for pid in pids]
    shares = [count // len(pids) + (1 if i < count % len(pids) else 0) for i in range(len(pids))]
    clients = []
    for pid, share in zip(pids, shares):
        clients += hold(address[pid], user, share, len(clients))
    held = sum(client.pipe.recv() for client in clients)
    assert held == count, f"{held} of {count} connections"
    asked = sum(client.ask(max(1, count // 1000)) for client in clients)
    after = [memory(pid) for pid in pids]
    began = [cpu(pid) for pid in pids]
    time.sleep(options.idle_seconds)
    idle = [(cpu(pid) - was) / options.idle_seconds for pid, was in zip(pids, began)]
    assert sum(client.ask(max(1, count // 1000)) for client in clients) == asked
    for client in clients:
        client.end()
    time.sleep(1)
    spent = new_connections(address[pids[0]], user, pids[0], options.seconds, options.clients)
    grown = sum(after) - sum(before)
    print(f"{name:<12} {len(pids):>9} {held:>11} {sum(after) / 1024:>9.0f} {grown / held:>17.1f} {100 * sum(idle):>12.2f} {spent:>17.0f} "
          f"{1e6 / spent:>16.0f}", flush=True)


def another_gate(machine, stack, *flags):
    """A copy of the cluster's gate on ports of its own; its pid and its port for MySQL clients."""
    words = pathlib.Path(f"/proc/{machine.pid('vtgate-1')}/cmdline").read_bytes().decode().split("\0")[:-1]
    for flag in ("--mysql-server-port", "--grpc-port", "--port"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            words[words.index(flag) + 1] = str(free.getsockname()[1])
    gate = subprocess.Popen([*words, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    stack.callback(gate.wait)
    stack.callback(gate.terminate)
    port = int(words[words.index("--mysql-server-port") + 1])
    until("the gate answers", lambda: answers(port))
    return gate.pid, port


def answers(port):
    try:
        with login(("127.0.0.1", port), "test") as stream:
            query(stream)
            return True
    except OSError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=15000, help="idle connections to the gates together; a server has a tenth, up to 400")
    parser.add_argument("--gates", type=int, default=1)
    parser.add_argument("--idle-seconds", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=5, help="of new connections")
    parser.add_argument("--clients", type=int, default=8, help="that come and go at once for those seconds; one alone has a gate wait and wake for "
                        "each of its steps")
    options = parser.parse_args()
    most = raise_file_limit()
    if options.connections > (most - SPARE) * options.gates:
        needed = -(-options.connections // (most - SPARE))
        parser.error(f"{options.connections} connections are more than {options.gates} gates can have with {most} files each: --gates {needed}")
    spec = {"topology": "file", "durable": False, "keyspaces": [{"name": "one", "shards": 1, "replicas": 0, "database": "one"}]}
    with running(spec, tables=False) as machine, contextlib.ExitStack() as stack:
        ports = {machine.pid("vtgate-1"): machine.gate_port}
        ports |= dict(another_gate(machine, stack) for _ in range(options.gates - 1))
        print(f"{'who':<12} {'processes':>9} {'connections':>11} {'MiB all':>9} {'KiB a connection':>17} {'% CPU idle':>12} {'us CPU of a login':>17} "
              f"{'logins/s a core':>16}", flush=True)
        measure("gate", {pid: ("127.0.0.1", port) for pid, port in ports.items()}, "test", list(ports), options, options.connections)
        path = str(machine.data / "gate.sock")
        pid, _ = another_gate(machine, stack, "--mysql-server-socket-path", path)
        few = min(options.connections // 10, 400)
        measure("gate, socket", {pid: path}, "test", [pid], options, few)
        folder = next(machine.data.glob("vt_*"))
        server = int((folder / "mysql.pid").read_text())
        measure("MariaDB", {server: str(folder / "mysql.sock")}, "vt_dba", [server], options, few)


if __name__ == "__main__":
    main()
