# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Lines between the processes of a cluster that are slow or cut, processes that are led over them, and queries that must flow meanwhile."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pymysql

from conftest import APP_VSCHEMA, tessera, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster  # noqa: E402


class Proxy:
    """Before a server: passes bytes on, late if `delay` is set, not at all while `held`."""

    def __init__(self, target):
        self.target, self.delay, self.held = target, 0.0, threading.Event()
        self.held.set()  # an event that is set lets pass
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target, 5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self.held.wait()
                time.sleep(self.delay)
                other.sendall(data)
        for stream in (one, other):
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.held.set()
        self.listener.close()


TARGETS = ("app", "app@replica", "lookup")


def ask(port, target):
    with pymysql.connect(host="127.0.0.1", port=port, user="test", database=target, read_timeout=20) as connection, \
            connection.cursor() as cursor:
        cursor.execute("select count(*) from settings" if target == "lookup" else "select count(*) from countries")
        return cursor.fetchall()


def until_all_answer(port):
    def answered():
        with contextlib.suppress(pymysql.err.MySQLError):
            # The reference table of a keyspace is asked for at any of its shards.
            return [ask(port, target) for target in (*TARGETS, "app:-80", "app:80-", "app:-80@replica", "app:80-@replica")]

    until("every target answers", answered, 60)


class Flow:
    """Asks one gate without a pause, each shard's primary and replica in turn, on new connections."""

    def __init__(self, port):
        self.port, self.answers, self.failures, self.longest = port, 0, [], 0.0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop.is_set():
            for target in TARGETS:
                began = time.monotonic()
                try:
                    ask(self.port, target)
                    self.answers += 1
                except pymysql.err.MySQLError as failed:
                    self.failures.append((target, failed.args))
                self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.02)

    def goes_on(self, seconds):
        """Watches it for so long."""
        before = self.answers
        time.sleep(seconds)
        assert not self.failures, self.failures[:3]
        assert self.answers > before + seconds, (before, self.answers)

    def end(self):
        self.stop.set()
        self.thread.join(60)


def until_replicated(machine):
    def answered():
        with contextlib.suppress(pymysql.err.MySQLError):
            return [machine.query("select count(*) from countries", f"app:{shard}@replica") for shard in ("-80", "80-")]

    until("replicas have the tables", answered)


def has_table(port, name):
    with pymysql.connect(host="127.0.0.1", port=port, user="test", database="app") as connection, connection.cursor() as cursor:
        cursor.execute("show vschema tables")
        return name in {row[-1] for row in cursor.fetchall()}


def add_table(machine, name):
    changed = machine.folder / f"{name}.json"
    tables = {**APP_VSCHEMA["tables"], name: {"column_vindexes": [{"column": "id", "name": "by_hash"}]}}
    changed.write_text(json.dumps({**APP_VSCHEMA, "tables": tables}))
    tessera("vschema", "--data", machine.data, "app", changed)


@contextlib.contextmanager
def resting(machine):
    """The supervisor of a cluster sleeps: nobody starts again what ends."""
    supervisor = machine.status()["supervisor"]
    os.kill(supervisor, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


def runs(pid):
    """A process that has ended may stay as a zombie, where nobody asks for its status."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def started_otherwise(machine, changes):
    """Processes of a cluster whose supervisor rests, ended and started again with the words that `changes`, by name, makes of theirs.
    Gives a function that ends one and starts it once more."""
    pids = {name: machine.pid(name) for name in changes}
    words = {name: changes[name](pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]) for name, pid in pids.items()}
    ours = {}

    def start(name):
        if name in ours:
            ours[name].kill()
            ours[name].wait()
        with open(machine.folder / f"{name}.otherwise.log", "ab") as out:
            ours[name] = subprocess.Popen(words[name], stdout=out, stderr=out, preexec_fn=cluster._end_with_parent)

    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    try:
        for name, pid in pids.items():
            until(f"{name} ends", lambda pid=pid: not runs(pid))
            start(name)
        yield start
    finally:
        for process in ours.values():
            process.kill()
            process.wait()
