# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Connections of the gate by their ids: CONNECTION_ID(), SHOW PROCESSLIST, KILL, and the version that clients are shown."""

import contextlib
import subprocess
import threading
import time

import pymysql
import pytest

from conftest import running, spec, until
from test_sessions import ONE_SERVER, server_socket

USERS = '{"ada": [{"Password": ""}], "bob": [{"Password": ""}], "root": [{"Password": ""}]}'


@pytest.fixture(scope="module", params=["one server", "two shards"])
def place(request):
    """A cluster, and the keyspace to use."""
    if request.param == "one server":
        with running(ONE_SERVER, tables=False) as machine:
            yield machine, "one"
    else:
        with running(spec(replicas=0)) as machine:
            yield machine, "app"


def ask(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def processes(connection, full=False):
    return {row[0]: row for row in ask(connection, f"show {'full ' if full else ''}processlist")}


class Running:
    """A statement that runs in another thread; `error` is what became of it."""

    def __init__(self, connection, sql):
        self.error = self.rows = None
        self.thread = threading.Thread(target=self._run, args=(connection, sql))
        self.thread.start()

    def _run(self, connection, sql):
        try:
            self.rows = ask(connection, sql)
        except pymysql.MySQLError as error:
            self.error = error.args

    def end(self):
        self.thread.join(30)
        assert not self.thread.is_alive()


def until_runs(watcher, connection, word):
    def runs():
        text = processes(watcher).get(connection.thread_id(), (None,) * 8)[7]
        return text and word in text
    until("the statement runs", runs)


@pytest.mark.parametrize("attached", [False, True])
def test_a_connection_has_the_id_of_its_greeting(place, attached):
    machine, keyspace = place
    if attached and keyspace == "app":
        keyspace = "app:-80"
    with machine.connect(keyspace) as client:
        if attached:
            ask(client, "create temporary table mine (a int)")
        assert ask(client, "select connection_id()") == ((client.thread_id(),),)
        assert ask(client, "select @@pseudo_thread_id in (0, connection_id())") == ((1,),) or attached
        with client.cursor() as cursor:
            cursor.execute("select connection_id(), 'x'")
            assert cursor.description[0][0].lower() == "connection_id()"


def test_the_list_of_processes_shows_who_does_what(place):
    machine, keyspace = place
    with machine.connect(keyspace) as watcher, machine.connect(keyspace) as busy, machine.connect() as idle:
        sleeper = Running(busy, "select sleep(3), '" + "é" * 200 + "'")
        until_runs(watcher, busy, "sleep")
        rows = processes(watcher)
        assert rows[watcher.thread_id()][1:2] + rows[watcher.thread_id()][3:5] == ("test", keyspace, "Query")
        assert rows[watcher.thread_id()][7] == "show processlist"
        assert rows[watcher.thread_id()][2].startswith("127.0.0.1:")
        assert rows[idle.thread_id()][3:5] == (None, "Sleep") and rows[idle.thread_id()][7] is None
        short, whole = rows[busy.thread_id()][7], processes(watcher, full=True)[busy.thread_id()][7]
        assert len(short.encode()) <= 100 and whole.startswith(short) and len(whole) > 200
        sleeper.end()
        assert sleeper.error is None
        until("it sleeps again", lambda: processes(watcher)[busy.thread_id()][4] == "Sleep")


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("how", ["statement", "expression"])
def test_a_query_is_killed_and_its_connection_lives_on(place, attached, how):
    machine, keyspace = place
    if attached and keyspace == "app":
        keyspace = "app:-80"
    with machine.connect(keyspace) as killer, machine.connect(keyspace) as victim:
        if attached:
            ask(victim, "create temporary table mine (a int)")
        sleeper = Running(victim, "select sleep(60)")
        until_runs(killer, victim, "sleep")
        began = time.monotonic()
        ask(killer, f"kill query {victim.thread_id()}" if how == "statement" else f"kill query {victim.thread_id()} + 0")
        sleeper.end()
        assert time.monotonic() - began < 10
        assert sleeper.error == (1317, "Query execution was interrupted")
        assert ask(victim, "select connection_id()") == ((victim.thread_id(),),)
        for socket in machine.data.glob("vt_*/mysql.sock"):
            with pymysql.connect(unix_socket=str(socket), user="vt_dba") as plain:
                until("the server has ended it", lambda: not ask(
                    plain, "select 1 from information_schema.processlist where info like '%sleep(60)%' and id <> connection_id()"))


def test_a_transaction_outlives_a_killed_query(place):
    machine, keyspace = place
    table = "t" if keyspace == "one" else "ledger"
    with machine.connect(keyspace) as killer, machine.connect(keyspace) as victim:
        if keyspace == "one":
            ask(victim, "create table if not exists t (id bigint primary key, value varchar(40))")
        ask(victim, "begin")
        ask(victim, f"insert into {table} (id, value) values (71001, 'kept')")
        sleeper = Running(victim, f"select sleep(60) from {table} where id = 71001")
        until_runs(killer, victim, "sleep")
        ask(killer, f"kill query {victim.thread_id()}")
        sleeper.end()
        assert sleeper.error[0] == 1317
        assert ask(victim, f"select value from {table} where id = 71001") == (("kept",),)
        ask(victim, "rollback")
        assert ask(victim, f"select value from {table} where id = 71001") == ()


def test_a_connection_is_killed(place):
    machine, keyspace = place
    for sql in ("kill {}", "kill connection {}"):
        with machine.connect(keyspace) as killer, contextlib.closing(machine.connect(keyspace)) as victim:
            sleeper = Running(victim, "select sleep(60)")
            until_runs(killer, victim, "sleep")
            ask(killer, sql.format(victim.thread_id()))
            sleeper.end()
            assert sleeper.error[0] in (1317, 2013)
            until("it has gone", lambda: victim.thread_id() not in processes(killer))
            with pytest.raises(pymysql.MySQLError):
                ask(victim, "select 1")


def test_commands_of_the_protocol_do_the_same(place):
    machine, keyspace = place
    with machine.connect(keyspace) as killer, contextlib.closing(machine.connect(keyspace)) as victim:
        killer.kill(victim.thread_id())  # COM_PROCESS_KILL
        until("it has gone", lambda: victim.thread_id() not in processes(killer))
        listing = subprocess.run(["mariadb-admin", "--no-defaults", "-h127.0.0.1", f"-P{machine.gate_port}", "-utest", "processlist"],
                                 capture_output=True, text=True, timeout=30)
        assert f"| {killer.thread_id()} " in listing.stdout, listing.stderr


def test_what_cannot_be_killed_is_said_as_mysql_says_it(place):
    machine, keyspace = place
    with contextlib.closing(machine.connect(keyspace)) as client:
        for sql in ("kill 4000000000", "kill query 4000000000"):
            with pytest.raises(pymysql.MySQLError) as refused:
                ask(client, sql)
            assert refused.value.args == (1094, "Unknown thread id: 4000000000")
        with pytest.raises(pymysql.MySQLError) as killed:
            ask(client, "kill query connection_id()")
        assert killed.value.args[0] == 1317
        assert ask(client, "select 1") == ((1,),)
        with pytest.raises(pymysql.MySQLError) as killed:
            ask(client, "kill connection_id()")
        assert killed.value.args == (1927, "Connection was killed")
        with pytest.raises(pymysql.MySQLError):
            ask(client, "select 1")


def test_a_killed_statement_of_a_pool_leaves_the_next_one_alone(place):
    """A kill that comes when the statement has just ended must not meet the next one."""
    machine, keyspace = place
    with machine.connect(keyspace) as killer, machine.connect(keyspace) as victim:
        for _ in range(50):
            ask(killer, f"kill query {victim.thread_id()}")
            assert ask(victim, "select 1") == ((1,),)


def test_the_servers_version_is_told(place):
    machine, keyspace = place
    with pymysql.connect(unix_socket=str(server_socket(machine)), user="vt_dba") as plain, machine.connect(keyspace) as client:
        version = ask(plain, "select version()")
        assert "MariaDB" in version[0][0]
        assert ask(client, "select version()") == ask(client, "select @@version") == version
        assert ask(client, "show variables like 'version'")[0][1] == version[0][0]
        assert client.get_server_info() == plain.get_server_info()


def test_databases_like_a_pattern_head_their_column_as_the_server_does(place):
    machine, keyspace = place
    with machine.connect(keyspace) as client, client.cursor() as cursor:
        cursor.execute("show databases like 'o%'")
        assert cursor.description[0][0] == "Database (o%)"


def test_users_kill_their_own_only(tmp_path):
    from gates import gate
    flags = ("--mysql-auth-server-static-string=" + USERS, "--mysql-server-process-managers=root")
    with gate(tmp_path, *flags, auth=("--mysql-auth-server-impl=static",)) as door:
        with door.connect(user="ada") as ada, door.connect(user="bob") as bob, door.connect(user="root") as root:
            assert set(processes(ada)) == {ada.thread_id()}
            assert set(processes(root)) == {ada.thread_id(), bob.thread_id(), root.thread_id()}
            with pytest.raises(pymysql.MySQLError) as refused:
                ask(ada, f"kill {bob.thread_id()}")
            assert refused.value.args[0] == 1095 and f"You are not owner of thread {bob.thread_id()}" in refused.value.args[1]
            ask(root, f"kill {bob.thread_id()}")
            until("bob has gone", lambda: bob.thread_id() not in processes(root))
            with pytest.raises(pymysql.MySQLError):
                ask(ada, "kill user bob")
            ask(root, "kill user ada")
            until("ada has gone", lambda: set(processes(root)) == {root.thread_id()})
            # A gate without tablets cannot know what the servers are.
            assert ask(root, "show databases")
            assert root.get_server_info() == "8.4.6-Tessera"


def test_the_operators_version_stands(tmp_path):
    from gates import gate
    with gate(tmp_path, "--mysql-server-version=10.11.1-MariaDB-mine") as door, door.connect() as client:
        assert client.get_server_info() == "5.5.5-10.11.1-MariaDB-mine"
