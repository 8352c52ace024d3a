# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""LOAD DATA LOCAL INFILE into a table of several shards, next to one server that loads the same file."""

import pathlib

import pymysql
import pytest

from test_sessions import answers

TABLE = "create table if not exists notes (id bigint primary key, user_id bigint, text varchar(100), amount decimal(10,2))"

CASES = {
    "tabs": ("1\t10\tone\t1.5\n2\t20\t\\N\t\\N\n3\t30\ttab\\\tand \\\\ and\\nline\t0\n4\t40\tgrün ☃\t-2\n", "", ""),
    "csv": ('id,user,text,amount\r\n1,10,"a, ""b""",1\r\n2,20,NULL,2\r\n3,30,"NULL",3\r\n4,40,"two\r\nlines",4\r\n',
            "fields terminated by ',' optionally enclosed by '\"' lines terminated by '\\r\\n' ignore 1 lines", ""),
    "no end": ("1\t10\ta\t1\n2\t20\tb\t2", "", ""),
    "columns and SET": ("10;1;x;ignored\n20;2;;ignored\n30;3;z;ignored\n", "fields terminated by ';'",
                        "(user_id, id, @t, @ignored) set text = concat('<', nullif(@t, ''), '>'), amount = user_id * 2"),
    "a column set from itself": ("1\t10\t\t1\n2\t20\tx\t2\n", "", "(id, user_id, text, amount) set text = nullif(text, '')"),
    "duplicates are left out": ("1\t10\ta\t1\n1\t10\tagain\t2\n2\t20\tb\t3\n", "", ""),
    "too few and too many": ("1\t10\ta\n2\t20\tb\t2\tmore\n3\t30\n", "", ""),
    "starting": ("x: 1\t10\ta\t1\nnothing\nyx: 2\t20\tb\t2\n", "lines starting by 'x: '", ""),
    "latin1": (b"1\t10\tgr\xfcn\t1\n", "", "", "character set latin1"),
    "bad values": ("1\t10\ta\tnot a number\n2\t20\t" + "y" * 120 + "\t2\n", "", ""),
    "empty": ("", "", ""),
}


def load(connection, path, how, charset, form, columns):
    """The OK's text and counts, or the error."""
    with connection.cursor() as cursor:
        try:
            count = cursor.execute(f"load data local infile '{path}' {how} into table notes {charset} {form} {columns}")
        except pymysql.MySQLError as error:
            return error.args[0]
        return count, connection._result.message.decode()[1:]  # behind its length


@pytest.fixture(scope="module")
def plain(shop):
    connection = pymysql.connect(unix_socket=str(next(shop.data.glob("vt_*/mysql.sock"))), user="vt_dba", autocommit=True, charset="utf8mb4",
                                 local_infile=True)
    answers(connection, ["create database if not exists loads character set utf8mb4", "use loads", TABLE])
    yield connection
    connection.close()


# With REPLACE bad values are errors in strict mode, and each way of running tells of another row.
WAYS = [(name, how) for name in CASES for how in ("", "ignore", "replace")
        if how != "replace" or name not in ("bad values", "too few and too many")]


@pytest.mark.parametrize("name,how", WAYS)
def test_a_file_is_loaded_as_by_one_server(shop, plain, tmp_path, name, how):
    content, form, columns, charset = (*CASES[name], "")[:4]
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with shop.connect("app", local_infile=True) as gate:
        got = []
        for client in (gate, plain):
            answers(client, ["delete from notes", "insert into notes (id, user_id, text) values (2, 20, 'before')"])
            result = load(client, path, how, charset, form, columns)
            got.append((result, answers(client, ["show warnings", "select * from notes order by id"])))
        assert got[0][0] == got[1][0]
        assert got[0][1][1] == got[1][1][1]
        assert sorted(row[1] for row in got[0][1][0][1][0][1]) == sorted(row[1] for row in got[1][1][0][1][0][1])


def test_many_rows_come_in_bounded_memory(shop, tmp_path):
    path = tmp_path / "big"
    rows = 40_000
    with path.open("w") as out:
        for i in range(rows):
            out.write(f"{i}\t{i}\t{'x' * 90}\t1\n")
    pid = next(service["pid"] for service in shop.status()["services"] if service["name"].startswith("vtgate"))
    resident = lambda: int(next(line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1])
    with shop.connect("app", local_infile=True, read_timeout=300) as gate:
        answers(gate, ["delete from notes"])
        before = resident()
        assert load(gate, path, "", "", "", "") == (rows, f"Records: {rows}  Deleted: 0  Skipped: 0  Warnings: 0")
        assert resident() - before < 64 << 10, "KiB more than before"
        assert answers(gate, ["select count(*), sum(user_id) from notes"])[0][1] == [(["count(*)", "sum(user_id)"], ((rows, sum(range(rows))),))]
        answers(gate, ["delete from notes"])


def test_an_error_in_the_middle_leaves_nothing(shop, tmp_path):
    path = tmp_path / "file"
    path.write_text("".join(f"{i}\t{i}\tx\t1\n" for i in range(5000)) + "6000\tnobody\tx\t1\n" + "".join(f"{i}\t{i}\tx\t1\n" for i in range(7000, 9000)))
    with shop.connect("app", local_infile=True) as gate:
        answers(gate, ["delete from notes"])
        assert load(gate, path, "", "", "", "") == 1366
        assert gate.query("select 1") == 1  # the rest of the file was read
        assert shop.query("select count(*) from notes") == ((0,),)
        # In a transaction only the statement is undone.
        answers(gate, ["begin", "insert into notes (id, user_id) values (1, 1)"])
        assert load(gate, path, "", "", "", "") == 1366
        answers(gate, ["commit"])
        assert shop.query("select count(*) from notes") == ((1,),)
        answers(gate, ["delete from notes"])


def test_numbers_come_from_the_sequence(shop, tmp_path):
    path = tmp_path / "file"
    path.write_text("a\t1\nb\t2\n")
    with shop.connect("app", local_infile=True) as gate:
        answers(gate, ["delete from users"])
        with gate.cursor() as cursor:
            assert cursor.execute(f"load data local infile '{path}' into table users (name, country)") == 2
            cursor.execute("select id, name, country from users order by id")
            (first, *one), (second, *two) = cursor.fetchall()
            assert second == first + 1 and (one, two) == (["a", 1], ["b", 2])
        answers(gate, ["delete from users", "delete from notes"])


def test_what_cannot_be_loaded_is_told_before_the_file_is_sent(shop, tmp_path):
    with shop.connect("app", local_infile=True) as gate, gate.cursor() as cursor:
        for text, number in (("into table nope", 1146), ("into table notes fields terminated by ''", 1235)):
            with pytest.raises(pymysql.MySQLError) as error:
                cursor.execute(f"load data local infile '{tmp_path}/none' {text}")
            assert error.value.args[0] == number, error.value
        cursor.execute("select 1")
    with shop.connect("app@replica", local_infile=True) as gate, gate.cursor() as cursor, pytest.raises(pymysql.MySQLError):
        cursor.execute(f"load data local infile '{tmp_path}/none' into table notes")
