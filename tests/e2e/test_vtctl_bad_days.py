# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs of vtctl that meet each other, or servers that are not there, over etcd."""

import contextlib
import json
import os
import signal
import time

import pymysql
import pytest

from conftest import running, spec, until
from control import Control


@pytest.fixture(scope="module")
def cluster():
    with running(spec(topology="etcd", shards=2, replicas=0)) as machine:
        yield machine


def control(cluster, *flags):
    return Control("vtctl", "--topo-implementation=etcd2", f"--topo-global-server-address=127.0.0.1:{cluster.base + 50}",
                   f"--topo-global-root={root_of(cluster)}", *flags)


def root_of(cluster):
    """The flag that the cluster's own programs were given."""
    with open(f"/proc/{cluster.pid('vtgate-1')}/cmdline", "rb") as file:
        words = file.read().decode().split("\0")
    return words[words.index("--topo-global-root") + 1]


@contextlib.contextmanager
def table_in_use(cluster, table="users", shard="app:-80"):
    """A transaction that an ALTER of the table has to wait for."""
    with cluster.connect(shard, autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        yield
        connection.rollback()


@contextlib.contextmanager
def without(cluster, service):
    """The service is dead, and nobody starts it again."""
    supervisor = cluster.status()["supervisor"]
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(cluster.pid(service), signal.SIGKILL)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


def wait_until_it_holds_the_lock(run):
    """A shard said that it is done: the run is past the lock, and waits for the other shard."""
    line = run.stderr.readline()
    assert "app/80-: ran" in line, line


def columns(cluster, shard, table="users"):
    with cluster.connect(shard) as connection, connection.cursor() as cursor:
        cursor.execute(f"show columns from {table}")
        return {row[0] for row in cursor.fetchall()}


def answers(cluster, shard):
    with contextlib.suppress(pymysql.err.MySQLError):
        return columns(cluster, shard)
    return None


def contenders(vtctl):
    """How many hold the keyspace's lock or wait for it."""
    done = vtctl.run("GetTopologyPath", "/global/keyspaces/app/locks", ok=None)
    return len(json.loads(done.stdout)["children"]) if done.returncode == 0 else 0


def test_two_runs_take_turns(cluster):
    vtctl = control(cluster)
    with table_in_use(cluster):
        first = vtctl.start("ApplySchema", "--sql", "alter table users add turn_one int", "app")
        wait_until_it_holds_the_lock(first)
        second = vtctl.start("ApplySchema", "--sql", "alter table users add turn_two int after turn_one", "app")
        rebuild = vtctl.start("RebuildKeyspaceGraph", "app")
        # Lists, and all that takes no lock, go on meanwhile.
        assert "app" in [keyspace["name"] for keyspace in vtctl.json("GetKeyspaces")]
        until("all three are at the lock", lambda: contenders(vtctl) == 3)
        assert second.poll() is None and rebuild.poll() is None
    for run in (first, second, rebuild):
        out, err = run.communicate(timeout=60)
        assert run.returncode == 0, err
    assert {"turn_one", "turn_two"} <= columns(cluster, "app:-80") & columns(cluster, "app:80-")


def test_a_lock_ends_with_its_holders_lease(cluster):
    ttl = 4
    vtctl = control(cluster, f"--topo-etcd-lease-ttl={ttl}")
    with table_in_use(cluster):
        holder = vtctl.start("ApplySchema", "--sql", "alter table users add of_the_dead int", "app")
        wait_until_it_holds_the_lock(holder)
        holder.kill()
        holder.communicate(timeout=20)
        died = time.monotonic()
        vtctl.run("RebuildKeyspaceGraph", "app")
        waited = time.monotonic() - died
    # The lease was renewed when it died at the latest; etcd looks for dead ones twice a second.
    assert waited < ttl + 4, waited
    # One shard has the change, and the other may: whoever comes next asks for what is missing.
    assert "of_the_dead" in columns(cluster, "app:80-")
    vtctl.run("ApplySchema", "--sql", "alter table users add if not exists of_the_dead int", "app")
    assert "of_the_dead" in columns(cluster, "app:-80") & columns(cluster, "app:80-")


def test_nothing_runs_while_a_primary_is_away(cluster):
    vtctl = control(cluster)
    tablet = next(service["name"] for service in cluster.status()["services"] if service["name"].startswith("vttablet-zone1-3"))
    with without(cluster, tablet):
        told = vtctl.error("ApplySchema", "--sql", "alter table users add while_away int", "app")
        shard = "80-" if "app/80-" in told else "-80"
        assert f"the primary of shard app/{shard} does not answer; nothing was run" in told
        other = {"80-": "app:-80", "-80": "app:80-"}[shard]
        assert "while_away" not in columns(cluster, other)
    until("the tablet comes back", lambda: answers(cluster, f"app:{shard}"))
    assert "while_away" not in columns(cluster, f"app:{shard}")
    vtctl.run("ApplySchema", "--sql", "alter table users add while_away int", "app")
    assert "while_away" in columns(cluster, f"app:{shard}") & columns(cluster, other)


def test_it_is_told_where_a_change_ran(cluster):
    vtctl = control(cluster)
    aliases = {line.split()[2]: line.split()[0] for line in vtctl.text("GetTablets", "--keyspace", "app").splitlines()}
    vtctl.run("ExecuteFetchAsDBA", aliases["-80"], "create table odd (id bigint primary key)")
    sql = "create table even (id bigint primary key); create table odd (id bigint primary key); create table later (id bigint primary key)"
    done = vtctl.run("ApplySchema", "--sql", sql, "app", ok=False)
    told = done.stderr.splitlines()[-1]
    assert "create table odd (id bigint primary key): failed on shards -80; ran on 80-" in told
    assert "already exists" in told and "later statements were not run" in told
    for alias, there in ((aliases["-80"], {"even", "odd"}), (aliases["80-"], {"even", "odd"})):
        tables = set(vtctl.text("GetSchema", "--table-names-only", alias).split())
        assert there <= tables and "later" not in tables
    # The lock was given back.
    vtctl.run("RebuildKeyspaceGraph", "app")
    vtctl.run("ApplySchema", "--sql", "drop table even; drop table odd", "app")


def test_without_etcd_it_is_told_in_time(cluster):
    vtctl = control(cluster, "--action-timeout=5s")
    with without(cluster, "etcd"):
        for words in (("GetKeyspaces",), ("ApplySchema", "--sql", "alter table users add nowhere int", "app"), ("RebuildKeyspaceGraph", "app")):
            begun = time.monotonic()
            told = vtctl.error(*words)
            assert time.monotonic() - begun < 8
            assert told.startswith(f"vtctl {words[0]}: ") and str(cluster.base + 50) in told, told
    until("etcd comes back", lambda: vtctl.run("GetKeyspaces", ok=None).returncode == 0)
