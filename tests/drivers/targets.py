# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The two servers that a suite is run against: a plain MariaDB, and a gate over unsharded keyspaces.

Both keep their rows in servers that `mysqlctl` configured, so what differs between them is the gate's doing."""

import contextlib
import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pymysql

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cluster import Database, binary, free_port

PLAIN, GATE = "MariaDB", "gate"
# Ports that `tessera up` takes, counted from its base.
GATE_OFFSET, PORT_SPAN = 306, 2400
SYSTEM_DATABASES = ("mysql", "information_schema", "performance_schema", "sys", "mtr", "_vt")


@dataclasses.dataclass
class Wishes:
    """What a suite wants of both servers beyond what `mysqlctl` gives them: `settings`, lines for [mysqld];
    `environment`, variables the processes are started with; `all_rights`: the gate's statements run as the servers'
    `root`, as those of MariaDB's clients do, so that what differs is not a right."""
    settings: tuple = ()
    environment: dict = dataclasses.field(default_factory=dict)
    all_rights: bool = False

    def variables(self, folder):
        """The environment that servers under a folder are started with."""
        file = pathlib.Path(folder) / "extra.cnf"
        file.write_text("\n".join(["[mysqld]", *self.settings, ""]))
        rights = ({"TESSERA_DB_APP_USER": "root", "TESSERA_MYSQL_SERVER_PROCESS_MANAGERS": "root"} if self.all_rights
                  else {})
        return {**self.environment, **rights, "EXTRA_MY_CNF": str(file)}


class Target:
    """A server as a suite sees it. `databases` maps the names that clients use to (socket, name there) of the MariaDB
    that keeps the rows; it is empty for a server that somebody else runs. `socket` is where clients on this machine
    reach the server, if it listens there, and `app_user` what it lets them be at the MariaDB underneath."""

    def __init__(self, name, host, port, databases=None, user="root", password="", socket="", app_user="root"):
        self.name, self.host, self.port = name, host, port
        self.socket, self.app_user = socket, app_user
        self.user, self.password = user, password
        self.databases = databases or {}
        self._admins = {}

    def connect(self, database=None, **options):
        return pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password,
                               database=database, charset="utf8mb4", autocommit=True, read_timeout=30, **options)

    def admin(self, database):
        """A connection with all rights to the MariaDB under a database, round any gate, for the caller to use and not
        to close: a test may drop the user it was opened with. Nothing when the server is not ours."""
        if database not in self.databases:
            return None
        if database not in self._admins:
            socket, name = self.databases[database]
            self._admins[database] = pymysql.connect(unix_socket=socket, user="vt_dba", database=name,
                                                     charset="utf8mb4", autocommit=True)
        return self._admins[database]

    def set_collation(self, collation):
        """Gives the servers and their databases the collation that new tables take."""
        for database in self.databases:
            with self.admin(database).cursor() as cursor:
                cursor.execute(f"alter database collate {collation}")
                cursor.execute(f"set global collation_server = {collation}")
            self.renew_pools(database)

    def renew_pools(self, database):
        """Open connections keep the global values that they found: the pools of a tablet shall open new ones."""
        with self.admin(database).cursor() as cursor:
            _end_sessions(cursor, self.app_user)

    def reset(self, database):
        """Empties a database, and drops others that a test has made. The database itself stays: pools are in it."""
        admin = self.admin(database)
        if admin is None:
            return
        with admin.cursor() as cursor:
            cursor.execute("set foreign_key_checks = 0, lock_wait_timeout = 10, sql_log_bin = 0")
            for statement in _leftovers(cursor, self.databases[database][1], {n for _, n in self.databases.values()}):
                try:
                    cursor.execute(statement)
                except pymysql.err.MySQLError:
                    pass  # a view of what is gone, a table that another session holds: the next test will tell


def _leftovers(cursor, own, kept):
    cursor.execute("select table_name, table_type from information_schema.tables where table_schema = %s", (own,))
    for name, kind in cursor.fetchall():
        what = {"VIEW": "view", "SEQUENCE": "sequence"}.get(kind, "table")
        yield f"drop {what} if exists {_quoted(own)}.{_quoted(name)}"
    cursor.execute("select routine_name, routine_type from information_schema.routines where routine_schema = %s", (own,))
    for name, kind in cursor.fetchall():
        yield f"drop {kind} if exists {_quoted(own)}.{_quoted(name)}"
    cursor.execute("select event_name from information_schema.events where event_schema = %s", (own,))
    for (name,) in cursor.fetchall():
        yield f"drop event if exists {_quoted(own)}.{_quoted(name)}"
    cursor.execute("show databases")
    for (name,) in cursor.fetchall():
        if name.lower() not in SYSTEM_DATABASES and name not in kept:
            yield f"drop database if exists {_quoted(name)}"
    yield "flush tables"


def _end_sessions(cursor, user):
    cursor.execute("select id from information_schema.processlist where user = %s", (user,))
    for (number,) in cursor.fetchall():
        try:
            cursor.execute(f"kill {number}")
        except pymysql.err.MySQLError:
            pass  # it has ended by itself


def _quoted(name):
    return "`" + name.replace("`", "``") + "`"


class PlainServer:
    """A MariaDB with an all-powerful `root` on 127.0.0.1 and the given databases."""

    def __init__(self, folder, databases, wishes):
        self._database = Database(folder, wishes.variables(folder))
        with self._database.connect() as connection, connection.cursor() as cursor:
            for name in databases:
                cursor.execute(f"create database if not exists {_quoted(name)}")
            for host in ("127.0.0.1", "%"):
                cursor.execute(f"create user root@'{host}'")
                cursor.execute(f"grant all on *.* to root@'{host}' with grant option")
        self.target = Target(PLAIN, "127.0.0.1", self._database.port,
                             {name: (self._database.socket, name) for name in databases}, socket=self._database.socket)

    def stop(self):
        self._database.stop()


class GateServer:
    """A cluster by `tessera up`: one gate, one unsharded keyspace for each database, no replicas. The databases of the
    servers have the keyspaces' names, so that information_schema says the same on both sides."""

    def __init__(self, folder, databases, wishes):
        self._data = pathlib.Path(folder) / "data"
        self._environment = wishes.variables(folder)
        base = _free_base()
        spec = {"topology": "file", "durable": False, "base_port": base, "buffer_pool": "32M",
                "keyspaces": [{"name": name, "database": name, "shards": 1, "replicas": 0} for name in databases]}
        file = pathlib.Path(folder) / "cluster.yaml"
        file.write_text(json.dumps(spec))  # JSON is YAML
        self._tessera("up", str(file))
        self.target = Target(GATE, "127.0.0.1", base + GATE_OFFSET, self._rows(databases), socket=str(self._data / "vtgate-1.sock"),
                             app_user="root" if wishes.all_rights else "vt_app")

    def stop(self):
        self._tessera("down")

    def _rows(self, databases):
        found = {}
        for socket in self._data.glob("vt_*/mysql.sock"):
            with pymysql.connect(unix_socket=str(socket), user="vt_dba") as admin, admin.cursor() as cursor:
                cursor.execute("show databases")
                names = {name for (name,) in cursor.fetchall()}
            found.update({name: (str(socket), name) for name in databases if name in names})
        return found

    def _tessera(self, command, *arguments):
        done = subprocess.run([binary("tessera"), command, *arguments, "--data", str(self._data)], capture_output=True,
                              text=True, timeout=180, env={**os.environ, **self._environment})
        if done.returncode != 0:
            raise RuntimeError(f"tessera {command}: {done.stderr or done.stdout}")


def _are_free(base):
    """Whether nobody listens on the ports that `tessera up` takes for a few unsharded keyspaces."""
    wanted = (0, 1, 50, 51, GATE_OFFSET, 991, 999, *range(100, 108), *range(1100, 1108), *range(2100, 2108))
    with contextlib.ExitStack() as stack:
        try:
            for offset in (*wanted, 201):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", base + offset))
        except OSError:
            return False
    return True


def _free_base():
    for _ in range(1000):
        gate = free_port()
        base = (gate - GATE_OFFSET) // 100 * 100
        if base > 10000 and base + PORT_SPAN < 32000 and _are_free(base):
            return base
    raise RuntimeError("no range of ports is free")


def wait_until_ready(target, seconds=30):
    """Returns when every database of a target answers a query."""
    deadline = time.monotonic() + seconds
    for name in target.databases:
        while True:
            try:
                with target.connect(name) as connection, connection.cursor() as cursor:
                    cursor.execute("select 1")
                break
            except pymysql.err.MySQLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
