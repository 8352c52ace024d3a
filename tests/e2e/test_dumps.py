# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Dumps by mariadb-dump and mydumper, taken and restored through a gate and at a plain server."""

import pathlib
import shutil
import subprocess
import sys

import pymysql
import pytest

from conftest import running, spec

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cluster import Database

SHOP = pathlib.Path(__file__).resolve().parent / "dumps" / "shop.sql"
WHOLE = ("--single-transaction", "--routines", "--triggers", "--events")
PROGRAMS = {
    "triggers": "select trigger_name, event_manipulation, action_statement from information_schema.triggers "
                "where trigger_schema = %s order by 1",
    "routines": "select routine_name, routine_type, routine_definition, routine_comment from information_schema.routines "
                "where routine_schema = %s order by 1",
    "events": "select event_name, event_definition, interval_value, starts from information_schema.events "
              "where event_schema = %s order by 1",
    "columns": "select table_name, column_name, column_type, collation_name, column_default, extra, generation_expression "
               "from information_schema.columns where table_schema = %s order by table_name, ordinal_position",
    "indexes": "select table_name, index_name, seq_in_index, column_name, sub_part, index_type, non_unique "
               "from information_schema.statistics where table_schema = %s order by 1, 2, 3",
    "keys": "select constraint_name, table_name, referenced_table_name, delete_rule "
            "from information_schema.referential_constraints where constraint_schema = %s order by 1",
}


@pytest.fixture(scope="module")
def shops():
    """Keyspaces `src` and `dst` of one shard, and the sharded `app`."""
    cluster = spec(replicas=0)
    cluster["keyspaces"] += [{"name": name, "database": name, "shards": 1, "replicas": 0} for name in ("src", "dst", "third")]
    with running(cluster) as machine:
        run("mariadb", machine.gate_port, "src", text=SHOP.read_bytes())
        yield machine


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    database = Database(tmp_path_factory.mktemp("plain"))
    try:
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("create user test@'127.0.0.1'")
            cursor.execute("grant all on *.* to test@'127.0.0.1'")
            for name in ("src", "dst", "third", "app"):
                cursor.execute(f"create database {name}")
        yield database
    finally:
        database.stop()


def run(program, port, *arguments, text=None):
    command = [program, "-h127.0.0.1", f"-P{port}", "-utest", "--default-character-set=utf8mb4", *arguments]
    done = subprocess.run(command, input=text, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout  # bytes: values of binary columns stand in it as they are


def query(port, sql, database=None, arguments=()):
    with pymysql.connect(host="127.0.0.1", port=port, user="test", database=database, charset="utf8mb4",
                         autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchall()


def holds(port, database):
    """What is in a database: checksums of tables, rows of views, and what stands behind them."""
    found = {}
    for name, kind in query(port, "show full tables", database):
        if name == "versioned":  # what it kept of the past is not dumped, and its times are the restore's
            found[name] = query(port, f"select * from {name}", database)
        elif kind == "BASE TABLE":
            found[name] = [row[1:] for row in query(port, f"checksum table `{name}`", database)]
        elif kind == "VIEW":
            found[name] = query(port, f"select * from `{name}` order by 1", database)
    for what, sql in PROGRAMS.items():
        found[what] = query(port, sql, database, (database,))
    assert len(found) > len(PROGRAMS)
    return found


def same(one, other):
    assert one.keys() == other.keys()
    for name, rows in one.items():
        assert rows == other[name], name


def test_a_dump_through_the_gate_restores_there_and_at_a_plain_server(shops, plain):
    dump = run("mariadb-dump", shops.gate_port, *WHOLE, "src")
    original = holds(shops.gate_port, "src")
    assert all(original[what] for what in PROGRAMS)
    for port in (shops.gate_port, plain.port):
        run("mariadb", port, "dst", text=dump)
        same(original, holds(port, "dst"))
    # The restored programs run.
    assert query(shops.gate_port, "select f_twice(4)", "dst") == ((8,),)
    query(shops.gate_port, "insert into parent (id) values (9)", "dst")
    assert query(shops.gate_port, "select name from parent where id = 9", "dst") == (("none;",),)


@pytest.mark.parametrize("options", [(), ("--skip-opt", "--complete-insert", "--no-autocommit"), ("--hex-blob", "--tz-utc=0"),
                                     ("--lock-tables", "--skip-extended-insert", "--order-by-primary")])
def test_other_ways_to_dump_give_what_the_server_gives(shops, plain, options):
    dump = run("mariadb-dump", shops.gate_port, *options, "src")
    # The dump holds its own drops, if any; a fresh database takes each.
    with plain.connect() as connection, connection.cursor() as cursor:
        cursor.execute("drop database third")
        cursor.execute("create database third")
    run("mariadb", plain.port, "third", text=dump)
    original, restored = holds(shops.gate_port, "src"), holds(plain.port, "third")
    for what in ("routines", "events"):  # not asked for
        original.pop(what)
        restored.pop(what)
    if "--skip-opt" in options:  # leaves out what tables say beside columns
        original.pop("columns")
        restored.pop("columns")
        assert original.pop("kinds") and restored.pop("kinds")
    same(original, restored)


def test_a_dump_of_all_shards_restores_into_one_server(shops, plain):
    shops.query("insert into users (id, name, country) values (1, 'a', 1), (2, 'b', 2), (3, 'ü', 1), (4, null, 2), (5, 'e', 1)")
    shops.query("insert into blobs (id, data) values (1, x'000102FF'), (2, repeat('x', 100000)), (3, '')")
    dump = run("mariadb-dump", shops.gate_port, *WHOLE, "app")
    run("mariadb", plain.port, "app", text=dump)
    for table in ("users", "notes", "blobs", "ledger", "countries"):
        sql = f"select * from {table} order by id"
        assert query(plain.port, sql, "app") == query(shops.gate_port, sql, "app"), table
    assert len(query(plain.port, "select id from users", "app")) == 5


def copy_by_mydumper(port, folder):
    """Dumps `src` and loads it into `third`."""
    common = ["-h", "127.0.0.1", "-P", str(port), "-u", "test", "-v", "1"]
    for command in (["mydumper", *common, "-B", "src", "-o", folder, "-G", "-E", "-R"],
                    ["myloader", *common, "-s", "src", "-B", "third", "-d", folder, "-o"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and "CRITICAL" not in done.stderr, done.stderr
    assert "CREATE DATABASE" in (folder / "src-schema-create.sql").read_text()


@pytest.mark.skipif(shutil.which("mydumper") is None, reason="needs the Debian package mydumper")
def test_mydumper_copies_what_it_copies_at_a_plain_server(shops, plain, tmp_path):
    run("mariadb", plain.port, "src", text=SHOP.read_bytes())
    for name, port in (("gate", shops.gate_port), ("plain", plain.port)):
        copy_by_mydumper(port, tmp_path / name)
    same(holds(plain.port, "third"), holds(shops.gate_port, "third"))


def test_a_session_with_settings_has_the_collation_of_its_database(shops):
    found = 0
    for socket in shops.data.glob("vt_*/mysql.sock"):
        with pymysql.connect(unix_socket=str(socket), user="vt_dba", autocommit=True) as admin, admin.cursor() as cursor:
            if cursor.execute("show databases like 'third'"):
                found += 1
                cursor.execute("alter database third collate utf8mb4_unicode_ci")
                cursor.execute("select id from information_schema.processlist where user = 'vt_app'")
                for (number,) in cursor.fetchall():
                    cursor.execute(f"kill {number}")
    assert found == 1
    with shops.connect("third") as connection, connection.cursor() as cursor:
        cursor.execute("set collation_connection = utf8mb4_bin")
        cursor.execute("select @@collation_database, @@collation_connection")
        assert cursor.fetchall() == (("utf8mb4_unicode_ci", "utf8mb4_bin"),)
        cursor.execute("create table collated (a varchar(10))")
        cursor.execute("select collation_name from information_schema.columns where table_name = 'collated'")
        assert cursor.fetchall() == (("utf8mb4_unicode_ci",),)


def test_values_of_a_named_sequence_are_its_own(shops):
    query(shops.gate_port, "create or replace sequence dst.ids start with 1000")
    query(shops.gate_port, "create or replace sequence src.ids start with 50")
    assert query(shops.gate_port, "select nextval(src.ids), next value for src.ids", "dst") == ((50, 51),)
    assert query(shops.gate_port, "select nextval(src.ids)") == ((52,),)


def test_what_is_asked_of_a_named_keyspace_is_answered_by_it(shops):
    """Whatever keyspace is in use: tables of the same name in another one are not meant."""
    wanted = query(shops.gate_port, "checksum table isam", "src")
    query(shops.gate_port, "create table if not exists isam (a int)", "third")
    for database in ("src", "third", "app", None):
        ask = lambda sql: query(shops.gate_port, sql, database)
        assert ask("checksum table src.isam") == wanted
        assert ask("analyze table src.isam")[0][0] == "src.isam"
        assert ask("explain select * from src.parent")[0][2] == "parent"
        assert ask("show create database src")[0] == (
            "src", "CREATE DATABASE `src` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */")
        assert ask("show create database app")[0][0] == "app"
        assert [row[1] for row in ask("show function status where db = 'src'")] == ["f_twice"]
        count = "select count(*) from information_schema.tables where table_schema "
        assert ask(count + "= 'src' and table_name = 'parent'") == ((1,),)
        assert ask(count + "in ('src', 'mysql') and table_name = 'parent'") == ((1,),)
        assert ask(count + "= 'app' and table_name = 'users'") == ((1,),)
        assert ask(count + "= 'nowhere'") == ((0,),)
        assert ask("select n from (select count(*) as n from information_schema.columns "
                   "where table_schema = 'app' and table_name = 'users') as d") == ((3,),)
        with pytest.raises(pymysql.err.MySQLError, match="several schemas"):
            ask(count + "in ('src', 'app')")
