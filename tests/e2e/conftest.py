# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Clusters as users start them: `tessera up` on free ports, real MariaDB and etcd, real clients."""

import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import time

import pymysql
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORTS = 2400  # a cluster's ports, counted from its base

APP_VSCHEMA = {
    "sharded": True,
    "vindexes": {"by_hash": {"type": "xxhash"}},
    "tables": {
        "users": {"column_vindexes": [{"column": "id", "name": "by_hash"}],
                  "auto_increment": {"column": "id", "sequence": "lookup.user_seq"}},
        "notes": {"column_vindexes": [{"column": "user_id", "name": "by_hash"}]},
        "blobs": {"column_vindexes": [{"column": "id", "name": "by_hash"}]},
        "ledger": {"column_vindexes": [{"column": "id", "name": "by_hash"}]},
        "countries": {"type": "reference"},
        **{f"sbtest{i}": {"column_vindexes": [{"column": "id", "name": "by_hash"}]} for i in range(1, 5)},
    },
}
LOOKUP_VSCHEMA = {"tables": {"user_seq": {"type": "sequence"}, "settings": {}}}


def binary(name):
    folder = pathlib.Path(os.environ.get("TESSERA_BUILD", ROOT / "build" / "dev")) / "bin"
    return str(folder / name)


def free_base():
    """A base port whose ports are, as far as a look tells, nobody's, and which no outgoing connection is given."""
    first_outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        base = random.randrange(10000, max(first_outgoing, 20000) - PORTS, 100)
        wanted = [base + offset for offset in (0, 1, 50, 51, 306, 991, 999, *range(100, 108), *range(1100, 1108), *range(2100, 2108))]
        with contextlib.ExitStack() as stack:
            try:
                for port in wanted:
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return base
            except OSError:
                continue


def until(what, probe, seconds=30):
    """Polls until the probe gives something true, and gives it."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def tessera(*arguments, check=True, timeout=120):
    done = subprocess.run([binary("tessera"), *map(str, arguments)], capture_output=True, text=True, timeout=timeout)
    if check:
        assert done.returncode == 0, done.stderr + done.stdout
    return done


class Machine:
    """One cluster in a folder of its own."""

    def __init__(self, folder, spec):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.base = free_base()
        self.spec_file = self.folder / "cluster.yaml"
        self.spec_file.write_text(json.dumps({**spec, "base_port": self.base, "buffer_pool": "16M"}))  # JSON is YAML

    def up(self, *arguments, **options):
        return tessera("up", self.spec_file, "--data", self.data, *arguments, **options)

    def down(self):
        return tessera("down", "--data", self.data)

    def status(self):
        return json.loads(tessera("status", "--data", self.data, "--json", check=False).stdout)

    def pid(self, name):
        return {service["name"]: service["pid"] for service in self.status()["services"]}[name]

    def kill9(self, name):
        """Ends a process and waits until the supervisor has seen it and started another."""
        old = self.pid(name)
        os.kill(old, signal.SIGKILL)
        until(f"{name} comes back", lambda: self.pid(name) not in (0, old))

    @property
    def gate_port(self):
        return self.base + 306

    @property
    def vtctld_port(self):
        return self.base + 999

    def connect(self, database=None, **options):
        options = {"user": "test", "charset": "utf8mb4", "autocommit": True, "read_timeout": 60, **options}
        return pymysql.connect(host="127.0.0.1", port=self.gate_port, database=database, **options)

    def query(self, sql, database="app"):
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def processes(self):
        """Everything that runs out of the folder."""
        listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        return [line for line in listing.splitlines() if str(self.data) in line]


def spec(topology="file", shards=2, replicas=1, durable=False):
    return {"topology": topology, "durable": durable, "keyspaces": [
        {"name": "lookup", "shards": 1, "replicas": 0, "vschema_json": json.dumps(LOOKUP_VSCHEMA)},
        {"name": "app", "shards": shards, "replicas": replicas, "vschema_json": json.dumps(APP_VSCHEMA)}]}


@contextlib.contextmanager
def running(cluster_spec, tables=True):
    with tempfile.TemporaryDirectory(prefix="tessera-e2e-") as folder:
        machine = Machine(folder, cluster_spec)
        machine.up()
        try:
            if tables:
                make_tables(machine)
            yield machine
        finally:
            machine.down()


def make_tables(machine):
    with machine.connect("app") as connection, connection.cursor() as cursor:
        for sql in ("create table users (id bigint primary key, name varchar(60), country int, key (name))",
                    "create table notes (id bigint primary key, user_id bigint, text varchar(100), amount decimal(10,2))",
                    "create table blobs (id bigint primary key, data longblob)",
                    "create table ledger (id bigint primary key, value varchar(40))",
                    "create table countries (id int primary key, name varchar(40))",
                    "create table lookup.user_seq (id int primary key, next_id bigint, cache bigint) comment 'vitess_sequence'",
                    "insert into lookup.user_seq (id, next_id, cache) values (0, 1000, 10)",
                    "create table lookup.settings (k varchar(20) primary key, v int)",
                    "insert into countries (id, name) values (1, 'Chile'), (2, 'Japan')"):
            cursor.execute(sql)


@pytest.fixture(scope="session")
def shop():
    """Two shards with a replica each, and an unsharded keyspace. Tests use ids of their own."""
    with running(spec()) as machine:
        yield machine


@pytest.fixture(scope="module")
def remote(cluster):
    """vtctldclient through the vtctld of the module's cluster, whose topology is in files."""
    from control import Control
    return Control("vtctldclient", "--server", f"127.0.0.1:{cluster.vtctld_port}")


@pytest.fixture(scope="module")
def local(cluster):
    """vtctl on the topology itself."""
    from control import Control
    return Control("vtctl", "--topo-global-server-address", cluster.data / "topo")


@pytest.fixture(scope="module", params=["remote", "local"])
def control(request):
    """Both ways to the same operations."""
    return request.getfixturevalue(request.param)
