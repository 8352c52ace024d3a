# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""tessera doctor on a cluster whose links are broken one by one, for real, and mended as it says."""

import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import urllib.request

import pymysql
import pytest

from conftest import APP_VSCHEMA, ROOT, binary, running, spec, tessera, until
from test_front import Authority

pytestmark = pytest.mark.skipif(not pathlib.Path("/usr/bin/etcd").exists(), reason="no etcd is installed")

PRIMARY, REPLICA = "zone1-0000000200", "zone1-0000000201"  # of app/-80


class Fleet:
    """A cluster without its supervisor: what is broken stays broken until the test mends it."""

    def __init__(self, machine):
        self.machine = machine
        self.started = []
        status = machine.status()
        self.pids = {service["name"]: service["pid"] for service in status["services"]}
        os.kill(status["supervisor"], signal.SIGKILL)
        until("the supervisor is gone", lambda: machine.status()["phase"] == "unattended")

    # The doctor.

    def examine(self, *flags):
        """(exit status, findings)"""
        done = tessera("doctor", "--data", self.machine.data, "--json", *flags, check=False)
        assert done.returncode in (0, 1), done.stderr
        report = json.loads(done.stdout)
        assert done.returncode == (1 if report["faults"] else 0)
        return done.returncode, report["findings"]

    def ills(self, *flags):
        return [f"{f['verdict']} {f['check']} {f['subject']}: {f['sentence']} -> {f['fix']}"
                for f in self.examine(*flags)[1] if f["verdict"] in ("fault", "warn")]

    def faults(self, *flags):
        return [ill for ill in self.ills(*flags) if ill.startswith("fault")]

    def well_again(self):
        until("the fleet is well again", lambda: not self.faults(), seconds=60)

    # Processes, ended and started by hand.

    def kill(self, name):
        """Ends a process; gives its command line."""
        pid = self.pids[name]
        line = pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
        os.kill(pid, signal.SIGKILL)
        until("it is gone", lambda: not pathlib.Path(f"/proc/{pid}/cmdline").exists() or not pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
        return line

    def start(self, name, line):
        with open(self.machine.data / "log" / f"{name}.log", "ab") as log:
            process = subprocess.Popen(line, stdout=log, stderr=log)
        self.started.append(process)
        self.pids[name] = process.pid
        return process

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(20)

    # MariaDB servers and records, past all gates.

    def sql(self, alias, *statements):
        folder = "vt_" + alias.split("-")[1]
        with pymysql.connect(unix_socket=str(self.machine.data / folder / "mysql.sock"), user="vt_dba") as server, server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall()

    def etcd(self, call, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.machine.base + 50}/v3/kv/{call}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    @contextlib.contextmanager
    def changed_record(self, alias, pattern, text):
        """A tablet's record with a part of its text replaced, while it lasts."""
        key = base64.b64encode(f"/vitess/zone1/tablets/{alias}/Tablet".encode()).decode()
        old = self.etcd("range", {"key": key})["kvs"][0]["value"]

        def protoc(way, data):
            return subprocess.run(["protoc", f"--{way}=topodata.Tablet", "-I", ROOT / "proto", "topodata.proto"], cwd=ROOT / "proto",
                                  input=data, capture_output=True, check=True).stdout
        record = protoc("decode", base64.b64decode(old)).decode()
        changed, times = re.subn(pattern, text, record)
        assert times == 1, record
        self.etcd("put", {"key": key, "value": base64.b64encode(protoc("encode", changed.encode())).decode()})
        try:
            yield
        finally:
            self.etcd("put", {"key": key, "value": old})

    def control(self, *words):
        done = subprocess.run([binary("vtctldclient"), "--server", f"127.0.0.1:{self.machine.vtctld_port}", *words],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def fleet():
    with running(spec("etcd", shards=2, replicas=1)) as machine:
        fleet = Fleet(machine)
        try:
            yield fleet
        finally:
            fleet.end()


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def only(ills, *words):
    """The ill that has all the words; there must be one."""
    found = [ill for ill in ills if all(word in ill for word in words)]
    assert len(found) == 1, "\n".join(ills)
    return found[0]


def test_a_healthy_cluster_has_no_fault(fleet):
    until("gates know all tablets", lambda: not fleet.faults())
    status, findings = fleet.examine()
    assert status == 0
    # Declared for other tests, and made by none of these.
    assert [f for f in findings if f["verdict"] == "warn" and "table sbtest" not in f["sentence"]] == []
    checks = {finding["check"] for finding in findings}
    assert {"topology server", "tablet port", "tablet alias", "status pages", "view from a process", "tablet health", "pool", "clock",
            "primary", "serving graph", "SrvVSchema", "gate's tablets"} <= checks
    documented = (ROOT / "docs/doctor.md").read_text()
    assert [check for check in checks if f"| {check} |" not in documented] == []


def test_what_it_prints(fleet):
    done = tessera("doctor", "--data", fleet.machine.data)
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert re.search(r"^0 faults, \d+ warnings?, \d+ well", done.stdout, re.M)
    few = tessera("doctor", "--data", fleet.machine.data, "--only", "topology", "--verbose").stdout
    assert "cell zone1: a read takes" in few and "ports" not in few
    assert tessera("doctor", "--data", fleet.machine.data, "--only", "port", check=False).returncode == 2
    assert tessera("doctor", "--data", fleet.machine.folder / "nothing", check=False).returncode == 2


def test_any_fleet_by_its_topology(fleet):
    base = fleet.machine.base
    done = tessera("doctor", "--topo-implementation", "etcd2", "--topo-global-server-address", f"127.0.0.1:{base + 50}",
                   "--topo-global-root", "/vitess/global", "--gates", f"127.0.0.1:{base + 1}", "--json")
    subjects = {finding["subject"] for finding in json.loads(done.stdout)["findings"]}
    assert {f"gate 127.0.0.1:{base + 1}", f"tablet {PRIMARY}", "global cell"} <= subjects


def test_the_page_is_no_open_proxy(fleet):
    def ask(address):
        with contextlib.closing(socket.create_connection(("127.0.0.1", fleet.machine.base + 1), 5)) as page:
            page.sendall(f"GET /debug/reach?address={address} HTTP/1.0\r\n\r\n".encode())
            return page.makefile("rb").read().decode()
    assert "200 OK" in ask(f"127.0.0.1:{fleet.machine.base + 1100}")
    assert "403" in ask(f"127.0.0.1:{closed_port()}").splitlines()[0]


def test_a_dead_vttablet(fleet):
    line = fleet.kill("vttablet-zone1-201")
    try:
        only(fleet.faults(), f"tablet port tablet {REPLICA}", "start the vttablet")
    finally:
        fleet.start("vttablet-zone1-201", line)
    fleet.well_again()


def test_a_dead_mysql_server(fleet):
    line = fleet.kill("mariadb-zone1-201")
    try:
        faults = until("its tablet has noticed", lambda: [fault for fault in fleet.faults() if "tablet health" in fault])
        only(faults, f"tablet health tablet {REPLICA}", "does not serve")
        only(fleet.faults(), f"view from a process tablet {PRIMARY}", f"tablet {REPLICA}'s MySQL port", "Connection refused")
    finally:
        fleet.start("mariadb-zone1-201", line)
        fleet.well_again()


def test_an_exhausted_pool(fleet):
    most = 20  # connections of a tablet's transactions
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(fleet.machine.connect("app:-80@primary")).cursor() for _ in range(most)]
        for cursor in held:
            cursor.execute("begin")
            cursor.execute("select count(*) from users")
        waiting = stack.enter_context(fleet.machine.connect("app:-80@primary")).cursor()
        seen = threading.Event()

        def wait():  # the tablet lets it wait for a second, and refuses it then
            while not seen.is_set():
                with contextlib.suppress(pymysql.MySQLError):
                    waiting.execute("begin")
                    waiting.execute("select count(*) from users")
        thread = threading.Thread(target=wait)
        thread.start()
        try:
            faults = until("a statement waits", lambda: fleet.faults("--only", "processes"))
        finally:
            seen.set()
            for cursor in held:
                cursor.execute("rollback")
            thread.join(30)
        only(faults, f"pool tablet {PRIMARY}", f"TransactionPool is exhausted: all {most} connections")
    assert fleet.faults("--only", "processes") == []


def test_a_gate_that_hangs(fleet):
    pid = fleet.pids["vtgate-1"]
    os.kill(pid, signal.SIGSTOP)
    try:
        only(fleet.faults("--patience", "1s"), f"status pages gate 127.0.0.1:{fleet.machine.base + 1}")
    finally:
        os.kill(pid, signal.SIGCONT)


def test_an_expired_certificate(fleet, tmp_path):
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.issue("tablet", dates=("-startdate", "20200101000000Z", "-enddate", "20200201000000Z"))
    line = fleet.kill("vttablet-zone1-201")
    fleet.start("vttablet-zone1-201", [*line, "--grpc-cert", certificate, "--grpc-key", key])
    try:
        port = json.loads(fleet.control("GetTablet", REPLICA))["port_map"]["grpc"]
        until("it listens", lambda: listens(port))
        only(fleet.faults("--tablet-grpc-ca", authority.ca), f"certificate tablet {REPLICA}", "expired on 2020-02-01", "renew it")
        only(fleet.faults(), f"certificate tablet {REPLICA}", "expired on 2020-02-01")
        only(fleet.faults(), f"tablet port tablet {REPLICA}", "speaks TLS")
    finally:
        fleet.kill("vttablet-zone1-201")
        fleet.start("vttablet-zone1-201", line)
    fleet.well_again()


def test_stopped_replication(fleet):
    fleet.sql(REPLICA, "stop slave")
    try:
        faults = fleet.faults("--only", "replication")
        only(faults, f"replica tablet {REPLICA}", "IO thread is stopped", "StartReplication")
        only(faults, f"replica tablet {REPLICA}", "SQL thread is stopped")
    finally:
        fleet.sql(REPLICA, "start slave")
    until("it replicates", lambda: not fleet.faults("--only", "replication"))


def test_a_wrong_replication_password(fleet):
    fleet.sql(REPLICA, "stop slave", "change master to master_password = 'wrong', master_use_gtid = slave_pos", "start slave")
    try:
        until("MariaDB has tried", lambda: "Access denied" in str(fleet.sql(REPLICA, "show slave status")))
        only(fleet.faults("--only", "replication"), f"replica tablet {REPLICA}", "refuses the replication user or its password (1045)",
             "--db-repl-password")
    finally:
        fleet.sql(REPLICA, "stop slave", "change master to master_password = '', master_use_gtid = slave_pos", "start slave")
    until("it replicates", lambda: not fleet.faults("--only", "replication"))


def test_a_replica_that_takes_writes(fleet):
    fleet.sql(REPLICA, "set global read_only = 0")
    try:
        only(fleet.faults("--only", "replication"), f"read_only tablet {REPLICA}", "takes writes")
    finally:
        fleet.sql(REPLICA, "set global read_only = 1")


def test_a_table_dropped_on_one_shard(fleet):
    fleet.sql(PRIMARY, "drop table vt_app.ledger")
    try:
        only(fleet.faults("--only", "schema"), "shard app/-80", "table ledger")
    finally:
        fleet.sql(PRIMARY, "create table vt_app.ledger (id bigint primary key, value varchar(40))")
    assert fleet.faults("--only", "schema") == []


def test_a_stale_srv_vschema(fleet):
    changed = {**APP_VSCHEMA, "tables": {**APP_VSCHEMA["tables"], "late": {"column_vindexes": [{"column": "id", "name": "by_hash"}]}}}
    fleet.control("ApplyVSchema", "--vschema", json.dumps(changed), "--skip-rebuild", "app")
    assert "RebuildVSchemaGraph" in only(fleet.faults("--only", "serving"), "SrvVSchema cell zone1", "of app")
    fleet.control("RebuildVSchemaGraph")
    assert fleet.faults("--only", "serving") == []
    fleet.control("ApplyVSchema", "--vschema", json.dumps(APP_VSCHEMA), "app")


def test_a_stopped_etcd(fleet):
    pid = fleet.pids["etcd"]
    os.kill(pid, signal.SIGSTOP)
    try:
        only(fleet.faults("--patience", "1s"), "topology server global cell", "etcd2 at 127.0.0.1", "start its servers")
    finally:
        os.kill(pid, signal.SIGCONT)
    fleet.well_again()


def test_a_dead_etcd(fleet):
    line = fleet.kill("etcd")
    try:
        only(fleet.faults("--patience", "1s"), "topology server global cell")
    finally:
        fleet.start("etcd", line)
    fleet.well_again()


# Last, because gates that read records meanwhile believe them until they read them again, a minute later.


def test_a_record_with_a_closed_port(fleet):
    port = closed_port()
    with fleet.changed_record(REPLICA, r'(key: "grpc"\s+value:) \d+', rf"\1 {port}"):
        only(fleet.faults("--only", "ports"), f"tablet port tablet {REPLICA}", f"127.0.0.1:{port}", "the port is an old one")


def test_a_record_that_points_to_another_tablet(fleet):
    port = fleet.machine.base + 1100 + 1  # another tablet's
    with fleet.changed_record(REPLICA, r'(key: "grpc"\s+value:) \d+', rf"\1 {port}"):
        faults = fleet.faults("--only", "ports,topology")
        only(faults, f"tablet alias tablet {REPLICA}", f"points to 127.0.0.1:{port}, where tablet zone1-")
        only(faults, "one address")


def test_a_host_without_a_name(fleet):
    with fleet.changed_record(REPLICA, r'\bhostname: "[^"]+"', 'hostname: "no-such-host.invalid"'):
        only(fleet.faults("--only", "ports"), f"tablet port tablet {REPLICA}", "no-such-host.invalid", "DNS")


def test_a_mysql_port_that_only_other_tablets_miss(fleet):
    port = closed_port()
    with fleet.changed_record(PRIMARY, r"mysql_port: \d+", f"mysql_port: {port}"):
        only(fleet.faults("--only", "ports"), f"view from a process tablet {REPLICA}", f"tablet {PRIMARY}'s MySQL port 127.0.0.1:{port}")
