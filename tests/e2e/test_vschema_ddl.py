# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""ALTER VSCHEMA: through a gate that lets one user do it, and through vtctl."""

import contextlib
import pathlib
import subprocess
import sys
import threading

import pymysql
import pytest

from conftest import running, spec, until
from control import Control

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster as processes  # noqa: E402


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=2, replicas=0)) as machine:
        yield machine


class Gate:
    """A second gate of the cluster, of two loops, where ada may change VSchemas."""

    def __init__(self, cluster, *flags):
        self.port = processes.free_port()
        self.log = cluster.folder / f"gate-{self.port}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [processes.binary("vtgate"), "--cell=zone1", f"--topo-global-server-address={cluster.data / 'topo'}",
                 f"--mysql-server-port={self.port}", "--mysql-auth-server-impl=none", "--loops=2", "--onterm-timeout=1s", *flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=processes._end_with_parent)
        try:
            until("the gate listens", lambda: "listens on" in self.log.read_text() or self.process.poll() is not None, 30)
            assert self.process.poll() is None, self.log.read_text()
        except BaseException:
            self.stop()
            raise

    @contextlib.contextmanager
    def cursor(self, user="ada", database="app"):
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user=user, database=database, autocommit=True, read_timeout=30)
        with connection, connection.cursor() as cursor:
            yield cursor

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def gate(cluster):
    made = Gate(cluster, "--vschema-ddl-authorized-users=grace,ada")
    yield made
    made.stop()


def rows(cursor, sql):
    cursor.execute(sql)
    return list(cursor.fetchall())


def refusal(cursor, sql):
    with pytest.raises(pymysql.err.MySQLError) as refused:
        cursor.execute(sql)
    return refused.value.args


def test_only_who_is_named_may(cluster, gate):
    sql = "alter vschema on orders add vindex by_hash (id)"
    with gate.cursor("bob") as bob:
        assert "User 'bob' is not authorized to perform vschema operations" in refusal(bob, sql)[1]
    with cluster.connect("app") as connection, connection.cursor() as nobody:
        assert "is not authorized" in refusal(nobody, sql)[1]


def test_a_table_becomes_sharded(cluster, gate, local):
    with gate.cursor() as ada:
        ada.execute("alter vschema on orders add vindex by_hash (id) using xxhash")
        # At once, on every loop of this gate.
        for _ in range(6):
            with gate.cursor("bob") as other:
                assert ("orders",) in rows(other, "show vschema tables")
        ada.execute("create table orders (id bigint primary key, mail varchar(40))")
        ada.execute("insert into orders (id, mail) values (1, 'a'), (3, 'b'), (8, 'c'), (14, 'd')")
        assert rows(ada, "select count(*) from orders") == [(4,)]
        assert rows(ada, "show vschema vindexes on orders") == [("id", "by_hash", "xxhash", "", "")]
        counts = []
        for shard in ("app:-80", "app:80-"):
            with gate.cursor("bob", shard) as one:
                counts += rows(one, "select count(*) from orders")
        assert sum(count for count, in counts) == 4 and (0,) not in counts
    assert local.json("GetVSchema", "app")["tables"]["orders"]["column_vindexes"][0]["columns"] == ["id"]
    until("the cluster's gate knows it", lambda: ("orders",) in cluster.query("show vschema tables"))
    assert cluster.query("select count(*) from orders where id = 3") == ((1,),)


def test_every_form_through_the_gate(gate, local):
    with gate.cursor() as ada:
        ada.execute("alter vschema create vindex app.spare using `binary`")
        assert ("app", "spare", "binary", "", "") in rows(ada, "show vschema vindexes")
        ada.execute("alter vschema drop vindex spare")
        assert ("app", "spare", "binary", "", "") not in rows(ada, "show vschema vindexes")
        ada.execute("alter vschema add table lookup.plain")
        ada.execute("alter vschema add sequence lookup.more_seq")
        assert local.json("GetVSchema", "lookup")["tables"]["more_seq"]["type"] == "sequence"
        ada.execute("alter vschema on notes add auto_increment id using lookup.more_seq")
        assert local.json("GetVSchema", "app")["tables"]["notes"]["auto_increment"] == {"column": "id", "sequence": "lookup.more_seq"}
        ada.execute("alter vschema on notes drop auto_increment")
        ada.execute("alter vschema drop sequence lookup.more_seq")
        ada.execute("alter vschema drop table lookup.plain")
        assert set(local.json("GetVSchema", "lookup")["tables"]) == {"settings", "user_seq"}
        ada.execute("alter vschema on sbtest4 drop vindex by_hash")
        assert ("sbtest4",) not in rows(ada, "show vschema tables")
        keyspaces = rows(ada, "show vschema keyspaces")
        assert ("app", "true", "unmanaged", "") in keyspaces and ("lookup", "false", "unmanaged", "") in keyspaces


def test_refusals_through_the_gate(gate, local):
    before = local.json("GetVSchema", "app")
    with gate.cursor() as ada:
        assert "vindex by_hash is still used by table app." in refusal(ada, "alter vschema drop vindex by_hash")[1]
        assert "cannot be added to keyspace app, which is sharded" in refusal(ada, "alter vschema add table fresh")[1]
        assert "there is no table none" in refusal(ada, "alter vschema drop table none")[1]
        assert refusal(ada, "alter vschema add table nowhere.t")[0] == 1049
        assert refusal(ada, "alter vschema add")[0] == 1064
        assert refusal(ada, "show vschema vindexes on none")[0] == 1146
        ada.execute("use `app:-80`")
        assert "is sharded" in refusal(ada, "alter vschema add table fresh")[1]
    with gate.cursor(database=None) as ada:
        assert refusal(ada, "alter vschema add table fresh")[:1] == (1046,)
    assert local.json("GetVSchema", "app") == before


def test_everybody_may_where_that_is_said(cluster, local):
    everybody = Gate(cluster, "--vschema-ddl-authorized-users=%")
    try:
        with everybody.cursor("bob") as bob:
            bob.execute("alter vschema add table lookup.of_bob")
            bob.execute("alter vschema drop table lookup.of_bob")
    finally:
        everybody.stop()


def test_many_at_once_lose_nothing(gate, local):
    """Whoever saves second is told, and does it again: no change is written over."""
    names = [f"many_{i}" for i in range(12)]
    failures = []

    def add(name):
        with gate.cursor(database="lookup") as cursor:
            for _ in range(100):
                try:
                    cursor.execute(f"alter vschema add table {name}")
                    return
                except pymysql.err.MySQLError as error:
                    if "changed by somebody else" not in error.args[1]:
                        failures.append(error.args)
                        return
        failures.append(f"{name} never got through")

    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert set(names) <= set(local.json("GetVSchema", "lookup")["tables"])
    local.run("ApplyVSchema", "--sql", ";".join(f"alter vschema drop table {name}" for name in names), "lookup")
    assert not set(names) & set(local.json("GetVSchema", "lookup")["tables"])


def test_through_vtctl(cluster, local, tmp_path):
    remote = Control("vtctldclient", "--server", f"127.0.0.1:{cluster.vtctld_port}")
    for control, table in ((local, "by_vtctl"), (remote, "by_vtctld")):
        add = f"alter vschema on {table} add vindex by_hash (id)"
        control.run("ApplyVSchema", "--dry-run", "--sql", add, "app")
        assert table not in control.json("GetVSchema", "app")["tables"]
        assert table in control.run("ApplyVSchema", "--sql", add, "app").stdout
        assert table in control.json("GetVSchema", "app")["tables"]
        assert f"table app.{table} uses vindex by_hash already" in control.error("ApplyVSchema", "--sql", add, "app")
        file = tmp_path / "drop.sql"
        file.write_text(f"alter vschema on {table} drop vindex by_hash;\nalter vschema create vindex {table}_v using lookup with table=a, from=b, to=c, nonsense=d;\n")
        assert f"unknown vindex params: {table}_v (nonsense)" in control.error("ApplyVSchema", "--strict", "--sql-file", file, "app")
        assert table in control.json("GetVSchema", "app")["tables"]
        file.write_text(f"alter vschema on {table} drop vindex by_hash")
        control.run("ApplyVSchema", "--sql-file", file, "app")
        assert table not in control.json("GetVSchema", "app")["tables"]
        assert "is about keyspace lookup, not app" in control.error("ApplyVSchema", "--sql", "alter vschema add table lookup.t", "app")
        assert "not a change of a VSchema" in control.error("ApplyVSchema", "--sql", "select 1", "app")
        assert "exactly one of" in control.error("ApplyVSchema", "--sql", add, "--vschema", "{}", "app")
