# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What only MariaDB's protocol has, through a gate before one server, held against the server itself; and bulks over shards."""

import contextlib
import struct

import pymysql
import pytest

import mariadb_client
from conftest import running
from mariadb_client import BULK, CACHE_METADATA, DEPRECATE_EOF, EXTENDED_METADATA, SESSION_TRACK, Client, Default, Ignore
from pymysql.constants import CLIENT, COMMAND

ONE_SERVER = {"topology": "file", "durable": False, "keyspaces": [{"name": "one", "shards": 1, "replicas": 0, "database": "one"}]}


@pytest.fixture(scope="module")
def one():
    with running(ONE_SERVER, tables=False) as machine:
        with direct(machine, database=None) as plain:
            plain.run("create database plain")
        yield machine


def direct(machine, extended=0, **options):
    socket = next(machine.data.glob("vt_*/mysql.sock"))
    return Client(extended, **{"unix_socket": str(socket), "user": "vt_dba", "database": "plain", "autocommit": True, "charset": "utf8mb4", **options})


def through_gate(machine, extended=0, database="one", **options):
    return Client(extended, **{"host": "127.0.0.1", "port": machine.gate_port, "user": "test", "database": database, "autocommit": True,
                               "charset": "utf8mb4", "read_timeout": 60, **options})


@contextlib.contextmanager
def both(machine, extended=0, attached=False, **options):
    """A client of the gate and one of the server."""
    with through_gate(machine, extended, **options) as gate, direct(machine, extended, **options) as plain:
        if attached:
            gate.command(COMMAND.COM_QUERY, "create temporary table anything (a int)")
            assert gate.result()["affected"] == 0
        yield gate, plain


# --- bulks ---

A_TABLE = "create or replace table bulk (id int auto_increment primary key, v varchar(5) default 'dd', n int not null default 7) engine = innodb"
INSERT = "insert into bulk (v, n) values (?, ?)"
WITH_ID = "insert into bulk (id, v) values (?, ?)"
BULKS = {
    "rows": [(INSERT, [["a", 1], ["b", 2], [None, 3]]), (INSERT, [["c", 4]])],
    "one row": [(INSERT, [["a", 1]])],
    "defaults": [(INSERT, [[Default, Ignore], ["x", Default], [Ignore, 5]])],
    "a duplicate stores none": [(WITH_ID, [[1, "a"], [2, "b"]]), (WITH_ID, [[100, "x"], [1, "b"], [101, "c"]])],
    "a value that is too long stores none": [(WITH_ID, [[1, "a"], [2, "longer"], [3, "c"]])],
    "ignored errors": [(WITH_ID, [[1, "a"]]), ("insert ignore into bulk (id, v) values (?, ?)", [[100, "x"], [1, "b"], [101, "longer"]])],
    "replace": [(WITH_ID, [[1, "a"], [2, "b"]]), ("replace into bulk (id, v) values (?, ?)", [[1, "w"], [3, "c"]])],
    "on duplicate key": [(WITH_ID, [[1, "a"], [2, "b"]]),
                         ("insert into bulk (id, v) values (?, ?) on duplicate key update v = values(v)", [[1, "q"], [3, "c"]])],
    "two rows each": [("insert into bulk (v) values (?), (?)", [["a", "b"], ["c", "d"]])],
    "set": [("insert into bulk set v = ?", [["a"], ["b"]])],
    "expressions": [("insert into bulk (v, n) values (concat(?, 'k'), ? + 1)", [["a", 1], ["b", 2]])],
    "returning": [("insert into bulk (v) values (?) returning id, v", [["a"], ["b"]])],
    "update": [(WITH_ID, [[1, "a"], [2, "b"]]), ("update bulk set v = ?, n = ? where id = ?", [["k", 5, 1], ["k", 6, 2], ["k", 6, 99]]),
               ("update bulk set v = ?, n = ? where id = ?", [["k", 5, 1], ["m", 6, 2]])],
    "update defaults": [(WITH_ID, [[1, "a"], [2, "b"]]), ("update bulk set v = ?, n = ? where id = ?", [[Ignore, 50, 1], [Default, Ignore, 2]])],
    "an update stops at its error": [(WITH_ID, [[1, "a"], [2, "b"], [3, "c"]]),
                                     ("update bulk set v = ? where id = ?", [["k", 1], ["longer", 2], ["m", 3]])],
    "update warning": [(WITH_ID, [[1, "a"], [2, "b"]]), ("update ignore bulk set v = ? where id = ?", [["longer", 2]])],
    "delete": [(WITH_ID, [[1, "a"], [2, "b"]]), ("delete from bulk where id = ?", [[1], [77], [2]])],
    "strings": [(INSERT, [["'\"\\", 1], ["\n\0:v1", 2], ["?--", 3], ["", 4]])],
    "defaults in expressions": [("update bulk set v = concat(?, 'x')", [[Default]]), ("insert into bulk (v) values (concat(?, 'k'))", [[Ignore]])],
    "other statements": [("select ?", [[1], [2]]), ("insert into bulk (v) select ?", [["a"]]), ("insert into bulk (v) values ('x')", [[]]),
                         ("do ?", [[1]]), (INSERT, [])],
}


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("name", BULKS)
def test_a_bulk_is_answered_as_by_the_server(one, name, attached):
    with both(one, BULK, attached) as (gate, plain):
        for client in (gate, plain):
            client.run(A_TABLE)
        for sql, rows in BULKS[name]:
            got, wanted = (client.prepare(sql).bulk(rows) for client in (gate, plain))
            if isinstance(wanted, dict) and "columns" in wanted:
                assert got["rows"] == wanted["rows"]
            else:
                assert got == wanted, sql
            states = [client.run("show warnings", "select * from bulk order by id") for client in (gate, plain)]
            assert states[0] == states[1], sql


def test_an_insert_whose_update_has_parameters_is_a_whole(one):
    sql = "insert into bulk (id, v) values (?, ?) on duplicate key update v = ?"
    with both(one, BULK) as (gate, plain):
        for client in (gate, plain):
            client.run(A_TABLE, "insert into bulk (id, v) values (1, 'a')")
            assert client.prepare(sql).bulk([[1, "x", "up"], [2, "new", "no"]])["affected"] == 3
            assert client.prepare(sql).bulk([[3, "x", "up"], [1, "x", "longer"]])[0] == 1406
            assert client.run("select id, v from bulk order by id") == ((1, "up"), (2, "new"))


def test_warnings_of_a_bulk_are_all_shown(one):
    with both(one, BULK) as (gate, plain):
        for client in (gate, plain):
            client.run(A_TABLE, "insert into bulk (id, v) values (1, 'a'), (2, 'b')")
            answer = client.prepare("update ignore bulk set v = ? where id = ?").bulk([["longer", 1], ["longest", 2]])
            assert answer["affected"] == 2 and b"Warnings: 2" in answer["rest"]
            assert [row[1] for row in client.run("show warnings")] == [1265, 1265]
        assert answer["warnings"] >= 2


def test_types_are_sent_once(one):
    with both(one, BULK) as (gate, plain):
        for client in (gate, plain):
            client.run(A_TABLE)
            statement = client.prepare(INSERT)
            assert statement.bulk([["a", 1]], flags=0)[0] == 1210
            assert statement.bulk([["a", 1], ["b", 2]])["affected"] == 2
            assert statement.bulk([["c", 3], ["d", 4]], flags=0)["affected"] == 2
            assert statement.bulk([["e", 5]], flags=128 | 64)[0] == 1295
            statement.client.command(mariadb_client.BULK_EXECUTE, b"\xff\xff\xff\x7f\x80\x00")
            with pytest.raises(Exception) as error:
                client.result()
            assert error.value.args[0] == 1243
            assert client.run("select group_concat(v order by id) from bulk") == (("a,b,c,d",),)


def test_a_bulk_of_many_rows_is_a_whole_also_in_a_transaction(one):
    """More text than one statement may have; the statement may be older than the session's own connection."""
    rows = [[i, "x" * 5000] for i in range(2000)]
    for attached in (False, True):
        with through_gate(one, BULK) as gate:
            gate.run("create or replace table long_bulk (id int primary key, v text) engine = innodb")
            statement = gate.prepare("insert into long_bulk values (?, ?)")
            if attached:
                gate.run("create temporary table anything (a int)")
            assert statement.bulk(rows)["affected"] == 2000
            assert statement.bulk([[5000 + i, v] for i, v in rows] + [[1, "twice"]])[0] == 1062
            gate.run("begin", "insert into long_bulk values (9999, 'kept')")
            assert statement.bulk([[5000 + i, v] for i, v in rows] + [[1, "twice"]])[0] == 1062
            assert gate.run("select count(*), max(id) from long_bulk") == ((2001, 9999),)
            assert statement.bulk([[5000 + i, v] for i, v in rows])["affected"] == 2000
            gate.run("rollback")
            assert gate.run("select count(*), max(id) from long_bulk") == ((2000, 1999),)


def test_bulks_are_only_for_those_who_agreed(one):
    with both(one, 0) as (gate, plain):
        for client in (gate, plain):
            client.run(A_TABLE)
            assert client.prepare(INSERT).bulk([["a", 1]])[0] == 1295


def test_a_bulk_goes_where_the_vindex_says(shop):
    with through_gate(shop, BULK, database="app") as gate:
        insert = gate.prepare("insert into ledger (id, value) values (?, ?)")
        assert insert.bulk([[71000 + i, f"v{i}"] for i in range(20)])["affected"] == 20
        assert gate.run("select count(*) from ledger where id between 71000 and 71019") == ((20,),)
        on_shards = [shop.query(f"select count(*) from ledger where id between 71000 and 71019", f"app:{shard}")[0][0] for shard in ("-80", "80-")]
        assert sum(on_shards) == 20 and all(on_shards)
        # One that exists: none of the others is stored, on any shard.
        assert insert.bulk([[71100 + i, "x"] for i in range(10)] + [[71003, "twice"]])[0] == 1062
        assert gate.run("select count(*) from ledger where id >= 71100 and id < 71200") == ((0,),)
        assert gate.prepare("update ledger set value = ? where id = ?").bulk([["up", 71001], ["up", 71002], [Default, 71003]])["affected"] == 3
        assert gate.run("select count(*) from ledger where value = 'up'") == ((2,),)
        assert gate.prepare("delete from ledger where id = ?").bulk([[71000 + i] for i in range(20)])["affected"] == 20
        users = gate.prepare("insert into users (name) values (?)")
        first = users.bulk([["bulk"], ["bulk"], ["bulk"]])["id"]
        assert gate.run("select min(id), count(*) from users where name = 'bulk'") == ((first, 3),)


# --- metadata ---

TYPES = "create or replace table kinds (id int primary key, j json, u uuid, i inet6, p point, g geometry, e enum('a','b'), t text)"


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("flags", [0, DEPRECATE_EOF])
def test_columns_tell_names_of_types(one, flags, attached):
    same = lambda columns: [column.replace(b"\x05plain", b"\x03one") for column in columns]
    with both(one, EXTENDED_METADATA, attached, client_flag=flags) as (gate, plain):
        for client in (gate, plain):
            client.command(COMMAND.COM_QUERY, TYPES)
            client.result()
        for text in ("select * from kinds", "select j as x, u from kinds", "show columns from kinds"):
            got, wanted = [], []
            for client, out in ((gate, got), (plain, wanted)):
                client.command(COMMAND.COM_QUERY, text)
                out += client.result()["columns"]
            assert got == same(wanted), text
        statements = [client.prepare("select u, j, id from kinds where id = ?") for client in (gate, plain)]
        assert statements[0].columns == same(statements[1].columns)
        assert b"\x06\x01\x04json" in statements[0].columns[1]
        assert statements[0].execute([1])["columns"] == same(statements[1].execute([1])["columns"])
        for client in (gate, plain):
            client.command(COMMAND.COM_FIELD_LIST, "kinds\0%")
        got, wanted = (listed(client) for client in (gate, plain))
        # Behind each the server has the default value, of which a gate knows nothing.
        assert [column[:-1] for column in got] == [column[:len(short) - 1] for column, short in zip(same(wanted), got, strict=True)]


def listed(client):
    out = []
    while not client.is_end(packet := client.packet()) and packet[0] != 0xFE:
        out.append(packet)
    return out


@pytest.mark.parametrize("attached", [False, True])
def test_a_client_without_extended_metadata_sees_none(one, attached):
    with both(one, 0, attached) as (gate, plain):
        for client in (gate, plain):
            client.run(TYPES)
            client.command(COMMAND.COM_QUERY, "select * from kinds")
        assert gate.result()["columns"] == [c.replace(b"\x05plain", b"\x03one") for c in plain.result()["columns"]]


@pytest.mark.parametrize("attached", [False, True])
@pytest.mark.parametrize("flags", [0, DEPRECATE_EOF, DEPRECATE_EOF | CLIENT.MULTI_STATEMENTS])
def test_columns_that_the_client_has_are_left_out(one, flags, attached):
    with both(one, CACHE_METADATA | EXTENDED_METADATA, attached, client_flag=flags) as (gate, plain):
        for client in (gate, plain):
            for text in ("create or replace table cached (id int primary key, v varchar(9))", "insert into cached values (1, 'a'), (2, 'b')"):
                client.command(COMMAND.COM_QUERY, text)
                client.result()
        statements = [client.prepare("select id, v from cached where id >= ? order by id") for client in (gate, plain)]
        for _ in range(3):
            got, wanted = (statement.execute([1]) for statement in statements)
            assert (got["left out"], got["rows"]) == (wanted["left out"], wanted["rows"])
        assert got["left out"] and len(got["rows"]) == 2
        for client in (gate, plain):
            client.command(COMMAND.COM_QUERY, "alter table cached modify v varchar(20)")
            client.result()
        got, wanted = (statement.execute([2]) for statement in statements)
        assert not got["left out"] and got["columns"] == [c.replace(b"\x05plain", b"\x03one") for c in wanted["columns"]]
        assert statements[0].execute([2])["left out"]
        # A text has its columns each time.
        for _ in range(2):
            gate.command(COMMAND.COM_QUERY, "select id, v from cached")
            assert len(gate.result()["columns"]) == 2


def test_columns_of_a_prepared_call_come_each_time(one):
    """What a program selects has no columns of its own to compare with: the client would take those of the result before."""
    with both(one, CACHE_METADATA, True) as (gate, plain):
        for client in (gate, plain):
            client.command(COMMAND.COM_QUERY, "create or replace procedure several() begin select 1 as a, 2 as b; select 'x' as c; end")
            client.result()
        statements = [client.prepare("call several()") for client in (gate, plain)]
        for _ in range(3):
            for statement in statements:
                results = [statement.execute([]), statement.client.result(), statement.client.result()]
                assert [len(result["columns"]) for result in results[:2]] == [2, 1], statement.client.host_info


def statuses(client):
    """What an answer tells of the session and of further results: behind columns, behind rows, and without rows."""
    out = [8]
    while out[-1] & 8:
        if (head := client.packet())[0] != 0:
            for _ in range(head[0]):
                client.packet()
            out.append(struct.unpack_from("<H", client.packet(), 3)[0])
            while not client.is_end(head := client.packet()):
                pass
        out.append(struct.unpack_from("<H", head, 3)[0])
    return [status & 0xB for status in out]


def test_further_results_are_told_behind_the_columns(one):
    """libmariadb looks there, when its user does not care for the rows."""
    with both(one, 0, True, client_flag=CLIENT.MULTI_STATEMENTS) as (gate, plain):
        for client in (gate, plain):
            client.run("create or replace procedure once() select 1 as a")
        for text in ("call once()", "select 1", "select 1; select 2", "set @a = 1; call once()"):
            told = []
            for client in (gate, plain):
                client.command(COMMAND.COM_QUERY, text)
                told.append(statuses(client))
            # Behind the last statement's columns a gate, which is told only behind its rows, says what the one before said.
            last = 3 if text == "select 1; select 2" else len(told[0])
            assert (told[0][:last], told[0][-1]) == (told[1][:last], told[1][-1]), text
        for text in ("call once()", "select 1"):
            told = []
            for client in (gate, plain):
                statement = client.prepare(text)
                client.command(COMMAND.COM_STMT_EXECUTE, struct.pack("<IBI", statement.number, 0, 1))
                told.append(statuses(client))
            assert told[0] == told[1], text


def test_nobody_logs_in_with_a_character_set_that_sql_is_not_read_in(one):
    ucs2 = 35

    class Wide(Client):
        def write_packet(self, payload):
            super().write_packet(payload if self.greeted else payload[:8] + bytes([ucs2]) + payload[9:])

    errors = []
    for options in ({"unix_socket": str(next(one.data.glob("vt_*/mysql.sock"))), "user": "vt_dba"}, {"host": "127.0.0.1", "port": one.gate_port, "user": "test"}):
        with pytest.raises(pymysql.MySQLError) as error:
            Wide(0, charset="utf8mb4", **options)
        errors.append(error.value.args)
    assert errors[0] == errors[1] and errors[0][0] == 1231


# --- what clients follow of their session ---

FOLLOWED = {
    "characteristics": ["set session_track_transaction_info = 'CHARACTERISTICS'", "begin", "select * from followed", "insert into followed values (1)",
                        "commit", "start transaction read only", "rollback", "set autocommit = 0", "select * from followed",
                        "insert into followed values (2)", "rollback", "set autocommit = 1", "set transaction isolation level serializable",
                        "set session transaction isolation level read committed", "select 1", "savepoint s"],
    "state": ["set session_track_transaction_info = 'STATE'", "begin", "insert into followed values (3)", "commit", "select * from followed"],
    "changes": ["set session_track_state_change = 1", "set @a = 1", "select 1", "create temporary table tmp (a int)", "set sql_mode = ''"],
    "off": ["set session_track_transaction_info = 'STATE'", "begin", "set session_track_transaction_info = 'OFF'", "commit"],
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_sessions_are_told_of_as_by_the_server(one, name):
    flags = SESSION_TRACK | DEPRECATE_EOF
    with both(one, 0, client_flag=flags) as (gate, plain):
        for client in (gate, plain):
            client.command(COMMAND.COM_QUERY, "create or replace table followed (id int) engine = innodb")
            client.packet()
        for text in FOLLOWED[name]:
            ends = []
            for client in (gate, plain):
                client.command(COMMAND.COM_QUERY, text)
                packets = [client.packet()]
                while packets[-1][0] not in (0, 0xFE):
                    packets.append(client.packet())
                ends.append(mariadb_client.ok(packets[-1]))
            assert ends[0] == ends[1], text


# --- types of parameters ---


@pytest.mark.parametrize("attached", [False, True])
def test_a_column_that_is_a_parameter_has_its_type(one, attached):
    cases = [(1, 5), (2, 5), (3, -5), (8, 5), (8, 2 ** 40), (0x8008, 5), (0x8003, 5), (4, 1.5), (5, 2.0), (5, 1.5), (253, "abc"), (253, ""), (6, None),
             (246, "1.50")]
    with both(one, 0, attached) as (gate, plain):
        statements = [client.prepare("select ? as x, 'y'") for client in (gate, plain)]
        for its_kind, value in cases:
            got, wanted = (statement.execute([value], [its_kind]) for statement in statements)
            assert (got["columns"], got["rows"]) == (wanted["columns"], wanted["rows"]), (its_kind, value)
        for number, packed in ((10, b"\x04\xe8\x07\x02\x03"), (12, b"\x07\xe8\x07\x02\x03\x04\x05\x06"), (11, b"\x08\0\0\0\0\0\x04\x05\x06")):
            results = []
            for statement in statements:
                statement.client.command(COMMAND.COM_STMT_EXECUTE, struct.pack("<IBI", statement.number, 0, 1) + b"\0\1" + bytes([number, 0]) + packed)
                results.append(statement.client.result())
            assert results[0] == results[1], number


# --- warnings ---


def test_settings_warn_as_by_the_server(one):
    """Also who sets the same as somebody before, and who sets something else behind it."""
    texts = ["set sort_buffer_size = 1", "set @a = 1", "set sort_buffer_size = 2, max_error_count = 100000", "set max_error_count = 64",
             "set sort_buffer_size = 1", "set names utf8mb4", "set sql_mode = 'ansi'"]
    for _ in range(2):
        with both(one) as (gate, plain):
            for text in texts:
                told = []
                for client in (gate, plain):
                    client.command(COMMAND.COM_QUERY, text)
                    count = client.result()["warnings"]
                    # A SET that warns of nothing leaves the server's list as it was, and empties the gate's.
                    told.append((count, client.run("show warnings") if count else ()))
                assert told[0] == told[1], text
                assert (told[0][0] > 0) == ("sort_buffer_size" in text), text


# PHP's mysqlnd ends the connection at anything but an EOF.
@pytest.mark.parametrize("flags", [0, DEPRECATE_EOF])
@pytest.mark.parametrize("attached", [False, True])
def test_multi_statements_are_switched_with_an_eof(one, flags, attached):
    with both(one, client_flag=flags, attached=attached) as (gate, plain):
        answers = []
        for client in (gate, plain):
            client._execute_command(COMMAND.COM_SET_OPTION, struct.pack("<H", 0))
            answers.append(client._read_packet().get_all_data())
        assert answers[0] == answers[1] and answers[0][0] == 0xfe


# ActiveRecord switches them on for its fixtures alone, in the middle of a session.
@pytest.mark.parametrize("attached", [False, True])
def test_multi_statements_are_switched_in_mid_session(one, attached):
    def said(client, text):
        try:
            with client.cursor() as cursor:
                cursor.execute(text)
                rows = [cursor.fetchall()]
                while cursor.nextset():
                    rows.append(cursor.fetchall())
                return rows
        except pymysql.MySQLError as error:
            return error.args[0]

    with both(one, attached=attached) as (gate, plain):
        answers = []
        for client in (gate, plain):
            answers.append([])
            for option in (1, 0, 1, 0):
                client._execute_command(COMMAND.COM_SET_OPTION, struct.pack("<H", option))
                client._read_packet()
                answers[-1].append(said(client, "select 1; select 2"))
        assert answers[0] == answers[1] and answers[1] == [1064, [((1,),), ((2,),)]] * 2
