# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Clusters of real processes for tests: one MariaDB server, and over it a gate and a tablet for each shard.

All tablets keep their databases on the one server, so a cluster starts in well under a second, and a plain database
beside theirs says what MariaDB itself would have answered."""

import contextlib
import ctypes
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

ROOT = pathlib.Path(__file__).resolve().parents[1]
CELL = "zone1"


def binary(name):
    folder = pathlib.Path(os.environ.get("TESSERA_BUILD", ROOT / "build" / "dev"))
    path = folder / "bin" / name
    if not path.exists():
        raise RuntimeError(f"{path} is missing: build it, or name another build with TESSERA_BUILD")
    return str(path)


def _end_with_parent():
    """A test that is killed leaves no servers behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


_given = set()


def free_port():
    """A port that is nobody's now, that no outgoing connection is given, and that was not given by us before."""
    first_outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10000, max(first_outgoing, 20000))
        if port in _given:
            continue
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            _given.add(port)
            return port


def shard_names(count):
    """Equal key ranges: 1 is `-`, 2 are `-80` and `80-`."""
    if count == 1:
        return ["-"]
    edges = [f"{i * 256 // count:02x}" for i in range(1, count)]
    return [f"{a}-{b}" for a, b in zip([""] + edges, edges + [""])]


class Keyspace:
    def __init__(self, name, shards=("0",), vschema=None):
        self.name, self.shards, self.vschema = name, list(shards), vschema or {}


class Database:
    """A MariaDB server of its own, without durability. `stop` ends it; its folder goes with the test's. `environment`
    are variables it is started with."""

    def __init__(self, folder, environment=None):
        self.folder = pathlib.Path(folder)
        self._environment = environment or {}
        self.port = free_port()
        self.data = self.folder / "mysql"
        cache = pathlib.Path(tempfile.gettempdir()) / f"tessera-test-template-{os.getuid()}"
        self._flags = ["--tablet-uid=1", f"--tablet-dir={self.data}", f"--mysql-port={self.port}", "--durable=false"]
        self._control(*self._flags, f"--template-dir={cache}", "init")
        self.socket = str(next(self.data.glob("**/*.sock")))
        with self.connect() as connection:
            connection.cursor().execute("set global read_only = 0")

    def connect(self, database=None, **options):
        return pymysql.connect(unix_socket=self.socket, user="vt_dba", database=database, charset="utf8mb4",
                               autocommit=True, **options)

    def stop(self):
        self._control(*self._flags, "--force", "teardown")

    def _control(self, *arguments):
        done = subprocess.run([binary("mysqlctl"), *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, **self._environment})
        if done.returncode != 0:
            raise RuntimeError(f"mysqlctl {arguments[-1]}: {done.stderr or done.stdout}")


class TopologyFiles:
    """Records that no server writes by itself: the cell and the VSchemas."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.vschemas = {}

    def make_cell(self):
        text = f'server_address: {json.dumps(str(self.folder))} root: "/{CELL}"'
        self._write(f"global/cells/{CELL}/CellInfo", "topodata.CellInfo", text)

    def set_vschema(self, keyspace, vschema):
        self.vschemas[keyspace] = vschema
        self._write(f"global/keyspaces/{keyspace}/VSchema", "vschema.Keyspace", _vschema_text(vschema))

    def publish(self):
        entries = [f"keyspaces {{ key: {json.dumps(name)} value {{ {_vschema_text(vschema)} }} }}"
                   for name, vschema in self.vschemas.items()]
        self._write(f"{CELL}/SrvVSchema", "vschema.SrvVSchema", " ".join(entries))

    def _write(self, name, message, text):
        file = "topodata.proto" if message.startswith("topodata") else "vschema.proto"
        done = subprocess.run(["protoc", f"--encode={message}", "-I", str(ROOT / "proto"), file], cwd=ROOT / "proto",
                              input=text.encode(), capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.decode()}\n{text}")
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        version = time.time_ns() // 1000
        fresh = path.with_name(path.name + ".new")
        fresh.write_bytes(b"TSTOPO1\n" + version.to_bytes(8, "big") + done.stdout)
        fresh.replace(path)


# The fields of a VSchema by message: a message's name, "map" of one, "enum", "text", or a plain value.
FIELDS = {
    "Keyspace": {"sharded": "bool", "vindexes": "map Vindex", "tables": "map Table", "require_explicit_routing": "bool",
                 "foreign_key_mode": "enum"},
    "Vindex": {"type": "text", "params": "map text", "owner": "text"},
    "Table": {"type": "text", "column_vindexes": "ColumnVindex", "auto_increment": "AutoIncrement", "columns": "Column",
              "pinned": "text", "column_list_authoritative": "bool", "source": "text"},
    "ColumnVindex": {"column": "text", "name": "text", "columns": "text"},
    "AutoIncrement": {"column": "text", "sequence": "text"},
    "Column": {"name": "text", "type": "enum", "invisible": "bool", "default": "text", "collation_name": "text",
               "size": "number", "scale": "number", "nullable": "bool", "values": "text"},
}


def _vschema_text(value, message="Keyspace"):
    """A VSchema in JSON form as protobuf text. Fields of newer versions are left out."""
    out = []
    for key, item in value.items():
        name = "".join("_" + c.lower() if c.isupper() else c for c in key)
        kind = FIELDS[message].get(name)
        if kind is None or item is None:
            continue
        if kind.startswith("map "):
            for entry, inner in item.items():
                out.append(f"{name} {{ key: {json.dumps(entry)} {_scalar_or_message('value', inner, kind[4:])} }}")
        else:
            out += [_scalar_or_message(name, one, kind) for one in (item if isinstance(item, list) else [item])]
    return " ".join(out)


def _scalar_or_message(name, item, kind):
    if kind in FIELDS:
        return f"{name} {{ {_vschema_text(item, kind)} }}"
    if kind == "text":
        return f"{name}: {json.dumps(str(item))}"
    return f"{name}: {str(item).lower() if kind == 'bool' else item}"


class Cluster:
    """A topology, a tablet for each shard of each keyspace, and a gate on `gate_port`. `prefix` tells the databases of
    several clusters on one server apart."""

    def __init__(self, folder, database, keyspaces, prefix="c", gate_flags=(), tablet_flags=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database, self.keyspaces, self.prefix = database, list(keyspaces), prefix
        self.gate_port = free_port()
        self.databases = []
        self._processes = []
        self._topology = TopologyFiles(self.folder / "topo")
        self._topology.make_cell()
        for keyspace in self.keyspaces:
            self._topology.set_vschema(keyspace.name, keyspace.vschema)
        self._topology.publish()
        try:
            uid = 100
            for keyspace in self.keyspaces:
                for shard in keyspace.shards:
                    uid += 1
                    self._start_tablet(uid, keyspace, shard, tablet_flags)
            self._wait_for_shards()
            self._start_gate(gate_flags)
            self._wait_for_gate()
        except BaseException:
            self.stop()
            raise

    def connect(self, database=None, **options):
        return pymysql.connect(host="127.0.0.1", port=self.gate_port, user="test", database=database, charset="utf8mb4",
                               autocommit=True, **options)

    def apply_vschema(self, keyspace, vschema):
        """Replaces a keyspace's VSchema and returns when the gate plans with it."""
        probe = f"probe_{time.time_ns()}"
        marked = json.loads(json.dumps(vschema))
        marked.setdefault("tables", {})[probe] = {"type": "reference"} if vschema.get("sharded") else {}
        self._topology.set_vschema(keyspace, marked)
        self._topology.publish()
        deadline = time.monotonic() + 15
        # Every loop of the gate reads for itself, and a connection stays on its loop.
        connections = [self.connect(keyspace) for _ in range(8)]
        for connection in connections:
            with connection, connection.cursor() as cursor:
                while True:
                    cursor.execute("show vschema tables")
                    if (probe,) in cursor.fetchall():
                        break
                    if time.monotonic() > deadline:
                        raise RuntimeError(f"the gate did not take up the VSchema of {keyspace}: see {self.folder}")
                    time.sleep(0.05)

    def stop(self):
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes = []
        with self.database.connect() as connection, connection.cursor() as cursor:
            for name in self.databases:
                cursor.execute(f"drop database if exists `{name}`")
        self.databases = []

    def _start(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                    preexec_fn=_end_with_parent))

    def _start_tablet(self, uid, keyspace, shard, flags):
        name = f"vt_{self.prefix}_{keyspace.name}" + ("" if shard == "0" else f"_{shard.replace('-', '_')}")
        self.databases.append(name)
        self._start(f"tablet{uid}", [
            binary("vttablet"), f"--tablet-path={CELL}-{uid}", f"--init-keyspace={keyspace.name}", f"--init-shard={shard}",
            "--init-tablet-type=primary", f"--init-db-name-override={name}", f"--grpc-port={free_port()}",
            f"--db-socket={self.database.socket}", f"--topo-global-server-address={self.folder / 'topo'}",
            "--unmanaged", "--queryserver-config-pool-size=4", "--queryserver-config-txpool-timeout=5s", *flags])

    def _start_gate(self, flags):
        self._start("gate", [
            binary("vtgate"), f"--cell={CELL}", f"--topo-global-server-address={self.folder / 'topo'}",
            f"--mysql-server-port={self.gate_port}", "--mysql-auth-server-impl=none", "--tablet-types-to-wait=primary",
            "--onterm-timeout=1s", *flags])

    def _logs(self):
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}"
                         for log in sorted(self.folder.glob("*.log")))

    def _alive(self):
        for process in self._processes:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args[0]} ended with {process.returncode}\n{self._logs()}")

    def _wait_for_shards(self):
        deadline = time.monotonic() + 20
        for keyspace in self.keyspaces:
            record = self.folder / "topo" / CELL / "keyspaces" / keyspace.name / "SrvKeyspace"
            while not (record.exists() and all(_serves(record, shard) for shard in keyspace.shards)):
                self._alive()
                if time.monotonic() > deadline:
                    raise RuntimeError(f"keyspace {keyspace.name} does not serve\n{self._logs()}")
                time.sleep(0.02)

    def _wait_for_gate(self):
        deadline = time.monotonic() + 40
        while True:
            self._alive()
            try:
                with self.connect() as connection, connection.cursor() as cursor:
                    cursor.execute("show vitess_tablets")
                    if sum(row[4] == "SERVING" for row in cursor.fetchall()) == len(self._processes) - 1:
                        return
            except pymysql.err.OperationalError:
                pass
            if time.monotonic() > deadline:
                raise RuntimeError(f"the gate does not answer\n{self._logs()}")
            time.sleep(0.02)


def _serves(record, shard):
    contents = record.read_bytes()
    name = shard.encode()
    return b"\x0a" + bytes([len(name)]) + name in contents
