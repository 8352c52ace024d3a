#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a big fleet costs one gate: seconds and CPU from its start until it has started, memory, CPU while nothing changes
(tablets tell their health every 20 s, as Vitess's do), and CPU for one change: a tablet's address, a keyspace's VSchema.
Each fleet is measured beside a small one, so that one sees what follows the size and what the changes.

A gate has started when MySQL clients can connect. It is run with --tablet-types-to-wait primary,replica, so that is once
every shard of every keyspace that the cell serves has a primary and a replica that say they serve; Vitess's gate opens its
MySQL port upon the same. The column "usable" tells how many tablets it could send queries to just then.

The topology is a real etcd, or files. Two processes of this bench (fleet_tablets) stand in for all tablets: each has a
loopback address of its own, and answers StreamHealth by a few bytes of HTTP/2. Gate, stand-ins and etcd share the machine;
in a fleet they do not. So the CPU that stand-ins and etcd had during the start is told beside the gate's: on few cores, the
seconds of a start are theirs as well. Figures of CPU count; on a busy machine seconds say less."""

import argparse
import base64
import contextlib
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "tests")]

from cluster import _end_with_parent, binary, free_port, shard_names  # noqa: E402

CELL = "zone1"
PRIMARY, REPLICA = 1, 2
TERM = 1700000000


# Protobuf, as much as the records need.
def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def message(*fields):
    """Of (number, value) pairs: text and bytes are length-delimited, integers varints; what is empty is left out."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            if value:
                out += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return bytes(out)


def key_range(shard):
    start, end = shard.split("-")
    return message(*[(n, bytes.fromhex(edge)) for n, edge in ((1, start), (2, end)) if edge])


class Fleet:
    """`keyspaces` of equal size with `tablets` in all, a primary and a replica for each shard."""

    def __init__(self, keyspaces, tablets):
        self.keyspaces = [f"ks{i:05}" for i in range(keyspaces)]
        self.shards = shard_names(max(1, tablets // keyspaces // 2))
        self.tablets = [(uid + 1, keyspace, shard, PRIMARY if kind == 0 else REPLICA)
                        for uid, (keyspace, shard, kind) in enumerate(
                            (keyspace, shard, kind) for keyspace in self.keyspaces for shard in self.shards for kind in (0, 1))]
        self.port = free_port()

    def address(self, uid, other=False):
        """Of a tablet; the other one is where it moves to."""
        return f"127.{2 if other else 1}.{uid >> 8}.{uid & 255}"

    def tablet(self, number, moved=False):
        uid, keyspace, shard, kind = self.tablets[number]
        record = message((1, message((1, CELL), (2, uid))), (2, self.address(uid, moved)),
                         (4, message((1, "grpc"), (2, self.port))), (4, message((1, "vt"), (2, 1))),
                         (5, keyspace), (6, shard), (7, key_range(shard)), (8, kind))
        return f"tablets/{CELL}-{uid:010}/Tablet", record

    def vschema(self, tables=1):
        """The last keyspace has more tables than the others."""
        vindexes = message((1, "by_hash"), (2, message((1, "xxhash"))))

        def keyspace(count):
            table = message((2, message((1, "id"), (2, "by_hash"))))
            return message((1, 1), (2, vindexes), *[(3, message((1, f"t{i}"), (2, table))) for i in range(count)])

        plain = keyspace(1)
        parts = [(1, message((1, name), (2, plain))) for name in self.keyspaces[:-1]]
        return "SrvVSchema", message(*parts, (1, message((1, self.keyspaces[-1]), (2, keyspace(tables)))))

    def serving(self):
        shards = [(2, message((1, shard), (2, key_range(shard)))) for shard in self.shards]
        record = message(*[(1, message((1, kind), *shards)) for kind in (PRIMARY, REPLICA, 3)])
        return {f"keyspaces/{name}/SrvKeyspace": record for name in self.keyspaces}

    def records(self):
        return {**dict(self.tablet(i) for i in range(len(self.tablets))), **self.serving(), **dict([self.vschema()])}

    def health(self, number):
        uid, keyspace, shard, kind = self.tablets[number]
        return message((1, message((1, keyspace), (2, shard), (3, kind))), (2, 1), (3, TERM if kind == PRIMARY else 0), (4, b""),
                       (5, message((1, CELL), (2, uid))))


class StandIns:
    """Processes that answer for all tablets (fleet_tablets.cc): what they cost is no part of the gate, but of the machine."""

    def __init__(self, fleet, spares, interval, processes=2):  # one may not have enough descriptors
        lines = [f"{fleet.address(uid)} {fleet.health(number).hex()}" for number, (uid, *_) in enumerate(fleet.tablets)]
        lines += [f"{fleet.address(fleet.tablets[number][0], True)} {fleet.health(number).hex()}" for number in spares]
        self.processes = [
            subprocess.Popen([binary("fleet_tablets"), str(fleet.port), str(interval)], preexec_fn=_end_with_parent,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
        for part, process in enumerate(self.processes):
            process.stdin.write("\n".join(lines[part::processes]) + "\n")
            process.stdin.close()
        for process in self.processes:
            assert process.stdout.readline() == "ready\n", "the stand-ins for the tablets have ended"

    def cpu(self):
        return sum(cpu(process.pid) for process in self.processes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()


# Topologies.
class Etcd:
    name = "etcd2"

    def __init__(self, folder):
        self.port, peer = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            ["etcd", "--data-dir", str(folder / "etcd"), "--listen-client-urls", f"http://{self.address}", "--advertise-client-urls",
             f"http://{self.address}", "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls",
             f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}", "--log-level", "error", "--unsafe-no-fsync"],
            preexec_fn=_end_with_parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        deadline = time.monotonic() + 30
        while True:
            try:
                self.call("maintenance/status", {})
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def call(self, method, body):
        request = urllib.request.Request(f"http://{self.address}/v3/{method}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def write(self, root, records):
        puts = [{"requestPut": {"key": base64.b64encode(f"{root}/{path}".encode()).decode(), "value": base64.b64encode(value).decode()}}
                for path, value in records.items()]
        for start in range(0, len(puts), 100):
            self.call("kv/txn", {"success": puts[start:start + 100]})

    def close(self):
        self.process.kill()
        self.process.wait()


class Files:
    name = "file"
    pid = None  # the gate itself reads them

    def __init__(self, folder):
        self.address = str(folder / "topology")
        self.version = int(time.time() * 1e6)

    def write(self, root, records):
        base = pathlib.Path(self.address)
        base.mkdir(parents=True, exist_ok=True)
        for path, value in records.items():
            name = pathlib.Path(self.address + root) / path
            name.parent.mkdir(parents=True, exist_ok=True)
            self.version += 1
            if len(records) < 100:  # else it is all of a fleet, before there is a gate
                with open(base / ".changes", "a") as changes:
                    changes.write(f"\n{self.version} {root.strip('/')}/{path}\n")
            (name.parent / ".tmp").write_bytes(b"TSTOPO1\n" + self.version.to_bytes(8, "big") + value)
            os.replace(name.parent / ".tmp", name)
        (base / ".mutex").write_bytes(  # where writes are counted
            self.version.to_bytes(8, "little"))

    def close(self):
        pass


# The gate.
def cpu(pid):
    """Seconds of CPU that all threads of a process have had; none of no process."""
    if pid is None:
        return 0.0
    return sum(int(thread.read_text().split()[0]) for thread in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def memory(pid, what):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no {what} of {pid}")


class Gate:
    def __init__(self, topology, options, log):
        self.port, self.page_port = free_port(), free_port()
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [options.vtgate or binary("vtgate"), "--cell", CELL, "--topo-implementation", topology.name, "--topo-global-server-address",
             topology.address, "--topo-global-root", "/vt/global", "--mysql-server-port", str(self.port), "--mysql-auth-server-impl", "none",
             "--tablet-types-to-wait", "primary,replica", "--gateway-initial-tablet-timeout", f"{options.timeout}s", "--port",
             str(self.page_port), "--mysql-server-version", "8.4.0", "--loops", str(options.loops), *options.gate_flags],
            preexec_fn=_end_with_parent, stdout=log, stderr=log)
        self.pid = self.process.pid

    def wait(self, seconds):
        """Listens once all shards have a usable primary and replica, or the gate has given up waiting."""
        while time.monotonic() - self.started < seconds:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return time.monotonic() - self.started
            assert self.process.poll() is None, "the gate has ended: see its log"
            time.sleep(0.01)
        raise TimeoutError("the gate does not listen")

    def metrics(self):
        """Its pages follow its MySQL port."""
        deadline = time.monotonic() + 10
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}/metrics", timeout=30) as page:
                    return page.read().decode()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def usable(self):
        lines = self.metrics().splitlines()
        return int(sum(float(line.rsplit(" ", 1)[1]) for line in lines if "ealthcheck" in line and "onnections{" in line))

    def close(self):
        self.process.kill()
        self.process.wait()


def cost(pid, changes, change, pause):
    """CPU of the gate from change to change, beyond what it does anyhow, in ms."""
    if not changes:
        return 0.0
    began, idle = cpu(pid), time.monotonic()
    time.sleep(changes * pause)
    rate = (cpu(pid) - began) / (time.monotonic() - idle)
    began, started = cpu(pid), time.monotonic()
    for number in range(changes):
        change(number)
        time.sleep(pause)
    return 1000 * max(0.0, cpu(pid) - began - rate * (time.monotonic() - started)) / changes


def measure(fleet, topology, tablets, options, log):
    before = [tablets.cpu(), cpu(topology.pid)]
    gate = Gate(topology, options, log)
    try:
        out = {"start s": gate.wait(options.timeout + 60), "start CPU s": cpu(gate.pid)}
        out["tablets' CPU s"], out["etcd's CPU s"] = tablets.cpu() - before[0], cpu(topology.pid) - before[1]
        out["usable"] = gate.usable()
        time.sleep(options.settle)
        began, started = cpu(gate.pid), time.monotonic()
        time.sleep(options.idle)
        out["idle CPU s/min"] = 60 * (cpu(gate.pid) - began) / (time.monotonic() - started)
        spares = min(options.changes, len(fleet.tablets))
        out["tablet ms"] = cost(gate.pid, spares, lambda n: topology.write(f"/vt/{CELL}", dict([fleet.tablet(n, True)])), 0.3)
        out["vschema ms"] = cost(gate.pid, options.changes, lambda n: topology.write(f"/vt/{CELL}", dict([fleet.vschema(2 + n)])), 0.3)
        out["usable after"] = gate.usable()
        out["steady MiB"], out["peak MiB"] = memory(gate.pid, "VmRSS"), memory(gate.pid, "VmHWM")
        topology.write(f"/vt/{CELL}", {**dict(fleet.tablet(n) for n in range(spares)), **dict([fleet.vschema()])})
        return out
    finally:
        gate.close()


COLUMNS = ["start s", "start CPU s", "tablets' CPU s", "etcd's CPU s", "peak MiB", "steady MiB", "idle CPU s/min", "tablet ms", "vschema ms",
           "usable", "usable after"]


def run(kind, keyspaces, tablets, options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tessera-fleet-"))
    topology = kind(folder)
    try:
        fleet = Fleet(keyspaces, tablets)
        topology.write("/vt/global", {f"cells/{CELL}/CellInfo": message((1, topology.address), (2, f"/vt/{CELL}"))})
        topology.write(f"/vt/{CELL}", fleet.records())
        rounds = []
        with open(folder / "vtgate.log", "w") as log:
            for _ in range(options.rounds):
                with StandIns(fleet, range(min(options.changes, len(fleet.tablets))), options.health_interval) as tablets:
                    rounds.append(measure(fleet, topology, tablets, options, log))
        middle = {column: statistics.median(one[column] for one in rounds) for column in COLUMNS}
        return {"topology": topology.name, "keyspaces": keyspaces, "tablets": len(fleet.tablets), **middle}
    finally:
        topology.close()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fleets", default="10:100,1000:10000", help="keyspaces:tablets, between commas")
    parser.add_argument("--topologies", default="etcd2,file")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loops", type=int, default=2, help="event loops of the gate")
    parser.add_argument("--settle", type=float, default=5, help="seconds after the start that count for nothing")
    parser.add_argument("--idle", type=float, default=30, help="seconds in which nothing changes")
    parser.add_argument("--changes", type=int, default=20, help="of each kind; 0: starts only")
    parser.add_argument("--health-interval", type=float, default=20, help="seconds between a tablet's messages")
    parser.add_argument("--timeout", type=int, default=60, help="seconds a gate waits for its tablets")
    parser.add_argument("--vtgate", help="another build's")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the gate's log")
    parser.add_argument("--output", type=pathlib.Path, help="write the table there as well")
    parser.add_argument("gate_flags", nargs="*", help="more flags for the gate, after --")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    names = ["topology", "keyspaces", "tablets", *COLUMNS]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    print("\n".join(lines), flush=True)
    kinds = {kind.name: kind for kind in (Etcd, Files)}
    for topology in options.topologies.split(","):
        for size in options.fleets.split(","):
            keyspaces, tablets = map(int, size.split(":"))
            row = run(kinds[topology], keyspaces, tablets, options)
            lines.append("| " + " | ".join(f"{row[n]:.2f}" if isinstance(row[n], float) else str(row[n]) for n in names) + " |")
            print(lines[-1], flush=True)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
