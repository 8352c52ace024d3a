# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Gates that serve no tablets, for tests of what comes before a client's first statement. One starts in 30 ms."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

import pymysql
import pytest

from conftest import until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster  # noqa: E402

KEYSPACES = [f"a_keyspace_whose_name_is_long_{i:04}" for i in range(400)]


class Gate:
    """A vtgate that serves no tablets, on a port and a Unix socket."""

    def __init__(self, folder, *flags, auth=("--mysql-auth-server-impl=none",)):
        self.folder = pathlib.Path(folder)
        topology = cluster.TopologyFiles(self.folder / "topo")
        topology.make_cell()
        for name in KEYSPACES:
            topology.vschemas[name] = {}
        topology.publish()
        self.port = cluster.free_port()
        self.socket = str(self.folder / "gate.sock")
        self.log = self.folder / "gate.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [cluster.binary("vtgate"), f"--cell={cluster.CELL}", f"--topo-global-server-address={self.folder / 'topo'}",
                 f"--mysql-server-port={self.port}", f"--mysql-server-socket-path={self.socket}", "--onterm-timeout=1s", *auth, *flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=cluster._end_with_parent)
        try:
            until("the gate listens", lambda: "listens on unix:" in self.said() or self.process.poll() is not None, 10)
            assert self.process.poll() is None, self.said()
        except BaseException:
            self.stop()
            raise

    def said(self):
        return self.log.read_text(errors="replace")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def connect(self, **options):
        return pymysql.connect(**{"host": "127.0.0.1", "port": self.port, "user": "ada", "charset": "utf8mb4",
                                  "connect_timeout": 10, "read_timeout": 30, **options})

    def mariadb(self, *arguments, sql="show databases", user="ada", password=""):
        """The output of the command line client, whatever became of it."""
        done = subprocess.run(["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", user, *arguments, "-N", "-B", "-e", sql],
                              capture_output=True, text=True, timeout=30, env={**os.environ, "MYSQL_PWD": password})
        return done.stdout + done.stderr

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def gate(folder, *flags, **options):
    made = Gate(folder, *flags, **options)
    try:
        yield made
    finally:
        made.stop()


def works(connection):
    with connection.cursor() as cursor:
        cursor.execute("show databases")
        return len(cursor.fetchall()) == len(KEYSPACES)


def refusal(connect, **options):
    """The (errno, message) a login ends with."""
    with pytest.raises(pymysql.err.MySQLError) as refused:
        connect(**options).close()
    return refused.value.args


# A login of ada without a password.
LOGIN_BODY = (0x0000a200 | 1).to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23) + b"ada\0\0"
LOGIN = len(LOGIN_BODY).to_bytes(3, "little") + b"\x01" + LOGIN_BODY
