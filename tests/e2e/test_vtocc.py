# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""vtocc before one real MariaDB server: what an application sees that changed its port and nothing else."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

import pymysql
import pytest

from conftest import ROOT, binary, until

USERS = {"ada": [{"Password": "a", "UserData": "ada", "Groups": ["staff"]}], "bob": [{"Password": "b"}]}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A MariaDB server in a folder; it can be killed and started again."""

    def __init__(self, folder):
        self.folder, self.port, self.process = pathlib.Path(folder), free_port(), None
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal",
                        "--skip-test-db"], check=True, capture_output=True)

    def start(self):
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/db.sock", f"--port={self.port}",
             "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=16M", "--skip-log-bin", "--user=" + os.environ.get("USER", "root"),
             f"--log-error={self.folder}/error.log"])
        until("MariaDB answers", lambda: self.answers())

    def answers(self):
        with contextlib.suppress(pymysql.Error):
            self.query("select 1")
            return True

    def query(self, sql, **options):
        with pymysql.connect(unix_socket=f"{self.folder}/db.sock", user="root", autocommit=True, **options) as db, db.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def kill9(self):
        self.process.kill()
        self.process.wait()


class Vtocc:
    def __init__(self, folder, server, *flags, users=USERS):
        self.folder, self.port, self.page_port = pathlib.Path(folder), free_port(), free_port()
        auth = self.folder / "users.json"
        auth.write_text(json.dumps(users))
        self.log = open(self.folder / "vtocc.log", "wb")
        self.process = subprocess.Popen(
            [binary("vtocc"), "--db-host=127.0.0.1", f"--db-port={server.port}", "--db-app-user=app", "--db-app-password=secret",
             "--db-name=shop", f"--mysql-server-port={self.port}", f"--mysql-auth-server-static-file={auth}", f"--port={self.page_port}",
             *flags], stderr=self.log, stdout=self.log)
        until("vtocc listens", self.listens)

    def listens(self):
        assert self.process.poll() is None, self.text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def connect(self, user="ada", database="shop", **options):
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=user[0], database=database, autocommit=True,
                               read_timeout=60, **options)

    def query(self, sql, user="ada", **options):
        with self.connect(user, **options) as db, db.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def error(self, sql, user="ada"):
        with pytest.raises(pymysql.MySQLError) as caught:
            self.query(sql, user)
        return caught.value.args

    def passes(self, sql):
        with contextlib.suppress(pymysql.MySQLError):
            self.query(sql)
            return True

    def answers(self):
        return self.passes("select 1")

    def page(self, path):
        return urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}{path}").read().decode()

    def healthy(self):
        try:
            return self.page("/debug/health") == "ok"
        except urllib.error.HTTPError as refused:
            assert refused.code == 500 and b"connect" in refused.read()
            return False

    def text(self):
        return (self.folder / "vtocc.log").read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.log.close()
        return status


@contextlib.contextmanager
def vtocc(folder, server, *flags, **options):
    proxy = Vtocc(folder, server, *flags, **options)
    try:
        yield proxy
    finally:
        if proxy.process.poll() is None:
            proxy.stop()


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="tessera-vtocc-") as folder:
        server = Server(folder)
        server.start()
        for sql in ("create database shop", "create user app@'%' identified by 'secret'", "grant all on shop.* to app@'%'",
                    "create table shop.t (id int primary key, name varchar(20))",
                    "create table shop.secret (id int primary key, name varchar(20))",
                    "insert into shop.t values (1, 'one'), (2, 'two')", "insert into shop.secret values (1, 'hush')"):
            server.query(sql)
        yield server
        server.kill9()


def test_an_application_changes_its_port(server, tmp_path):
    with vtocc(tmp_path, server) as proxy:
        assert proxy.query("select id, name from t order by id") == ((1, "one"), (2, "two"))
        with proxy.connect() as db, db.cursor() as cursor:
            cursor.execute("create table notes (id int primary key auto_increment, text varchar(40))")
            cursor.execute("insert into notes (text) values (%s)", ("it's",))
            assert cursor.lastrowid == 1 and cursor.rowcount == 1
            db.begin()
            cursor.execute("update notes set text = 'changed'")
            db.rollback()
            cursor.execute("select text from notes")
            assert cursor.fetchall() == (("it's",),)
            cursor.execute("set @a := 5")
            cursor.execute("select @a + 1, database()")
            assert cursor.fetchall() == ((6, "shop"),)
            cursor.execute("show tables")
            assert ("notes",) in cursor.fetchall()
            cursor.execute("drop table notes")
        number, text = proxy.error("insert into t values (1, 'again')")
        assert number == 1062 and "Duplicate entry '1'" in text
        assert proxy.error("select * from nowhere")[0] == 1146
        assert proxy.stop() == 0


def test_a_hundred_clients_share_a_few_connections(server, tmp_path):
    with vtocc(tmp_path, server, "--queryserver-config-pool-size=4", "--loops=2") as proxy:
        with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(100) as pool:
            clients = [stack.enter_context(proxy.connect()) for _ in range(100)]

            def work(client):
                with client.cursor() as cursor:
                    for i in range(20):
                        cursor.execute("select name from t where id = %s", (1 + i % 2,))
                        assert cursor.fetchall() == (("one",) if i % 2 == 0 else ("two",),)

            list(pool.map(work, clients))
            held = server.query("select count(*) from information_schema.processlist where user = 'app'")[0][0]
            assert held <= 4 + 2 * 4, held  # reads, and each loop's own questions
        variables = json.loads(proxy.page("/debug/vars"))
        assert variables["Queries"]["TotalCount"] >= 2000 and variables["ConnPoolCapacity"] == 4
        assert "database shop" in proxy.text() and "Pools" in proxy.page("/debug/status")
        assert proxy.page("/debug/health") == "ok"


def test_rows_are_limited_and_errors_say_so(server, tmp_path):
    with vtocc(tmp_path, server, "--queryserver-config-max-result-size=1") as proxy:
        number, text = proxy.error("select id from t")
        assert number == 1317 and "row count exceeded 1" in text
        assert proxy.query("select id from t limit 1") == ((1,),)


def test_identical_reads_at_one_time_share_a_run(server, tmp_path):
    with vtocc(tmp_path, server, "--loops=1") as proxy, concurrent.futures.ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: proxy.query("select sleep(0.5), count(*) from t"), range(8)))
        assert runs == [((0, 2),)] * 8
        assert json.loads(proxy.page("/debug/vars"))["Consolidations"] >= 1


def test_a_server_that_dies_and_comes_back(server, tmp_path):
    with vtocc(tmp_path, server) as proxy:
        with proxy.connect() as db, db.cursor() as cursor:
            cursor.execute("select 1")
            server.kill9()
            until("vtocc notices", lambda: not proxy.healthy())
            with pytest.raises(pymysql.MySQLError) as caught:
                cursor.execute("select id from t")
            assert f"127.0.0.1:{server.port}" in str(caught.value)
            server.start()
            until("vtocc serves again", proxy.answers)
            cursor.execute("select count(*) from t")  # the same client connection
            assert cursor.fetchall() == ((2,),)


def test_it_starts_before_its_server(server, tmp_path):
    server.kill9()
    try:
        with vtocc(tmp_path, server) as proxy:
            until("errors name the server", lambda: f"127.0.0.1:{server.port}" in proxy.error("select id from t")[1])
            until("the log names the server", lambda: f"127.0.0.1:{server.port}" in proxy.text())
            until("the page says so", lambda: not proxy.healthy())
            server.start()
            until("vtocc serves", proxy.answers)
    finally:
        if server.process.poll() is not None:
            server.start()


def test_sigterm_lets_clients_finish(server, tmp_path):
    with vtocc(tmp_path, server) as proxy:
        answers = []
        started = threading.Event()

        def slow():
            with proxy.connect() as db, db.cursor() as cursor:
                started.set()
                cursor.execute("select sleep(1)")
                answers.append(cursor.fetchall())

        client = threading.Thread(target=slow)
        client.start()
        started.wait()
        until("the statement runs", lambda: server.query(
            "select count(*) from information_schema.processlist where info like 'select sleep(1)%'")[0][0])
        assert proxy.stop() == 0
        client.join()
        assert answers == [((0,),)]


def test_words_that_are_wrong(server, tmp_path):
    def refused(*flags):
        done = subprocess.run([binary("vtocc"), *flags], capture_output=True, text=True, timeout=30)
        assert done.returncode == 2
        return done.stderr

    assert "--db-name is missing" in refused("--mysql-server-port=1")
    assert "--mysql-server-port" in refused("--db-name=shop", "--db-host=127.0.0.1")
    assert "--db-socket" in refused("--db-name=shop", "--mysql-server-port=1")
    assert "no users are named" in refused("--db-name=shop", "--mysql-server-port=1", "--db-host=127.0.0.1")


def test_query_rules_hold_and_change_with_their_file(server, tmp_path):
    rules = tmp_path / "rules.json"

    def write(*new):
        rules.write_text(json.dumps(new))

    write({"Name": "no-scans", "Description": "no scans of t", "Query": "select \\* from t", "Action": "FAIL"},
          {"Name": "bob", "Description": "bob only reads", "User": "bob", "Plans": ["Insert", "Update", "Delete"], "Action": "FAIL_RETRY"},
          {"Name": "batch", "Description": "no batch jobs", "LeadingComment": ".*batch.*", "Action": "FAIL"},
          {"Name": "ids", "Description": "no high ids", "TableNames": ["t"], "Action": "FAIL",
           "BindVarConds": [{"Name": "vtg1", "OnAbsent": False, "OnMismatch": False, "Operator": ">", "Value": 100}]},
          {"Name": "far", "Description": "far away", "RequestIP": "10\\..*", "Action": "FAIL"})
    with vtocc(tmp_path, server, f"--filecustomrules={rules}") as proxy:
        number, text = proxy.error("select * from t")
        assert number == 1105 and "disallowed due to rule: no scans of t (CallerID: ada)" in text
        assert proxy.query("select id from t where id = 1") == ((1,),)
        assert "bob only reads" in proxy.error("update t set name = 'x' where id = 1", "bob")[1]
        assert proxy.query("select id from t where id = 2", "bob") == ((2,),)
        assert "no batch jobs" in proxy.error("/* batch */ select id from t where id = 1")[1]
        assert "no high ids" in proxy.error("select id from t where id = 101")[1]
        assert proxy.query("select id from t where id = 99") == ()
        with proxy.connect() as db, db.cursor() as cursor:  # in transactions, with settings and streamed as well
            db.begin()
            with pytest.raises(pymysql.MySQLError, match="no scans"):
                cursor.execute("select * from t")
            db.rollback()
            cursor.execute("set sql_safe_updates = 1")
            with pytest.raises(pymysql.MySQLError, match="no scans"):
                cursor.execute("select * from t")
            cursor.execute("set workload = olap")
            with pytest.raises(pymysql.MySQLError, match="no scans"):
                cursor.execute("select * from t")
        write({"Description": "wait", "Query": "select \\* from t", "Action": "BUFFER"})
        until("the new rules hold", lambda: proxy.passes("select id from t where id = 101"))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(proxy.query, "select * from t")
            until("it is held", lambda: json.loads(proxy.page("/debug/vars"))["QueryRules"]["Buffered"] >= 1)
            assert not waiting.done()
            rules.write_text("[{]")  # nothing changes
            until("the log says so", lambda: "the query rules stay as they were" in proxy.text())
            assert not waiting.done()
            write()
            assert waiting.result(30) == ((1, "one"), (2, "two"))


def test_a_rules_file_that_is_wrong_is_named_at_start(server, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text('[{"Name": "r", "Action": "STOP"}]')
    done = subprocess.run([binary("vtocc"), "--db-host=127.0.0.1", "--db-name=shop", "--mysql-server-port=0", "--mysql-auth-server-impl=none",
                           f"--filecustomrules={rules}"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and str(rules) in done.stderr and "rule r: Action 'STOP'" in done.stderr


ACL = {"table_groups": [
    {"name": "open", "table_names_or_prefixes": ["t", "log_%"], "readers": ["ada", "bob"], "writers": ["staff"], "admins": ["staff"]},
    {"name": "kept", "table_names_or_prefixes": ["secret"], "readers": ["boss"]}]}


def test_table_acl(server, tmp_path):
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps(ACL))
    with vtocc(tmp_path, server, f"--table-acl-config={acl}", "--queryserver-config-strict-table-acl", "--enforce-tableacl-config") as proxy:
        assert proxy.query("select id from t where id = 1", "bob") == ((1,),)
        number, text = proxy.error("insert into t values (9, 'nine')", "bob")
        assert number == 1045
        assert "Insert command denied to user 'bob' for table 't' (ACL check error) (CallerID: bob)" in text
        assert "in groups [staff], for table 'secret' (ACL check error)" in proxy.error("select * from secret")[1]
        for sneaky in ("select * from t where id in (select id from secret)", "with x as (select * from secret) select * from x",
                       "insert into t select * from secret", "create table log_1 as select * from secret", "explain select * from secret",
                       "select * from t union select * from secret", "with secret as (select * from secret) select * from secret"):
            assert "for table 'secret'" in proxy.error(sneaky)[1], sneaky
        proxy.query("create table log_2 (id int)")
        proxy.query("insert into log_2 values (1)")
        assert "DDL command denied to user 'bob' for table 'log_2'" in proxy.error("drop table log_2", "bob")[1]
        proxy.query("drop table log_2")
        assert proxy.query("select 1", "bob") == ((1,),)
        assert json.loads(proxy.page("/debug/vars"))["TableACLDenied"] >= 9

        ACL["table_groups"][1]["readers"] = ["staff"]
        acl.write_text(json.dumps(ACL))
        assert "denied" in proxy.error("select * from secret")[1]
        proxy.process.send_signal(signal.SIGHUP)
        until("the new table ACL holds", lambda: "of 2 groups holds" in proxy.text().split("listens")[1])
        assert proxy.query("select name from secret") == (("hush",),)


def test_table_acl_that_is_not_strict_and_one_that_is_wrong(server, tmp_path):
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps(ACL))
    with vtocc(tmp_path, server, f"--table-acl-config={acl}", "--queryserver-config-strict-table-acl",
               "--queryserver-config-enable-table-acl-dry-run") as proxy:
        assert proxy.query("select name from secret", "bob") == (("hush",),)
        assert json.loads(proxy.page("/debug/vars"))["TableACLPseudoDenied"] == 1
    with vtocc(tmp_path, server, f"--table-acl-config={acl}", "--queryserver-config-strict-table-acl",
               "--queryserver-config-acl-exempt-acl=bob", "--table-acl-config-reload-interval=50ms") as proxy:
        assert proxy.query("select name from secret", "bob") == (("hush",),)
        acl.write_text('{"table_groups": []}')
        until("the empty table ACL holds", lambda: "of 0 groups holds" in proxy.text())
        assert "denied" in proxy.error("select id from t")[1]
    acl.write_text("{}")
    done = subprocess.run([binary("vtocc"), "--db-host=127.0.0.1", "--db-name=shop", "--mysql-server-port=0", "--mysql-auth-server-impl=none",
                           f"--table-acl-config={acl}", "--enforce-tableacl-config"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and str(acl) in done.stderr and "table_groups is missing" in done.stderr


def test_vttablet_opens_the_same_door(server, shop):
    """One shard of a sharded keyspace: its clients see the rows of this tablet, in a database of the keyspace's name."""
    with tempfile.TemporaryDirectory(prefix="tessera-vtocc-") as folder:
        topology = shop.data / "topo"
        rules = pathlib.Path(folder) / "rules.json"
        rules.write_text('[{"Description": "never", "Query": "select 13 from dual", "Action": "FAIL"}]')
        port, log = free_port(), open(pathlib.Path(folder) / "log", "wb")
        tablet = subprocess.Popen(
            [binary("vttablet"), "--tablet-path=zone1-900100", "--init-keyspace=ks", "--init-shard=-80", "--init-tablet-type=primary",
             "--unmanaged", "--db-host=127.0.0.1", f"--db-port={server.port}", "--db-app-user=app", "--db-app-password=secret",
             "--db-dba-user=app", "--db-dba-password=secret", "--init-db-name-override=shop", f"--grpc-port={free_port()}",
             f"--topo-global-server-address={topology}", f"--mysql-server-port={port}", "--mysql-auth-server-impl=none",
             f"--filecustomrules={rules}"], stderr=log, stdout=log)
        try:
            def query(sql):
                with pymysql.connect(host="127.0.0.1", port=port, user="eve", database="ks", autocommit=True) as db, db.cursor() as cursor:
                    cursor.execute(sql)
                    return cursor.fetchall()

            def answers():
                assert tablet.poll() is None, (pathlib.Path(folder) / "log").read_text()
                with contextlib.suppress(pymysql.MySQLError):
                    return query("select count(*) from t") == ((2,),)

            until("the tablet answers", answers)
            assert query("select name from t where id = 2") == (("two",),)
            assert ("ks",) in query("show databases")
            with pytest.raises(pymysql.MySQLError, match=r"disallowed due to rule: never \(CallerID: eve\)"):
                query("select 13")
        finally:
            tablet.terminate()
            status = tablet.wait(30)
            log.close()
        assert status == 0


def test_users_and_the_acl_are_read_again_at_one_signal(server, tmp_path):
    acl = tmp_path / "acl.json"
    everyone = {"name": "all", "table_names_or_prefixes": ["%"], "readers": ["ada", "cyd"], "writers": [], "admins": []}
    acl.write_text(json.dumps({"table_groups": [everyone]}))
    with vtocc(tmp_path, server, f"--table-acl-config={acl}", "--queryserver-config-strict-table-acl") as proxy:
        with proxy.connect() as stays, stays.cursor() as cursor:
            with pytest.raises(pymysql.MySQLError):
                proxy.query("select 1", "cyd")
            (proxy.folder / "users.json").write_text(json.dumps({**USERS, "cyd": [{"Password": "c"}]}))
            acl.write_text(json.dumps({"table_groups": [{**everyone, "readers": ["cyd"]}]}))
            proxy.process.send_signal(signal.SIGHUP)

            def knows_cyd():
                with contextlib.suppress(pymysql.MySQLError):
                    return proxy.query("select id from t where id = 1", "cyd") == ((1,),)

            until("cyd may log in", knows_cyd)
            with pytest.raises(pymysql.MySQLError) as error:
                cursor.execute("select id from t where id = 1")  # still logged in, and no reader any more
            assert error.value.args[0] == 1045 and "denied" in error.value.args[1], error.value
