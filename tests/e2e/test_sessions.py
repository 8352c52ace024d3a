# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What is bound to a connection, through a gate before one server: each text is answered as the server itself answers it."""

import contextlib
import os
import struct
import time

import pymysql
import pytest
from pymysql.constants import CLIENT, COMMAND

from conftest import running, until

ONE_SERVER = {"topology": "file", "durable": False, "keyspaces": [{"name": "one", "shards": 1, "replicas": 0, "database": "one"}]}
FLAGS = CLIENT.MULTI_STATEMENTS
COMMAND_REFRESH = 7


@pytest.fixture(scope="module")
def one():
    """A cluster of one unsharded keyspace, whose server can also be asked directly, in a database of the same tables."""
    with running(ONE_SERVER, tables=False) as machine:
        yield machine


def server_socket(machine):
    return next(machine.data.glob("vt_*/mysql.sock"))


def direct(machine, database="plain"):
    return pymysql.connect(unix_socket=str(server_socket(machine)), user="vt_dba", database=database, autocommit=True,
                           charset="utf8mb4", client_flag=FLAGS, local_infile=True)


def through_gate(machine):
    return machine.connect("one", client_flag=FLAGS, local_infile=True)


def answers(connection, texts):
    """Every result of every text: rows and columns' names, or affected rows, or the error. Databases' names made alike."""
    out = []
    with connection.cursor() as cursor:
        for text in texts:
            results = []
            try:
                cursor.execute(text)
                while True:
                    names = [column[0] for column in cursor.description or []]
                    results.append((names, cursor.fetchall() if names else cursor.rowcount))
                    if not cursor.nextset():
                        break
            except pymysql.MySQLError as error:
                results.append((error.args[0], str(error.args[1]).replace("'plain.", "'one.")))
            out.append((text, results))
    return out


SCRIPTS = {
    "names of user variables": ["set @`a b` = 5, @`\u00e4` = 'x', @'.' = 2", "select @`A B`, @`\u00e4`, @`.` + 1",
                                "select id from t where id = @`a b`", "set @`c``d` = 3", "select @`c``d`",
                                "create temporary table tmp (a int)", "select @`c``d`, @`a b`", "drop table tmp"],
    "user variables": ["set @a = 5", "select @a, @b := @a + 1", "select @b", "select max(v) into @m from t", "select @m"],
    "temporary tables": ["create temporary table tmp (a int)", "insert into tmp values (1), (2)", "select sum(a) from tmp",
                         "insert into t select 100 + a, 'x' from tmp", "select count(*) from t where id > 100",
                         "delete from t where id > 100", "drop temporary table tmp", "select * from tmp"],
    "procedures": ["drop procedure if exists p", "create procedure p(n int) begin select n; select n + 1; set @out = n * 2; end",
                   "call p(4)", "select @out", "call p('x')"],
    "prepared as SQL": ["prepare s from 'select ? + id from t where id < ? order by id'", "set @x = 10, @y = 3", "execute s using @x, @y",
                        "deallocate prepare s", "execute s using @x, @y"],
    "locks": ["select get_lock('l', 1)", "select is_used_lock('l') is not null", "select release_lock('l')", "lock tables t read",
              "insert into t values (9, 'z')", "unlock tables"],
    "several statements": ["select 1; select 2 as b; update t set v = v where id = 1", "select 1; select nope; select 3", "select 1; selct 2"],
    "found rows": ["select sql_calc_found_rows id from t order by id limit 1", "select found_rows()", "select row_count()"],
    "transactions": ["begin", "insert into t values (50, 'tx')", "savepoint s1", "insert into t values (51, 'tx')", "rollback to s1",
                     "select count(*) from t where v = 'tx'", "rollback", "select count(*) from t where v = 'tx'",
                     "start transaction read only", "insert into t values (52, 'ro')", "rollback", "set autocommit = 0",
                     "insert into t values (53, 'ac')", "rollback", "set autocommit = 1", "select count(*) from t where id = 53"],
    "a transaction goes on": ["begin", "insert into t values (60, 'kept')", "select @n := 1", "select count(*) from t where id = 60",
                              "rollback", "select count(*) from t where id = 60"],
    "settings": ["set sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'", "select \"id\" || 'x' from t order by id limit 1", "set sql_mode = default",
                 "set session group_concat_max_len = 5", "select group_concat(v order by id) from t", "set no_such = 1"],
    "settings of connectors": ["set autocommit = 1, sql_mode = concat(@@sql_mode, ',STRICT_TRANS_TABLES'), sql_mode = 'PIPES_AS_CONCAT'",
                               "select 'a' || 'b', @@sql_mode"],
    "a mode that is added": ["set @a = 1", "set sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT'), @a = @a + 1", "select 'a' || @a"],
    "sorts of user variables": ["set @a = 0x4142", "select charset(@a), @a", "set @g = st_geomfromtext('point(1 2)')",
                                "select st_astext(@g)", "set @d = cast('2011-01-02' as date) + interval 1 day", "select @d, charset(@d)"],
    "values of a variable in a character set": ["set names latin1", "set @u = convert(_utf8mb4 0xd18e using utf8mb4)", "select hex(@u)"],
    "tables of what the session knows": ["set @a = 7", "create table made select @a as a", "select a from made", "drop table made"],
    "columns of no database": ["select count(nowhere.t.id) from t", "select one_t.id from t as one_t where one_t.id = 1"],
    "how long a client may be silent": ["set wait_timeout = 0", "show warnings", "select @@wait_timeout, @@global.wait_timeout, @@autocommit",
                                        "set session wait_timeout = '5'", "set wait_timeout = 1.5", "set wait_timeout = null",
                                        "set wait_timeout = 99999999", "set wait_timeout = 700 + 7", "select @@session.wait_timeout",
                                        "show variables like 'wait_timeout'", "show global variables like 'wait_timeout'",
                                        "set wait_timeout = default", "select @@wait_timeout"],
    "results of a loop": ["for r in (select 1 as n union select 2) do execute immediate concat('select ', r.n, ' as x limit 0'); "
                          "select r.n; end for", "select 5"],
    "the next transaction": ["begin", "set transaction isolation level read committed", "set transaction read only", "rollback",
                             "set transaction read only", "select 1", "insert into t values (70, 'ro')", "select count(*) from t",
                             "insert into t values (70, 'rw')", "delete from t where id = 70"],
    "transactions in a chain": ["set completion_type = 1", "begin", "insert into t values (90, 'kept')", "commit",
                                "insert into t values (91, 'chained')", "rollback", "select count(*) from t where id >= 90",
                                "set completion_type = 0", "rollback", "delete from t where id = 90"],
    "the row inserted last": ["create table auto (a int auto_increment primary key, b int)", "insert into auto (b) values (1)",
                              "set sql_auto_is_null = 1", "select * from auto where a is null", "set sql_auto_is_null = 0",
                              "select * from auto where a is null", "drop table auto"],
    "columns shown": ["show columns from t where field in (select column_name from information_schema.columns where column_name = 'v')"],
    "profiles": ["set profiling = 1", "select 1 from t", "set profiling = 0", "select state from information_schema.profiling where seq = 0"],
    "comments alone": ["# a", "-- a", "/* a */;", "/*!999999 select 1 */", "select 1; -- x", "# a\n# b\n", ";"],
    "counts of rows": ["update t set v = v where id = 1", "show warnings", "select row_count()"],
    "as written": ["select   1+1  ,  'a'  'b'", "create or replace view w as select id /* kept */ , v from t where id<3",
                   "select * from w", "drop view w", "explain select * from t where id = 1", "select _latin1'x', x'41', b'1'",
                   "select * from t where id = 1 and 1 = 1 limit 1;"],
    "warnings": ["create table if not exists t (id int)", "show warnings", "select 1/0", "show count(*) warnings", "select @@warning_count",
                 "insert into t values (1, 'twice')", "show warnings", "show errors"],
    "savepoints": ["begin", "savepoint a", "rollback to a", "release savepoint a", "rollback to a", "release savepoint A", "savepoint b",
                   "savepoint c", "rollback to B", "rollback to c", "savepoint b", "insert into t values (70, 's')", "rollback to b",
                   "select count(*) from t where id = 70", "commit", "rollback to b", "release savepoint b", "savepoint d"],
    "what transactions begin with": [
        "set session transaction isolation level read committed", "show variables like 't%_isolation'", "select @@tx_isolation",
        "show variables where variable_name in ('transaction_isolation', 'tx_isolation')", "set session transaction read only",
        "select @@session.tx_read_only", "show variables like 'tx_read_only'", "set session transaction read write", "select @@tx_read_only",
        "set autocommit = 0", "show session variables like 'autocommit'", "show global variables like 'autocommit'"],
    "databases": ["create database if not exists extra", "use extra", "select database()", "create table e (a int)", "insert into e values (1)",
                  "select a from extra.e", "drop database extra"],
    "ids that statements give": ["create or replace table ids (id int auto_increment primary key, v int)", "insert into ids (v) values (1)",
                                 "insert into ids values (-1, 2)", "select last_insert_id()", "insert into ids select 1000 + id, v from ids where id > 0",
                                 "select last_insert_id()", "insert into ids (v) select v from ids", "select last_insert_id()", "drop table ids"],
    "what the next transaction leaves": [
        "set session transaction isolation level repeatable read", "set transaction isolation level read uncommitted", "select @@tx_isolation",
        "set transaction read only", "select @@tx_read_only", "start transaction", "select @@tx_isolation, @@tx_read_only",
        "show variables like 'tx_%'", "select count(*) from t", "select @@session.tx_isolation", "commit", "select @@tx_isolation, @@tx_read_only"],
    "warnings behind queries of no table": [
        "create table if not exists t (id int)", "select @@warning_count", "select 1", "show warnings", "select @@warning_count, @@error_count from dual",
        "show warnings", "select 1/0", "show warnings", "create table if not exists t (id int)", "select count(*) from t", "show warnings", "select nope from t",
        "select 1", "show errors", "show count(*) errors"],
    "character sets called default": ["set character set 'DEFAULT'", "set names 'default'", "set names default", "select @@character_set_client"],
    "what is killed": ["kill (select 1)", "kill (select 1) + lastval(s)", "kill lastval(s)", "kill query (select id from t limit 1)"],
    "user variables in a trigger": ["create or replace table told (a int, b varchar(20))", "set @who = 'me'", "insert into told (a) values (1)",
                                    "create trigger telling before insert on told for each row set new.b = concat('by ', @who)",
                                    "insert into told (a) values (2)", "set @who = 'you'", "update told set b = @who where a = 1",
                                    "replace into told (a) values (3)", "select * from told", "drop table told"],
    "databases within programs": [
        "create database if not exists extra", "create or replace table extra.e (a int)", "create or replace table e (a int)",
        "create trigger into_e before insert on t for each row insert into extra.e values (new.id)", "insert into t values (30, 'e')",
        "select count(*) from e", "select count(*) from extra.e", "drop trigger into_e", "create or replace procedure p() select count(*) from extra.e",
        "call p()", "create or replace view w as select a from extra.e", "select * from w", "drop view w", "drop procedure p", "drop table e",
        "create table e like extra.e", "drop table e", "drop database extra", "delete from t where id = 30"],
    "a row of no table": ["create or replace procedure p() begin declare rec row type of nowhere.t; end", "call p()", "call p()", "drop procedure p"],
    "comments behind a body": ["create or replace function f() returns int return 1 # one", "select body from mysql.proc where name = 'f'", "drop function f"],
    "errors": ["select nope from t", "select * from nope", "insert into t values (1, 'a')", "selct 1", "select * from t where", "", "/* a */ use",
               "use ``"],
    "handler": ["handler t open", "handler t read first", "handler t close"],
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_answered_as_by_the_server(one, name):
    tables = ["drop table if exists t", "create table t (id int primary key, v varchar(20))", "insert into t values (1, 'a'), (2, 'b'), (3, 'c')"]
    with direct(one, None) as plain, plain.cursor() as cursor:
        cursor.execute("create database if not exists plain")
    with direct(one) as plain, through_gate(one) as gate:
        assert answers(gate, tables) == answers(plain, tables)
        for got, want in zip(answers(gate, SCRIPTS[name]), answers(plain, SCRIPTS[name])):
            assert got == want


def test_a_local_file_is_loaded_and_refused_files_change_nothing(one, tmp_path):
    data = tmp_path / "rows.tsv"
    data.write_text("".join(f"{i}\trow {i}\n" for i in range(20000)))
    with through_gate(one) as gate, gate.cursor() as cursor:
        cursor.execute("create or replace table loaded (id int primary key, v varchar(20))")
        assert cursor.execute(f"load data local infile '{data}' into table loaded") == 20000
        # More rows than a tablet gathers for one call come all the same.
        cursor.execute("select id, v from loaded order by id")
        assert cursor.fetchall() == tuple((i, f"row {i}") for i in range(20000))
        with pytest.raises(pymysql.MySQLError):
            cursor.execute("load data local infile '/no/such/file' into table loaded")
    assert one.query("select count(*) from loaded", "one") == ((20000,),)
    # And so they do within a transaction, which goes on.
    with through_gate(one) as gate, gate.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("delete from loaded where id = 0")
        cursor.execute("select id from loaded")
        assert len(cursor.fetchall()) == 19999
        cursor.execute("rollback")
    assert one.query("select count(*) from loaded", "one") == ((20000,),)


def test_a_client_that_leaves_takes_its_session_with_it(one):
    one.query("create or replace table left_behind (id int primary key) engine = innodb", "one")
    gate = through_gate(one)
    with gate.cursor() as cursor:
        cursor.execute("select get_lock('held', 0), @x := 1")
        cursor.execute("begin")
        cursor.execute("insert into left_behind values (1)")
    gate._sock.close()  # no goodbye
    gate._force_close()

    def released():
        with direct(one, None) as plain, plain.cursor() as cursor:
            cursor.execute("select is_free_lock('held')")
            return cursor.fetchone() == (1,)

    until("the lock is free", released)
    assert one.query("select count(*) from left_behind", "one") == ((0,),)


def test_a_lost_tablet_ends_the_session_and_says_so(one):
    gate = through_gate(one)
    with gate.cursor() as cursor:
        cursor.execute("create temporary table gone (a int)")
        one.kill9("vttablet-zone1-100")
        with pytest.raises(pymysql.MySQLError) as error:
            cursor.execute("select * from gone")
        assert error.value.args[0] in (2006, 2013), error.value
        # What the session held is lost: the connection is closed, rather than going on without it.
        with pytest.raises((pymysql.MySQLError, OSError)):
            cursor.execute("select 1")
            cursor.execute("select 1")

    def serves():
        try:
            return one.query("select 1", "one") == ((1,),)
        except pymysql.MySQLError:
            return False

    until("the tablet is back", serves)


def test_a_reset_gives_the_connection_back(one):
    with through_gate(one) as gate, gate.cursor() as cursor:
        cursor.execute("create temporary table mine (a int)")
        gate._execute_command(0x1F, b"")  # COM_RESET_CONNECTION
        gate._read_ok_packet()
        with pytest.raises(pymysql.MySQLError) as error:
            cursor.execute("select * from mine")
        assert error.value.args[0] == 1146
        cursor.execute("select database()")
        assert cursor.fetchone() == ("one",)


class Binary:
    """Prepared statements of the protocol, of which PyMySQL has none: integers and strings will do."""

    def __init__(self, connection):
        self.connection = connection

    def prepare(self, sql):
        self.connection._execute_command(COMMAND.COM_STMT_PREPARE, sql)
        head = self.connection._read_packet().get_all_data()
        statement, columns, parameters = struct.unpack_from("<IHH", head, 1)
        for count in (parameters, columns):
            for _ in range(count + 1 if count else 0):  # an EOF behind each list
                self.connection._read_packet()
        return statement, columns, parameters

    def send(self, statement, values, cursor=0):
        nulls = bytearray((len(values) + 7) // 8)
        kinds, data = b"", b""
        for i, value in enumerate(values):
            if value is None:
                nulls[i // 8] |= 1 << (i % 8)
                kinds += b"\x06\x00"
            elif isinstance(value, int):
                kinds += b"\x08\x00"
                data += struct.pack("<q", value)
            else:
                kinds += b"\xfd\x00"
                data += bytes([len(value)]) + value.encode()
        tail = bytes(nulls) + b"\x01" + kinds + data if values else b""
        self.connection._execute_command(COMMAND.COM_STMT_EXECUTE, struct.pack("<IBI", statement, cursor, 1) + tail)

    def rows(self):
        """The packets of the rows that follow, and the flags of their end."""
        out = []
        while True:
            packet = self.connection._read_packet().get_all_data()
            if packet[0] == 0xFE and len(packet) < 9:
                return out, struct.unpack_from("<H", packet, 3)[0]
            out.append(packet)

    def execute(self, statement, values):
        self.send(statement, values)
        head = self.connection._read_packet().get_all_data()
        if head[0] == 0:
            return head[1]  # affected rows, while they are few
        self.rows()  # the columns
        return self.rows()[0]

    def close(self, statement):
        self.connection._execute_command(COMMAND.COM_STMT_CLOSE, struct.pack("<I", statement))


@pytest.mark.parametrize("attached", [False, True])
def test_prepared_statements_give_the_rows_the_server_gives(one, attached):
    tables = ["create database if not exists plain", "use plain"]
    with direct(one, None) as plain:
        answers(plain, tables)
    tables = ["create or replace table prepared (id int primary key, v varchar(20), d decimal(8,2), t datetime(3), b blob)",
              "insert into prepared values (1, 'a', 1.5, '2024-02-03 04:05:06.789', x'00ff'), (2, null, null, null, null)"]
    statements = [
        ("select * from prepared where id = ?", [1]), ("select id, v from prepared where v = ? or id = ?", ["a", 2]),
        ("select v = ?, ?, concat(?, 'x') from prepared", ["a", "q", None]), ("select id from prepared order by id limit ?", ["1"]),
        ("update prepared set v = ? where id = ?", ["b", 2]), ("update prepared set v = null where id = ?", [2]),
        ("select count(*), sum(d), max(t) from prepared", []), ("replace into prepared (id) values (?)", [7]),
        ("delete from prepared where id = ?", [7])]
    with through_gate(one) as gate, direct(one) as plain:
        assert answers(gate, tables) == answers(plain, tables)
        if attached:
            with gate.cursor() as cursor:
                cursor.execute("create temporary table anything (a int)")
        for sql, values in statements:
            through, straight = Binary(gate), Binary(plain)
            prepared, wanted = through.prepare(sql), straight.prepare(sql)
            assert prepared[1:] == wanted[1:], sql
            assert through.execute(prepared[0], values) == straight.execute(wanted[0], values), sql
            assert through.execute(prepared[0], values) == straight.execute(wanted[0], values), sql
            through.close(prepared[0])
            straight.close(wanted[0])


@pytest.mark.parametrize("attached", [False, True])
def test_the_statement_prepared_last_needs_no_id(one, attached):
    """What MariaDB's own connectors do where they see MariaDB: prepare and execute in one go."""
    with through_gate(one) as gate:
        if attached:
            answers(gate, ["create temporary table anything (a int)"])
        binary = Binary(gate)
        first = binary.prepare("select ?")[0]
        for sql, values, found in (("select ? + 1", [4], b"\x05"), ("select ?", ["x"], b"x")):
            binary.prepare(sql)
            (row,) = binary.execute(0xFFFFFFFF, values)
            assert found in row[2:]
        with pytest.raises(pymysql.MySQLError):
            binary.prepare("select nope from nowhere")
        binary.close(first)
        assert binary.execute(binary.prepare("select 7")[0], [])


def test_a_statement_prepared_again_is_described_as_its_tables_are_now(one):
    """What a server told of a statement is kept, but no longer than its tables stay as they are."""
    with through_gate(one) as gate, through_gate(one) as other:
        answers(gate, ["create or replace table described (id int primary key)", "create or replace table apart (id int primary key)"])
        columns = lambda table: Binary(gate).prepare(f"select * from {table}")[1]
        for count, change in enumerate(("add a int", "add b int", "drop column a, drop column b, add c int, add d int, add e int"), 2):
            assert columns("described") == columns("described") == count - 1
            answers(other, [f"alter table described {change}"])
        assert columns("described") == 4
        # A change that no gate made is heard of by the tablet, or else forgotten about in time.
        assert columns("apart") == 1
        with direct(one, None) as plain:
            answers(plain, ["alter table one.apart add a int"])
        until("the change is noticed", lambda: columns("apart") == 2)


@pytest.mark.parametrize("attached", [False, True])
def test_a_cursor_is_fetched_in_pieces(one, attached):
    with through_gate(one) as gate:
        if attached:
            with gate.cursor() as cursor:
                cursor.execute("select @attached := 1")
        client = Binary(gate)
        statement, _, _ = client.prepare("select seq from seq_1_to_5 where seq > ?")
        client.send(statement, [1], cursor=1)
        assert gate._read_packet().get_all_data() == b"\x01"
        columns, flags = client.rows()
        assert len(columns) == 1 and flags & 0x40  # a cursor exists
        got = []
        for expected in (3, 1):
            gate._execute_command(0x1C, struct.pack("<II", statement, 3))
            rows, flags = client.rows()
            assert len(rows) == expected
            got += rows
        assert flags & 0x80  # the last row was sent
        assert [struct.unpack_from("<q", row, 2)[0] for row in got] == [2, 3, 4, 5]
        client.close(statement)
        with gate.cursor() as cursor:
            cursor.execute("select 1")
            assert cursor.fetchone() == (1,)


def test_a_killed_query_ends_and_the_session_lives_on(one):
    with through_gate(one) as gate, gate.cursor() as cursor:
        cursor.execute("create temporary table lives (a int)")
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                def running_query():
                    with direct(one, None) as plain, plain.cursor() as killer:
                        killer.execute("select id from information_schema.processlist where info = 'select sleep(60)'")
                        return killer.fetchone()
                (server_thread,) = until("the query runs", running_query)
                with direct(one, None) as plain, plain.cursor() as killer:
                    killer.execute(f"kill query {server_thread}")
            finally:
                os._exit(0)
        with pytest.raises(pymysql.MySQLError) as error:
            cursor.execute("select sleep(60)")
        assert error.value.args[0] == 1317
        os.waitpid(pid, 0)
        assert time.monotonic() - started < 30
        cursor.execute("select count(*) from lives")
        assert cursor.fetchone() == (0,)


def tracked(connection, command, text):
    """What an OK tells of the session: {name of a variable, or "schema": value}."""
    connection._execute_command(command, text)
    data = connection._read_packet().get_all_data()
    assert data[0] == 0, data
    def piece(at):
        assert data[at] < 251
        return data[at + 1:at + 1 + data[at]], at + 1 + data[at]
    flags, at = struct.unpack_from("<H", data, 3)[0], 7
    if not flags & 0x4000:
        return {}
    _, at = piece(at)  # the text for people
    entries, _ = piece(at)
    found, data, at = {}, entries, 0
    while at < len(entries):
        kind, (entry, after) = entries[at], piece(at + 1)
        name, value = entry[1:1 + entry[0]], entry[1 + entry[0]:]
        found["schema" if kind == 1 else name.decode()] = (name if kind == 1 else value[1:]).decode()
        at = after
    return found


@pytest.mark.parametrize("attached", [False, True])
def test_clients_may_follow_what_changes_of_their_session(one, attached):
    follow = FLAGS | 1 << 23
    with direct(one, None) as plain:
        answers(plain, ["create database if not exists plain"])
    texts = ["set autocommit = 0", "set names latin1", "set time_zone = '+02:00'", "set autocommit = 1", "set names utf8mb4"]
    with one.connect("one", client_flag=follow) as gate, pymysql.connect(
            unix_socket=str(server_socket(one)), user="vt_dba", database="one", client_flag=follow, charset="utf8mb4") as plain:
        assert tracked(plain, COMMAND.COM_QUERY, "set autocommit = 1") == {"autocommit": "ON"}
        if attached:
            answers(gate, ["create temporary table anything (a int)"])
        for text in texts:
            assert tracked(gate, COMMAND.COM_QUERY, text) == tracked(plain, COMMAND.COM_QUERY, text), text
        assert tracked(gate, COMMAND.COM_QUERY, "do 1") == {}
    with one.connect(client_flag=follow) as gate:
        assert tracked(gate, COMMAND.COM_INIT_DB, "one") == {"schema": "one"}
        assert tracked(gate, COMMAND.COM_QUERY, "use `one@primary`") in ({}, {"schema": "one"})
    with through_gate(one) as silent:  # who has not asked hears nothing
        assert tracked(silent, COMMAND.COM_QUERY, "set autocommit = 0") == {}


@pytest.mark.parametrize("attached", [False, True])
def test_clients_may_choose_the_settings_they_follow(one, attached):
    follow = FLAGS | 1 << 23
    texts = ["set names latin1", "set @@session.session_track_system_variables = 'character_set_connection, SQL_MODE,autocommit,wait_timeout'",
             "set names utf8", "set names utf8", "set sql_mode = 'TRADITIONAL', time_zone = '+01:00'", "set autocommit = 0", "set autocommit = 1",
             "set wait_timeout = 77", "set character set latin1", "set @a = 1, @@session.sql_mode = ''", "set names utf8mb4",
             "set session_track_system_variables = concat(@@session_track_system_variables, ',time_zone')", "set time_zone = '+02:00'",
             "set session_track_system_variables = '*'", "set max_sort_length = 2000", "set session_track_system_variables = ''", "set autocommit = 1",
             "set session_track_system_variables = default", "set names latin1", "set autocommit = 0"]
    with one.connect("one", client_flag=follow) as gate, pymysql.connect(
            unix_socket=str(server_socket(one)), user="vt_dba", database="one", client_flag=follow, charset="utf8mb4") as plain:
        if attached:
            answers(gate, ["create temporary table anything (a int)"])
        for text in texts:
            assert tracked(gate, COMMAND.COM_QUERY, text) == tracked(plain, COMMAND.COM_QUERY, text), text
        chosen = ["set session_track_system_variables = 'optimizer_switch'", "set optimizer_switch = 'engine_condition_pushdown=on'", "show warnings"]
        warned = answers(plain, chosen)
        assert answers(gate, chosen) == warned and "deprecated" in str(warned)
        with pytest.raises(pymysql.MySQLError, match="can't be set to the value of 'NULL'"):
            gate.query("set session_track_system_variables = null")


@pytest.mark.parametrize("in_transaction", [False, True])
def test_rows_found_are_counted_also_with_settings(one, in_transaction):
    """CLIENT_FOUND_ROWS: an update that changes nothing counts the rows it found, whatever else the client has set."""
    one.query("create or replace table found (id int primary key, v int) engine = innodb", "one")
    one.query("insert into found values (1, 1), (2, 1)", "one")
    with one.connect("one", client_flag=CLIENT.FOUND_ROWS) as gate, gate.cursor() as cursor:
        cursor.execute("set group_concat_max_len = 2000")
        if in_transaction:
            cursor.execute("begin")
        assert cursor.execute("update found set v = 1") == 2
        if in_transaction:
            assert cursor.execute("update found set v = 1 where id = 2") == 1
            cursor.execute("commit")


def test_a_text_that_nobody_can_read_holds_no_connection(one):
    def attached():
        with direct(one, None) as plain, plain.cursor() as cursor:
            cursor.execute("select count(*) from information_schema.processlist where user = 'vt_app'")
            return cursor.fetchone()[0]

    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(through_gate(one)) for _ in range(20)]
        before = attached()
        for client in clients:
            with client.cursor() as cursor, pytest.raises(pymysql.MySQLError) as error:
                cursor.execute("selct 1")
            assert error.value.args[0] == 1064
        until("their connections are closed", lambda: attached() <= before + 1)
        with clients[0].cursor() as cursor:
            cursor.execute("select 1")
            assert cursor.fetchone() == (1,)


def test_warnings_are_counted_behind_show_warnings_and_by_a_prepared_statement(one):
    with through_gate(one) as gate, gate.cursor() as cursor:
        cursor.execute("create or replace table strict (v int)")
        cursor.execute("show warnings")
        client = Binary(gate)
        statement, _, _ = client.prepare("insert ignore into strict values (?)")
        client.send(statement, ["many"])
        answer = gate._read_packet().get_all_data()
        assert answer[0] == 0 and struct.unpack_from("<H", answer, 5)[0] == 1  # warnings, behind two counts and the flags
        cursor.execute("show warnings")
        assert [row[0] for row in cursor.fetchall()] == ["Warning"]


def test_parameters_of_a_prepared_call_come_back(one):
    """A client without DEPRECATE_EOF knows from the EOF in front of the row that it holds OUT parameters, and that more follows."""
    out_parameters, more_results = 0x1000, 0x8
    with through_gate(one) as gate:
        answers(gate, ["drop procedure if exists comes_back", "create procedure comes_back(in a int, inout b int, out c varchar(9)) "
                       "begin set b = a + b; set c = 'said'; select a from dual; end"])
        binary = Binary(gate)
        statement, _, parameters = binary.prepare("call comes_back(?, ?, ?)")
        assert parameters == 3
        for b in (30, 40):
            binary.send(statement, [2, b, None])
            results = []
            while (head := gate._read_packet().get_all_data())[0] != 0:
                columns, before = binary.rows()
                rows, behind = binary.rows()
                results.append((len(columns), rows, before & out_parameters, behind & (out_parameters | more_results)))
            assert results == [(1, [b"\0\0\x02\0\0\0"], 0, more_results),
                               (2, [b"\0\0" + (2 + b).to_bytes(4, "little") + b"\x04said"], out_parameters, out_parameters | more_results)]
        answers(gate, ["drop procedure comes_back"])


def a_table(cursor):
    cursor.execute("create or replace table t (id int primary key, v varchar(20))")
    cursor.execute("insert into t values (1, 'a'), (2, 'b'), (3, 'c')")


def test_the_next_transaction_alone_has_what_was_set_for_it(one):
    def is_level(expected):
        """Of the one transaction that is open at the server, which looks anew once nobody has asked it for a tenth of a second."""
        time.sleep(0.15)
        with direct(one) as server, server.cursor() as cursor:
            cursor.execute("select trx_isolation_level from information_schema.innodb_trx")
            return cursor.fetchall() == ((expected,),)

    with through_gate(one) as client, client.cursor() as cursor:
        a_table(cursor)
        cursor.execute("set transaction isolation level serializable")
        for expected in ("SERIALIZABLE", "REPEATABLE READ"):
            cursor.execute("begin")
            cursor.execute("update t set v = v where id = 1")
            until(f"the transaction is {expected}", lambda level=expected: is_level(level))
            cursor.execute("rollback")


def test_a_consistent_snapshot_is_of_the_moment_it_is_asked_for(one):
    with through_gate(one) as reader, through_gate(one) as writer, reader.cursor() as cursor, writer.cursor() as other:
        a_table(cursor)
        cursor.execute("start transaction with consistent snapshot")
        other.execute("insert into t values (80, 'later')")
        cursor.execute("select count(*) from t where id = 80")
        assert cursor.fetchall() == ((0,),)
        cursor.execute("rollback")
        cursor.execute("select count(*) from t where id = 80")
        assert cursor.fetchall() == ((1,),)
        other.execute("delete from t where id = 80")


def test_databases_beside_the_one_keyspace_are_listed(one):
    with through_gate(one) as client, client.cursor() as cursor:
        cursor.execute("show databases")
        names = [name for (name,) in cursor.fetchall()]
        assert {"information_schema", "mysql", "one", "plain"} <= set(names) and "_vt" not in names
        cursor.execute("show databases like 'pl%'")
        assert cursor.fetchall() == (("plain",),) and cursor.description[0][0] == "Database (pl%)"


def test_a_silent_client_is_let_go(one):
    """As the server does it: without a word, and what the session had is rolled back."""
    with through_gate(one) as other, other.cursor() as cursor:
        cursor.execute("create table silent (id int)")

        def is_free():
            try:
                return cursor.execute("select * from silent for update nowait") == 0
            except pymysql.OperationalError:
                return False

        for connection, first in ((direct(one, None), "do 1"), (through_gate(one), "do 1"),
                                  (through_gate(one), "create temporary table own (a int)")):
            with contextlib.closing(connection), connection.cursor() as mine:
                mine.execute(first)
                mine.execute("set wait_timeout = 1")
                mine.execute("begin")
                mine.execute("insert into one.silent values (300)")
                connection._sock.settimeout(20)
                began = time.monotonic()
                assert connection._sock.recv(100) == b""
                assert 0.5 < time.monotonic() - began < 15
                connection._force_close()
            until("the row is rolled back", is_free)


def test_what_is_set_for_connections_to_come_holds_for_pooled_ones(monkeypatch):
    monkeypatch.setenv("TESSERA_DB_APP_USER", "root")
    with running(ONE_SERVER, tables=False) as machine, through_gate(machine) as before, through_gate(machine) as admin:
        lengths = ["select @@max_sort_length"]
        first = answers(before, lengths)
        answers(admin, ["set global max_sort_length = 2000"])
        with through_gate(machine) as later:
            assert answers(later, lengths) == answers(before, lengths) != first
            assert answers(later, lengths)[0][1] == [(["@@max_sort_length"], ((2000,),))]
        # What mysqladmin refresh sends: tables and status.
        for bits in (4 | 16, 1):
            admin._execute_command(COMMAND_REFRESH, bytes([bits]))
            assert admin._read_packet().is_ok_packet()


def test_statements_behind_a_file_are_the_clients(one, tmp_path):
    """A file of LOAD DATA LOCAL comes over the connection that the text came over, and is no part of it."""
    file = tmp_path / "rows.tsv"
    file.write_text("".join(f"{i}\t{'select sleep(9); ' * 3}\n" for i in range(3000)))
    texts = ["create or replace table loaded (a int, b varchar(100))",
             f"load data local infile '{file}' into table loaded; select 'behind the first file', count(*) from loaded; "
             f"load data local infile '{file}' into table loaded; select count(*) from loaded"]
    with through_gate(one) as gate:
        out = answers(gate, texts)
        assert [rows for names, rows in out[1][1] if names] == [(("behind the first file", 3000),), ((6000,),)]
