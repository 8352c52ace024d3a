# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What is bound to a connection, in a keyspace of several shards: each text is answered as one server answers it."""

import pymysql
import pytest
from pymysql.constants import COMMAND

from conftest import until
from test_sessions import Binary, answers, tracked

TABLE = "create table {} (id bigint primary key, name varchar(60), country int, key (name))"
ROWS = "insert into users (id, name, country) values (1, 'a', 10), (2, 'b', 20), (3, 'c', 30), (4, 'd', 40), (5, 'e', 10)"

SCRIPTS = {
    "assignments": ["set @x := 6", "select @x := 7", "select @x", "select @a := id from users where id = 1", "select @a",
                    "select @a := id, name from users order by id", "select @a", "select users.*, @n := name from users order by id",
                    "select @n", "select @m := max(id) from users", "select @m", "select @none := id from users where id > 100",
                    "select @none", "select (@c := 3) + 1, @d := @c + 1, @c", "select @c, @d", "select @s := 'it''s'", "select @s",
                    "select @z := null", "select @z", "do @q := 4", "select @q", "select @X := 1, @x := 2", "select @x"],
    "into variables": ["select max(id), count(*) into @m, @n from users", "select @m, @n", "select row_count()",
                       "select id, name into @i, @v from users where id = 2", "select @i, @v", "select id into @i from users order by id",
                       "select @i", "select id into @i from users where id > 100", "show warnings", "select @i",
                       "select id, name into @i from users where id = 1", "select 1 into @one", "select @one",
                       "select id into @i from users where id = 3 union select id from users where id = 3", "select @i",
                       "select name from users where id = @i"],
    "found rows": ["select sql_calc_found_rows id from users order by id limit 2", "select found_rows()",
                   "select sql_calc_found_rows id, name from users where id > 1 order by name limit 1, 1", "select found_rows()",
                   "select sql_calc_found_rows distinct country from users order by country limit 1", "select found_rows()",
                   "select sql_calc_found_rows country, count(*) from users group by country order by country limit 1",
                   "select found_rows()", "select sql_calc_found_rows id from users where id = 1", "select found_rows()",
                   "select sql_calc_found_rows count(*) from users limit 1", "select found_rows()",
                   "select sql_calc_found_rows a.id from users a join users b on a.country = b.country order by a.id, b.id limit 3",
                   "select found_rows()"],
    "insert ids": ["select last_insert_id(77)", "select last_insert_id()", "select last_insert_id(id) from users where id = 3",
                   "select last_insert_id()", "select last_insert_id(1 + 1) + 1", "select last_insert_id()",
                   "update users set country = last_insert_id(country + 1) where id = 1", "select last_insert_id()"],
    "locks": ["select get_lock('l', 1)", "select get_lock('l', 1) as twice from dual", "select is_free_lock('l'), is_free_lock('m')",
              "select is_used_lock('l') is not null", "select release_lock('l')", "select is_free_lock('l')", "select release_lock('l')",
              "select release_lock('l')", "do get_lock('z', 0)", "select is_free_lock('z')", "select get_lock('y', 0), @got := get_lock('w', 0)",
              "select @got", "select release_all_locks()", "select is_free_lock('z')", "select get_lock('k', 0) into @l", "select @l",
              "select release_lock('k')", "lock tables users read", "unlock tables"],
    "prepared as SQL": ["prepare s from 'select ? + id from users where id < ? order by id'", "set @p = 1, @q = 3", "execute s using @p, @q",
                        "execute S using @q, @q", "execute s", "execute s using @p", "set @text = 'update users set name = ? where id = ?'",
                        "prepare u from @text", "set @name = 'new', @id = 2", "execute u using @name, @id", "select name from users where id = 2",
                        "prepare s from 'select count(*) from users'", "execute s", "prepare bad from 'selct 1'", "prepare s from 'selct 1'",
                        "execute s", "deallocate prepare u", "deallocate prepare u", "drop prepare u", "execute immediate 'select 5'",
                        "execute immediate 'select id from users where id = ?' using @id", "prepare v from 'select @w := 3'", "execute v",
                        "select @w", "prepare l from 'select id from users order by id limit ?'", "set @two = 2", "execute l using @two"],
    "in a transaction": ["begin", "insert into users (id, name) values (60, 'kept')", "select @n := count(*) from users",
                         "select sql_calc_found_rows id from users order by id limit 1", "select found_rows()", "select id into @i from users where id = 60",
                         "select get_lock('t', 0)", "rollback", "select @n, @i", "select release_lock('t')", "select count(*) from users"],
}


def alike(results):
    """Errors of syntax are worded by who reads the text."""
    return [(text, [(r[0], "") if r[0] in (1064,) else r for r in rows]) for text, rows in results]


@pytest.fixture(scope="module")
def plain(shop):
    """A database of the same table at one server of the cluster."""
    connection = pymysql.connect(unix_socket=str(next(shop.data.glob("vt_*100/mysql.sock"))), user="vt_dba", autocommit=True, charset="utf8mb4")
    answers(connection, ["create database if not exists beside", "use beside", TABLE.format("users")])
    yield connection
    connection.close()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_answered_as_by_one_server(shop, plain, name):
    with shop.connect("app") as gate:
        for client in (gate, plain):
            answers(client, ["delete from users", ROWS])
        for got, want in zip(alike(answers(gate, SCRIPTS[name])), alike(answers(plain, SCRIPTS[name]))):
            assert got == want
        answers(gate, ["delete from users"])


def test_what_the_gate_keeps_works_with_the_binary_protocol(shop):
    with shop.connect("app") as gate:
        answers(gate, ["delete from users", ROWS])
        binary = Binary(gate)
        statement, columns, parameters = binary.prepare("select @b := id from users where id = ?")
        assert (columns, parameters) == (1, 1)
        assert len(binary.execute(statement, [3])) == 1
        statement, columns, parameters = binary.prepare("select name into @v from users where id = ?")
        assert (columns, parameters) == (0, 1)
        assert binary.execute(statement, [4]) == 1
        with gate.cursor() as cursor:
            cursor.execute("select @b, @v")
            assert cursor.fetchone() == (3, "d")
        answers(gate, ["delete from users"])


@pytest.mark.parametrize("text", ["select get_lock('mine', 0)", "do get_lock('mine', 0)", "select get_lock(concat('mi', 'ne'), 0)"])
def test_a_lock_excludes_others_until_its_session_ends(shop, text):
    holder = shop.connect("app")
    with shop.connect("app") as other, other.cursor() as cursor:
        def one(sql):
            cursor.execute(sql)
            return cursor.fetchone()[0]

        answers(holder, [text])
        # Statements between do not lose it.
        answers(holder, ["select count(*) from users", "set @x = 1", "select is_free_lock('another')"])
        assert one("select get_lock('mine', 0)") == 0
        holder.close()
        until("the lock is free", lambda: one("select is_free_lock('mine')") == 1)
        assert one("select get_lock('mine', 0)") == 1
        other._execute_command(0x1F, b"")  # COM_RESET_CONNECTION
        other._read_ok_packet()
        until("the lock is free again", lambda: one("select is_free_lock('mine')") == 1)


def test_nothing_is_left_on_pooled_connections(shop):
    """A lock taken by DO on a connection of the pool would be nobody's, and stay."""
    for database in ("app", "lookup", "app:-80"):
        with shop.connect(database) as gate, gate.cursor() as cursor:
            cursor.execute("do get_lock('left', 0)")
            cursor.execute("select is_free_lock('left')")
            assert cursor.fetchone() == (0,), database
        sockets = list(shop.data.glob("vt_*/mysql.sock"))

        def free_everywhere():
            for socket in sockets:
                with pymysql.connect(unix_socket=str(socket), user="vt_dba") as server, server.cursor() as cursor:
                    cursor.execute("select is_free_lock('left')")
                    if cursor.fetchone() != (1,):
                        return False
            return True

        until(f"the lock of {database} is free", free_everywhere)


def replicas_of(shop, shard):
    """Connections to the servers of the shard's replicas."""
    for socket in shop.data.glob("vt_*/mysql.sock"):
        server = pymysql.connect(unix_socket=str(socket), user="vt_dba", autocommit=True)
        with server.cursor() as cursor:
            cursor.execute("show slave status")
            follows = cursor.fetchone() is not None
            cursor.execute("select count(*) from information_schema.schemata where schema_name like '%app'")
            if follows and cursor.fetchone() == (1,):
                cursor.execute("select @@server_id")
                yield cursor.fetchone()[0], server
                continue
        server.close()


def test_a_replica_is_read_after_what_was_written(shop):
    shop.query("delete from ledger")
    shop.query("insert into ledger (id, value) values " + ", ".join(f"({i}, 'old')" for i in range(1, 41)))
    with shop.connect("app") as writer, shop.connect("app@replica") as reader, writer.cursor() as write, reader.cursor() as read:
        write.execute("set session_track_gtids = own_gtid")
        write.execute("select @@session_track_gtids, @@read_after_write_gtid, @@last_gtid")
        assert write.fetchone() == ("OWN_GTID", "", "")
        replicas = list(replicas_of(shop, "-80"))
        assert len(replicas) == 2
        for _, server in replicas:
            server.cursor().execute("flush tables with read lock")  # nothing is applied there
        try:
            write.execute("begin")
            write.execute("update ledger set value = 'new' where id <= 40")
            write.execute("select @@last_gtid")
            assert write.fetchone() == ("",)
            write.execute("commit")
            write.execute("select @@last_gtid")
            (position,) = write.fetchone()
            assert sorted(part.split("@")[0] for part in position.split(";")) == ["app/-80", "app/80-"], position
            read.execute("select count(*) from ledger where value = 'new'")
            assert read.fetchone() == (0,)
            read.execute("set read_after_write_gtid = %s, read_after_write_timeout = 0.3", (position,))
            for text in ("select count(*) from ledger where value = 'new'", "select value from ledger where id = 1",
                         "select a.id from ledger a join ledger b on a.value = b.value"):
                with pytest.raises(pymysql.MySQLError) as error:
                    read.execute(text)
                assert "has not applied" in error.value.args[1] and "replica" in error.value.args[1], error.value
            read.execute("set workload = olap")
            with pytest.raises(pymysql.MySQLError):
                read.execute("select count(*) from ledger where value = 'new'")
            read.execute("set workload = oltp")
            # Who asks for nothing does not wait.
            read.execute("set read_after_write_gtid = ''")
            read.execute("select count(*) from ledger where value = 'new'")
            assert read.fetchone() == (0,)
            read.execute("set read_after_write_gtid = %s, read_after_write_timeout = 20", (position,))
        finally:
            for _, server in replicas:
                server.cursor().execute("unlock tables")
        read.execute("select count(*) from ledger where value = 'new'")
        assert read.fetchone() == (40,)
        read.execute("begin")
        read.execute("select count(*) from ledger where value = 'new'")
        assert read.fetchone() == (40,)
        read.execute("rollback")
        for _, server in replicas:
            server.close()
        # A position of one server says nothing of several.
        read.execute("set read_after_write_gtid = '0-1-1'")
        with pytest.raises(pymysql.MySQLError) as error:
            read.execute("select count(*) from ledger")
        assert "several shards" in error.value.args[1]
        with pytest.raises(pymysql.MySQLError) as error:
            read.execute("set read_after_write_gtid = %s", ("1') or ('",))
        assert error.value.args[0] == 1231


def test_a_stopped_replica_of_one_shard_is_not_read_too_early(shop):
    with shop.connect("app:-80", client_flag=1 << 23) as writer, shop.connect("app:-80@replica") as reader:
        with writer.cursor() as write, reader.cursor() as read:
            write.execute("replace into ledger (id, value) values (1000, 'a')")
            write.execute("set session_track_gtids = own_gtid")
            servers = list(replicas_of(shop, "-80"))
            for _, server in servers:
                server.cursor().execute("stop slave sql_thread")
            try:
                position = tracked(writer, COMMAND.COM_QUERY, "update ledger set value = 'b' where id = 1000")[""]
                assert position.count("-") == 2 and "@" not in position
                assert tracked(writer, COMMAND.COM_QUERY, "do 1") == {}
                read.execute("set read_after_write_gtid = %s, read_after_write_timeout = 0.2", (position,))
                with pytest.raises(pymysql.MySQLError) as error:
                    read.execute("select value from ledger where id = 1000")
                assert "has not applied " + position in error.value.args[1]
                # A session with a connection to itself waits as well.
                with pytest.raises(pymysql.MySQLError) as error:
                    read.execute("select @v := value from ledger where id = 1000")
                assert "has not applied " + position in error.value.args[1]
                read.execute("set read_after_write_timeout = 20")
            finally:
                for _, server in servers:
                    server.cursor().execute("start slave sql_thread")
                    server.close()
            read.execute("select @v := value from ledger where id = 1000")
            assert read.fetchone() == ("b",)
            read.execute("select @v")
            assert read.fetchone() == ("b",)
            read.execute("select value from ledger where id = 1000")
            assert read.fetchone() == ("b",)


@pytest.mark.parametrize("keyspace", ["app", "lookup"])
def test_the_end_of_a_transaction_warns_as_at_one_server(shop, plain, keyspace):
    """Rows of tables that know no transactions stay."""
    table = "create or replace table sbtest3 (id bigint primary key, v int) engine=myisam"
    texts = ["begin", "insert into sbtest3 values (1, 1), (2, 2), (3, 3), (4, 4)", "rollback", "begin", "savepoint s",
             "insert into sbtest3 values (5, 1), (6, 2), (7, 3), (8, 4)", "rollback to s", "commit", "rollback"]

    def warned(connection, text):
        with connection.cursor() as cursor:
            cursor.execute(text)
            count = cursor._result.warning_count
            return count, answers(connection, ["show warnings"] if count else [])

    with shop.connect(keyspace) as gate:
        for client in (gate, plain):
            answers(client, [table])
        got = [(text, warned(gate, text)) for text in texts]
        assert got == [(text, warned(plain, text)) for text in texts]
        assert dict(got[:3])["rollback"][0] == 1
        for client in (gate, plain):
            answers(client, ["drop table sbtest3"])


def test_lock_tables_over_shards_says_that_it_locks_nothing(shop):
    with shop.connect("app") as gate, gate.cursor() as cursor:
        cursor.execute("lock tables users read")
        assert cursor._result.warning_count == 1
        cursor.execute("show warnings")
        [(level, code, text)] = cursor.fetchall()
        assert (level, code) == ("Warning", 1235) and "locked nothing" in text
        cursor.execute("unlock tables")
        assert cursor._result.warning_count == 0
