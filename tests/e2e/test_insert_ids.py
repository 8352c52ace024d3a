# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""LAST_INSERT_ID() of sessions whose statements run on pooled connections, one statement here and the next there: as of one server."""

import pymysql
import pytest

from test_sessions import Binary, answers

LAST = "select last_insert_id()"

# In an unsharded keyspace; the server makes ids.
ONE_SERVER = [
    "insert into ids (v) values (1)", "insert into ids values (50, 2)", "insert into ids (v) values (last_insert_id(400))",
    "insert into ids values (60, last_insert_id(401)), (61, last_insert_id(402)), (62, 5)", "insert into ids values (64, last_insert_id(0))",
    "update ids set v = last_insert_id(v + 1) where id = 50", "update ids set v = last_insert_id(0) where id = 50",
    "update ids set v = last_insert_id(null) where id = 50", "update ids set v = last_insert_id(v + 1) where id = 999",
    "update ids set v = 9 where id = 50 and last_insert_id(55) > 1", "delete from ids where id = last_insert_id(57)",
    "replace into ids values (63, last_insert_id(58))", "insert into ids values (63, 1) on duplicate key update v = last_insert_id(v + 1000)",
    "insert into ids values (63, 1) on duplicate key update id = last_insert_id(id), v = 2", "insert into ids select 70, last_insert_id(99)",
    "insert into ids select null, 5", "insert into ids (v) values (1), (2), (3)", "insert into ids values (80, last_insert_id())", "begin",
    "update ids set v = last_insert_id(v + 7) where id = 60", "rollback", "set last_insert_id = 5", "select @@identity", "set identity = 6",
    "set @@session.last_insert_id = 7", "insert into ids (id, v) values ('90', 1)", "insert ignore into ids values (50, 1)",
]

# Over two shards; the statements give the ids.
TWO_SHARDS = [
    "insert into users (id, name, country) values (1, 'a', 10), (2, 'b', 20), (3, 'c', 30), (4, 'd', 40)",
    "insert into users (id, country) values (10, last_insert_id(61))",
    "insert into users (id, country) values (11, last_insert_id(62)), (12, last_insert_id(63)), (13, last_insert_id(64)), (14, 5)",
    *(f"insert into users (id, country) values ({n}, last_insert_id({n + 100})), ({n + 1}, last_insert_id({n + 101}))" for n in range(20, 36, 2)),
    "insert into users (id, country) values (40, last_insert_id(0))", "update users set country = last_insert_id(country + 1) where id = 1",
    "update users set country = last_insert_id(country + 1) where id in (2, 999)", "update users set country = last_insert_id(0) where id = 2",
    "update users set country = last_insert_id(5) where id = 999", "delete from users where id = 1000 and country = last_insert_id(57)",
    "insert into users (id, country) values (1, 1), (50, 2) on duplicate key update country = last_insert_id(country + 1000)",
    "insert into users (id, country) values (51, 1), (2, 2) on duplicate key update country = last_insert_id(country + 1000)",
    "insert into users (id, country) select 80, last_insert_id(99)", "replace into users (id, country) values (80, last_insert_id(98))",
    "begin", "update users set country = last_insert_id(country + 7) where id = 3", "rollback", "set last_insert_id = 5", "set identity = 6",
    "select @@last_insert_id",
]


@pytest.fixture
def plain(shop):
    connection = pymysql.connect(unix_socket=str(next(shop.data.glob("vt_*100/mysql.sock"))), user="vt_dba", autocommit=True, charset="utf8mb4")
    answers(connection, ["create or replace database numbered", "use numbered", "create table users (id bigint primary key, name varchar(60), country int)"])
    yield connection
    connection.close()


def told(connection, text):
    """What a statement is answered with, its id, and what LAST_INSERT_ID() is then."""
    with connection.cursor() as cursor:
        cursor.execute(text)
        answer = (cursor.fetchall() or cursor.rowcount, cursor.lastrowid)
        cursor.execute(LAST)
        return answer, cursor.fetchone()


@pytest.mark.parametrize("keyspace, texts", [("lookup", ONE_SERVER), ("app", TWO_SHARDS)])
def test_ids_are_those_of_one_server(shop, plain, keyspace, texts):
    with shop.connect(keyspace) as gate, shop.connect(keyspace) as other:
        for client in (gate, plain):
            if keyspace == "lookup":
                answers(client, ["create or replace table ids (id bigint auto_increment primary key, v bigint)"])
            else:
                answers(client, ["delete from users"])
        for text in texts:
            assert told(gate, text) == told(plain, text), text
            # Another session has the connection in between.
            answers(other, ["update ids set v = last_insert_id(12345) where id = 1" if keyspace == "lookup"
                            else "update users set country = last_insert_id(12345) where id = 4"])
        answers(gate, ["drop table ids" if keyspace == "lookup" else "delete from users"])


@pytest.mark.parametrize("keyspace, table", [("lookup", "settings"), ("app", "users")])
def test_prepared_counters_count(shop, keyspace, table):
    """The usual way to have a sequence in a table, as many clients at once use it."""
    key, value, first = ("k", "v", "n") if table == "settings" else ("id", "country", 77)
    with shop.connect(keyspace) as one, shop.connect(keyspace) as two:
        answers(one, [f"replace into {table} ({key}, {value}) values ({first!r}, 0)"])
        binaries = [Binary(one), Binary(two)]
        text = f"update {table} set {value} = last_insert_id({value} + ?) where {key} = ?"
        statements = [binary.prepare(text)[0] for binary in binaries]
        for turn in range(1, 7):
            who = turn % 2
            assert binaries[who].execute(statements[who], [10, first]) == 1
            assert answers((one, two)[who], [LAST])[0][1][0][1] == ((turn * 10,),)
            if turn > 1:
                assert answers((two, one)[who], [LAST])[0][1][0][1] == ((turn * 10 - 10,),)
        statement = binaries[0].prepare(f"insert into {table} ({key}, {value}) values (?, last_insert_id(?))")[0]
        other = "m" if table == "settings" else 78
        binaries[0].execute(statement, [other, 4])
        assert answers(one, [LAST])[0][1][0][1] == ((4,),)
        answers(one, [f"delete from {table} where {key} in ({first!r}, {other!r})"])
