# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input and bad days: one clear error each, nothing hangs, nothing acknowledged is lost."""

import contextlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time

import pymysql
import pytest

from conftest import binary, running, spec, tessera, until


def error_of(machine, sql, database="app"):
    with pytest.raises(pymysql.err.MySQLError) as refused:
        machine.query(sql, database)
    return refused.value.args


def until_answered(machine, sql):
    def answer():
        with contextlib.suppress(pymysql.err.MySQLError):
            return machine.query(sql)

    return until("all shards answer", answer)


def test_names_that_do_not_exist(shop):
    with pytest.raises(pymysql.err.MySQLError) as refused:
        shop.connect("nosuch")
    assert refused.value.args[0] == 1049 and "nosuch" in refused.value.args[1]
    assert error_of(shop, "use nosuch")[0] == 1049
    assert error_of(shop, "select * from nosuch")[0] == 1146
    assert error_of(shop, "select nosuch from users")[0] == 1054
    assert error_of(shop, "select 1 from lookup.nosuch")[0] == 1146


def test_text_that_is_no_sql(shop):
    errno, message = error_of(shop, "select * form users")
    assert errno == 1064 and "near 'form'" in message
    assert error_of(shop, "select '\0 \xff")[0] == 1064
    assert error_of(shop, "select " + "(" * 5000 + "1" + ")" * 5000)[0] in (1064, 1436)
    assert shop.query("select 1") == ((1,),)


def test_a_vschema_with_an_unknown_vindex_changes_nothing(shop, tmp_path):
    before = tessera("vschema", "--data", shop.data, "app").stdout
    bad = json.loads(before)
    bad["vindexes"]["odd"] = {"type": "no_such_vindex"}
    bad["tables"]["users"]["column_vindexes"] = [{"column": "id", "name": "odd"}]
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(bad))
    refused = tessera("vschema", "--data", shop.data, "app", file, check=False)
    assert refused.returncode == 1 and "no_such_vindex" in refused.stderr
    file.write_text('{"sharded": tru')
    refused = tessera("vschema", "--data", shop.data, "app", file, check=False)
    assert refused.returncode == 1 and "JSON" in refused.stderr
    assert tessera("vschema", "--data", shop.data, "app").stdout == before


def test_bytes_of_chance_on_every_port_end_their_connection_only(shop):
    chance = random.Random(4711)
    ports = [port for service in shop.status()["services"] if not service["name"].startswith("mariadb") for port in service["ports"]]
    assert shop.gate_port in ports
    for port in ports:
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", port), 5) as stream:
                stream.settimeout(10)
                try:
                    stream.sendall(chance.randbytes(chance.randrange(1, 4000)))
                    stream.shutdown(socket.SHUT_WR)
                    while stream.recv(65536):
                        pass
                except TimeoutError:
                    pytest.fail(f"port {port}: the connection hangs")
                except OSError:  # it was ended at once: well done
                    pass
    assert all(service["restarts"] == 0 for service in shop.status()["services"])
    assert shop.query("select 1") == ((1,),)


def login(port):
    """A connection with the greeting read and a login sent: what follows is ours to spoil."""
    stream = socket.create_connection(("127.0.0.1", port), 5)
    stream.settimeout(10)
    stream.recv(4096)
    capabilities = 0x00000200 | 0x00008000 | 0x00080000 | 0x00000001
    body = (capabilities.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23) +
            b"test\0" + b"\0" + b"mysql_native_password\0")
    stream.sendall(len(body).to_bytes(3, "little") + b"\x01" + body)
    stream.recv(4096)
    return stream


def errno_in(packet):
    assert packet[4] == 0xFF, packet
    return int.from_bytes(packet[5:7], "little")


def test_a_packet_that_claims_too_much_and_one_out_of_step(shop):
    with login(shop.gate_port) as stream:
        stream.sendall(b"\xff\xff\xff\x00" * 3)  # 16 MB promised, and then nonsense where the next should be
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65536):
            pass
    with login(shop.gate_port) as stream:
        stream.sendall(b"\x09\x00\x00\x07\x03select 1")
        assert errno_in(stream.recv(65536)) == 1156  # packets out of order
        assert stream.recv(1) == b""
    with login(shop.gate_port) as stream:
        promised = 80 << 20
        with contextlib.suppress(ConnectionError):
            for number in range(promised // 0xFFFFFF):
                stream.sendall(b"\xff\xff\xff" + bytes([number]) + (b"\x03" if number == 0 else b"s") + b" " * 0xFFFFFE)
        assert errno_in(stream.recv(65536)) == 1153  # larger than max_allowed_packet
    assert shop.query("select 1") == ((1,),)


def test_an_alias_that_serves_already_is_refused(shop):
    tablet = next(s for s in shop.status()["services"] if s["name"] == "vttablet-zone1-200")
    command = pathlib.Path(f"/proc/{tablet['pid']}/cmdline").read_text().split("\0")[:-1]
    command[command.index("--grpc-port") + 1] = str(shop.base + 70)
    command[command.index("--port") + 1] = str(shop.base + 71)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "tablet zone1-0000000200 runs already" in done.stderr and "--tablet-path" in done.stderr


def test_a_killed_query_server_gives_an_error_and_comes_back():
    with running(spec(replicas=0, durable=True)) as machine:
        machine.query("insert into users (id, name) values (1, 'a'), (8, 'b')")
        for victim in ("vttablet-zone1-200", "mariadb-zone1-200"):
            outcome = {}

            def slow():
                start = time.monotonic()
                try:
                    machine.query("select sleep(20) from users where id = 8", "app:-80")
                except pymysql.err.MySQLError as refused:
                    outcome["error"] = refused.args
                outcome["seconds"] = time.monotonic() - start

            thread = threading.Thread(target=slow)
            thread.start()
            server_side = "select count(*) from information_schema.processlist where info like 'select sleep(20)%'"
            socket_file = str(machine.data / "vt_0000000200" / "mysql.sock")

            def runs():
                with pymysql.connect(unix_socket=socket_file, user="vt_dba") as direct, direct.cursor() as cursor:
                    cursor.execute(server_side)
                    return cursor.fetchone()[0]

            until("the query runs", runs)
            with machine.connect("app") as connection, connection.cursor() as cursor:
                cursor.execute("begin")
                cursor.execute("update users set name = 'lost' where id = 8")
                machine.kill9(victim)
                with pytest.raises(pymysql.err.MySQLError):
                    cursor.execute("update users set name = 'lost too' where id = 8")
                    cursor.execute("commit")
            thread.join(30)
            assert not thread.is_alive() and outcome["seconds"] < 19, outcome
            errno, message = outcome["error"]
            # Lost on its way, or lost when a connection that was gone had been opened anew.
            assert errno in {"vttablet-zone1-200": [1105], "mariadb-zone1-200": [2013, 2002]}[victim] and "app.-80.primary" in message, outcome

            assert until_answered(machine, "select id, name from users order by id") == ((1, "a"), (8, "b"))


class Writers:
    """Clients that write as fast as they are answered, and remember what they were told is kept."""

    def __init__(self, machine):
        self.machine = machine
        self.stop = threading.Event()
        self.acknowledged, self.failures = set(), []
        work = [self.one_by_one, self.one_by_one, self.two_a_transaction, self.two_a_transaction]
        self.threads = [threading.Thread(target=self.run, args=(client, write)) for client, write in enumerate(work, 1)]
        for thread in self.threads:
            thread.start()

    def run(self, client, write):
        keys = iter(range(client * 1_000_000, (client + 1) * 1_000_000))
        while not self.stop.is_set():
            try:
                with self.machine.connect("app", read_timeout=40) as connection, connection.cursor() as cursor:
                    while not self.stop.is_set():
                        write(cursor, keys)
            except pymysql.err.MySQLError as refused:
                self.failures.append(refused.args)
                time.sleep(0.01)  # not to spin while the gate is away

    def one_by_one(self, cursor, keys):
        key = next(keys)
        cursor.execute("insert into ledger (id, value) values (%s, 'kept')", (key,))
        self.acknowledged.add(key)

    def two_a_transaction(self, cursor, keys):
        pair = next(keys), next(keys)  # of two shards, half the time
        cursor.execute("begin")
        for key in pair:
            cursor.execute("insert into ledger (id, value) values (%s, 'kept')", (key,))
        cursor.execute("commit")
        self.acknowledged.update(pair)

    def go_on(self):
        seen = len(self.acknowledged)
        until("writes go on", lambda: len(self.acknowledged) > seen + 50)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()


class Reader:
    """Asks one shard all the time; another shard's trouble must not be seen."""

    def __init__(self, machine, target):
        self.stop, self.answers = threading.Event(), []
        self.thread = threading.Thread(target=self.run, args=(machine, target))
        self.thread.start()

    def run(self, machine, target):
        with machine.connect(target, read_timeout=10) as connection, connection.cursor() as cursor:
            while not self.stop.is_set():
                try:
                    cursor.execute("select count(*) from countries")
                    self.answers.append(cursor.fetchone()[0])
                except pymysql.err.MySQLError as refused:
                    self.answers.append(refused.args)
                    return

    def end(self):
        self.stop.set()
        self.thread.join(30)
        return self.answers


def told_of_a_kill(args):
    """The gate names the shard that failed; only its own end is told by the client's library."""
    errno, message = args
    if "target: app." in message:
        return errno in (1105, 2002, 2006, 2013)
    return errno in (2003, 2013) and message.startswith(("Can't connect to MySQL server", "Lost connection"))


def test_nothing_acknowledged_is_lost_when_each_process_is_killed():
    with running(spec(topology="etcd", replicas=0, durable=True)) as machine:
        writers = Writers(machine)
        for service in machine.status()["services"]:
            name = service["name"]
            writers.go_on()
            until_answered(machine, "select count(*) from users")
            other = {"200": "app:80-", "300": "app:-80"}.get(name.rpartition("-")[2], "app:-80")
            reader = Reader(machine, other) if name != "vtgate-1" else None
            machine.kill9(name)
            if reader:
                answers = reader.end()
                assert len(answers) > 20 and set(answers) == {2}, (name, set(answers))
        writers.go_on()
        writers.end()
        stored = set()
        for shard in ("app:-80", "app:80-"):
            with machine.connect(shard) as connection, connection.cursor(pymysql.cursors.SSCursor) as cursor:
                cursor.execute("set workload = 'olap'")
                cursor.execute("select id from ledger")
                stored |= {row[0] for row in cursor}
        lost = writers.acknowledged - stored
        assert not lost, f"lost {len(lost)} of {len(writers.acknowledged)}"
        unexpected = [args for args in writers.failures if not told_of_a_kill(args)]
        assert writers.failures and not unexpected, unexpected[:5]


class Sysbench:
    """A load that starts its transactions anew when they fail, as applications do."""

    def __init__(self, machine):
        self.command = ["sysbench", "oltp_read_write", "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={machine.gate_port}",
                        "--mysql-user=test", "--mysql-db=app", "--db-ps-mode=disable", "--tables=2", "--table-size=2000", "--auto-inc=off",
                        "--rand-type=uniform", "--threads=4", "--time=600", "--report-interval=1", "--mysql-ignore-errors=all"]
        subprocess.run([*self.command, "prepare"], check=True, capture_output=True, timeout=120)
        self.good_seconds = 0
        self.process = subprocess.Popen([*self.command, "run"], stdout=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            found = re.search(r"tps: ([0-9.]+) ", line)
            self.good_seconds += bool(found and float(found[1]) > 0)

    def go_on(self):
        seen = self.good_seconds
        until("transactions go on", lambda: self.good_seconds > seen + 1)
        assert self.process.poll() is None

    def end(self):
        self.process.kill()
        self.process.wait()
        self.thread.join(10)


def test_sysbench_goes_on_when_each_process_behind_the_gate_is_killed():
    with running(spec(topology="etcd", replicas=0)) as machine:
        load = Sysbench(machine)
        try:
            for service in machine.status()["services"]:
                load.go_on()
                if not service["name"].startswith("vtgate"):  # sysbench does not connect again
                    machine.kill9(service["name"])
            load.go_on()
        finally:
            load.end()


def test_serving_goes_on_without_etcd():
    with running(spec(topology="etcd", replicas=0)) as machine:
        supervisor = machine.status()["supervisor"]
        os.kill(supervisor, signal.SIGSTOP)  # so that nobody starts etcd again
        try:
            os.kill(machine.pid("etcd"), signal.SIGKILL)
            for key in range(20):
                machine.query(f"insert into ledger (id, value) values ({key}, 'x')")
            assert machine.query("select count(*) from ledger") == ((20,),)
            changed = machine.folder / "changed.json"
            changed.write_text('{"sharded": false}')
            for words in (["app"], ["app", changed]):
                refused = tessera("vschema", "--data", machine.data, *words, check=False)
                assert refused.returncode == 1 and str(machine.base + 50) in refused.stderr
        finally:
            os.kill(supervisor, signal.SIGCONT)
        until("etcd comes back", lambda: tessera("vschema", "--data", machine.data, "app", check=False).returncode == 0)
        assert json.loads(tessera("vschema", "--data", machine.data, "app").stdout)["sharded"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
def test_a_topology_on_a_full_disk_says_so_and_serving_goes_on(tmp_path):
    from conftest import Machine, make_tables
    machine = Machine(tmp_path, spec(replicas=0))
    disk = machine.data / "topo"
    disk.mkdir(parents=True)
    (machine.data / "cluster.yaml").write_text(machine.spec_file.read_text())
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip("mount is not allowed here: " + mounted.stderr.strip())
    try:
        tessera("up", "--data", machine.data)
        make_tables(machine)
        before = tessera("vschema", "--data", machine.data, "app").stdout
        filler = disk / "filler"
        file = os.open(filler, os.O_CREAT | os.O_WRONLY)
        with pytest.raises(OSError):
            while True:
                os.write(file, bytes(4096))
        os.close(file)
        big = json.loads(before)
        big["tables"].update({f"t{i}": {"type": "reference"} for i in range(500)})
        change = tmp_path / "big.json"
        change.write_text(json.dumps(big))
        refused = tessera("vschema", "--data", machine.data, "app", change, check=False)
        assert refused.returncode == 1 and "No space left on device" in refused.stderr, refused.stderr
        assert tessera("vschema", "--data", machine.data, "app").stdout == before
        assert machine.query("select count(*) from users") == ((0,),)
        filler.unlink()
        tessera("vschema", "--data", machine.data, "app", change)
    finally:
        machine.down()
        subprocess.run(["umount", disk], check=False)
