# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions with a connection to themselves that name another keyspace than the one they are at."""

import pymysql
import pytest
from pymysql.constants import CLIENT

from conftest import running

TWO_SERVERS = {"topology": "file", "durable": False, "keyspaces": [
    {"name": "near", "shards": 1, "replicas": 0, "database": "near"}, {"name": "far", "shards": 1, "replicas": 0, "database": "far"}]}


@pytest.fixture(scope="module")
def two():
    with running(TWO_SERVERS, tables=False) as machine:
        yield machine


@pytest.fixture
def session(two):
    """A cursor of an attached session at `near`, and fresh tables on both sides."""
    with two.connect("near", client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
        for keyspace in ("near", "far"):
            cursor.execute(f"create or replace table {keyspace}.t (id int auto_increment primary key, v varchar(20)) engine = innodb")
        cursor.execute("create temporary table tmp (a int)")
        yield cursor


def rows(cursor, sql, *values):
    cursor.execute(sql, *values)
    return cursor.fetchall()


def count(machine, keyspace, value):
    return machine.query(f"select count(*) from t where v = '{value}'", keyspace)[0][0]


def test_tables_of_another_keyspace_are_made_changed_and_read(two, session):
    session.execute("create or replace table far.made (id int primary key, t_id int, foreign key (t_id) references far.t (id))")
    session.execute("insert into far.t (v) values ('a'), ('b')")
    session.execute("insert into far.made values (1, 1)")
    assert rows(session, "with named as (select id, v from far.t) select v from named order by id") == (("a",), ("b",))
    assert rows(session, "select t.v from far.t join far.made on made.t_id = t.id") == (("a",),)
    session.execute("create or replace view far.seen as select v from far.t")
    assert rows(session, "select count(*) from far.seen") == ((2,),)
    assert rows(session, "select count(*) from tmp") == ((0,),)
    session.execute("drop view far.seen")
    session.execute("drop table far.made")
    with pytest.raises(pymysql.err.ProgrammingError, match="(?i)doesn't exist"):
        session.execute("select * from far.made")


def test_schemas_of_another_keyspace_are_described(two, session):
    assert rows(session, "select column_name from information_schema.columns where table_schema = 'far' and table_name = 't' "
                         "order by ordinal_position") == (("id",), ("v",))
    assert rows(session, "select table_schema from information_schema.tables where table_schema = 'near' and table_name = 't'") == (("near",),)
    assert ("t", "BASE TABLE") in rows(session, "show full tables from `far`")
    assert [row[0] for row in rows(session, "show columns from t from far")] == ["id", "v"]
    assert [row[0] for row in rows(session, "describe far.t")] == ["id", "v"]
    assert "AUTO_INCREMENT" in rows(session, "show create table `far`.`t`")[0][1]
    assert rows(session, "show create database far")[0][0] == "far"
    # Temporary tables of the session's own server are still there.
    assert "TEMPORARY" in rows(session, "show create table tmp")[0][1]
    with pytest.raises(pymysql.MySQLError, match="several schemas"):
        session.execute("select table_name from information_schema.tables where table_schema in ('near', 'far')")


@pytest.mark.parametrize("end, kept", [("commit", 1), ("rollback", 0), ("create or replace table near.u (a int)", 1),
                                       ("create or replace table far.u (a int)", 1), ("begin", 1)])
def test_a_transaction_ends_on_both_sides(two, session, end, kept):
    session.execute("begin")
    session.execute("insert into t (v) values ('both')")
    session.execute("insert into far.t (v) values ('both')")
    assert (count(two, "near", "both"), count(two, "far", "both")) == (0, 0)
    session.execute(end)
    assert (count(two, "near", "both"), count(two, "far", "both")) == (kept, kept)
    session.execute("rollback")


def test_savepoints_hold_on_both_sides(two, session):
    session.execute("begin")
    session.execute("savepoint early")
    session.execute("insert into t (v) values ('saved')")
    session.execute("insert into far.t (v) values ('saved')")
    session.execute("savepoint late")
    session.execute("insert into t (v) values ('undone')")
    session.execute("insert into far.t (v) values ('undone')")
    session.execute("rollback to savepoint late")
    session.execute("commit")
    for keyspace in ("near", "far"):
        assert (count(two, keyspace, "saved"), count(two, keyspace, "undone")) == (1, 0)
    session.execute("begin")
    session.execute("savepoint early")
    session.execute("insert into far.t (v) values ('late joiner')")
    session.execute("rollback to savepoint early")
    session.execute("commit")
    assert count(two, "far", "late joiner") == 0


def test_without_autocommit_reads_here_do_not_end_what_was_begun_there(two, session):
    session.execute("set autocommit = 0")
    session.execute("insert into far.t (v) values ('quiet')")
    assert rows(session, "select 1 + 1") == ((2,),)
    assert count(two, "far", "quiet") == 0
    session.execute("rollback")
    assert count(two, "far", "quiet") == 0
    session.execute("insert into far.t (v) values ('kept')")
    session.execute("set autocommit = 1")
    assert count(two, "far", "kept") == 1
    session.execute("insert into t (v) values ('at once')")
    assert count(two, "near", "at once") == 1


def test_a_transaction_goes_on_in_another_keyspace_and_ends_there(two, session):
    session.execute("begin")
    session.execute("insert into t (v) values ('moved')")
    session.execute("use far")
    session.execute("insert into t (v) values ('moved')")
    session.execute("commit")
    assert (count(two, "near", "moved"), count(two, "far", "moved")) == (1, 1)
    session.execute("begin")
    session.execute("use near")
    session.execute("insert into t (v) values ('back')")
    session.execute("rollback")
    assert count(two, "near", "back") == 0


def test_settings_and_variables_count_on_both_sides(two, session):
    session.execute("set sql_mode = 'STRICT_ALL_TABLES', group_concat_max_len = 5")
    session.execute("set @word = 'said'")
    session.execute("insert into far.t (v) values (@word), ('other')")
    assert rows(session, "select group_concat(v order by id) from far.t") == (("said,",),)
    with pytest.raises(pymysql.err.DataError):
        session.execute("insert into far.t (v) values (repeat('x', 30))")
    session.execute("set sql_mode = '', group_concat_max_len = default, foreign_key_checks = 0")
    session.execute("insert into far.t (v) values (repeat('x', 30))")
    assert rows(session, "select group_concat(v order by id) from far.t where id < 3") == (("said,other",),)
    session.execute("set names latin1")
    session.execute("insert into far.t (v) values ('x')")
    assert rows(session, "select charset(v), charset('x') from far.t limit 1")[0][1] == "latin1"


def test_what_the_statement_before_did_is_told(two, session):
    session.execute("insert into far.t (id, v) values (41, 'a')")
    session.execute("insert into far.t (v) values ('b'), ('c')")
    assert rows(session, "select row_count()") == ((2,),)
    assert rows(session, "select last_insert_id()") == ((42,),)
    session.execute("insert into t (v) values ('own')")
    assert rows(session, "select last_insert_id()") == ((1,),)
    rows(session, "select * from far.t")
    assert rows(session, "select found_rows()") == ((3,),)
    session.execute("insert ignore into far.t (id, v) values (41, 'twice')")
    assert [row[:2] for row in rows(session, "show warnings")] == [("Warning", 1062)]
    session.execute("insert ignore into t (id, v) values (1, 'twice')")
    assert [row[:2] for row in rows(session, "show warnings")] == [("Warning", 1062)]
    session.execute("select 1; select count(*) from far.t; select count(*) from tmp")
    answers = [session.fetchall()]
    while session.nextset():
        answers.append(session.fetchall())
    assert answers == [((1,),), ((3,),), ((0,),)]


def test_what_is_bound_to_the_session_does_not_go_elsewhere(two, session):
    with pytest.raises(pymysql.MySQLError, match="VT12001.*temporary table"):
        session.execute("create temporary table far.tmp2 (a int)")
    with pytest.raises(pymysql.MySQLError, match="doesn't exist"):
        session.execute("select * from tmp join far.t on a = id")


def test_databases_are_told_as_a_server_tells_them(two, session):
    texts = ["create database near", "create database if not exists near", "show warnings", "drop database if exists missing", "show warnings",
             "drop database missing"]

    def answers(cursor):
        out = []
        for text in texts:
            try:
                affected = cursor.execute(text)
                out.append((affected, cursor.fetchall()))
            except pymysql.MySQLError as error:
                out.append(error.args)
        return out

    socket = next(path for path in two.data.glob("vt_*/mysql.sock") if has_database(path, "near"))
    with pymysql.connect(unix_socket=str(socket), user="vt_dba", database="near", autocommit=True) as direct:
        expected = answers(direct.cursor())
    assert answers(session) == expected
    with two.connect("near") as plain:
        assert answers(plain.cursor()) == expected
    with pytest.raises(pymysql.MySQLError, match="VT12001"):
        session.execute("create database new")
    assert {("near",), ("far",)} <= set(rows(session, "show databases"))


def has_database(socket, name):
    with pymysql.connect(unix_socket=str(socket), user="vt_dba") as connection, connection.cursor() as cursor:
        return cursor.execute(f"show databases like '{name}'") == 1
