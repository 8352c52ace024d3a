# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Query attributes: named values that MySQL's clients send beside a statement, and mysql_query_attribute_string() that reads
them, through a gate before MariaDB, which knows neither."""

import json

import pytest

from conftest import running
from real_clients import run_node, run_python

TWO = {"sharded": True, "vindexes": {"xxhash": {"type": "xxhash"}}, "tables": {"t": {"column_vindexes": [{"column": "id", "name": "xxhash"}]}}}
CLUSTER = {"topology": "file", "durable": False,
           "keyspaces": [{"name": "one", "shards": 1, "replicas": 0},
                         {"name": "two", "shards": 2, "replicas": 0, "vschema_json": json.dumps(TWO)}]}


@pytest.fixture(scope="module")
def machine():
    with running(CLUSTER, tables=False) as cluster:
        yield cluster


ASKED = "mysql_query_attribute_string('trace'), mysql_query_attribute_string('a b'), mysql_query_attribute_string('none')"

PYTHON = f"""if True:
    import sys, mysql.connector
    connection = mysql.connector.connect(host="127.0.0.1", port=int(sys.argv[1]), user="test", database=sys.argv[2],
                                         use_pure=True, ssl_disabled=True)
    def ask(sql, parameters=None, **options):
        cursor = connection.cursor(**options)
        cursor.add_attribute("trace", "it's \\\\ 00")
        cursor.add_attribute("a b", 7)
        cursor.execute(sql, parameters)
        print(cursor.fetchall())
        cursor.close()
    ask("select {ASKED}")
    ask("select %s, {ASKED}", ("first", ), prepared=True)
    ask("select {ASKED}", prepared=True)
    names = connection.cursor()
    for sql in ("drop table if exists t", "create table t (id bigint primary key, v varchar(20))", "insert into t values (1, 'a'), (2, '7')"):
        names.execute(sql)
    ask("select id from t where v = mysql_query_attribute_string('a b')")
    ask("select id from t where v = mysql_query_attribute_string(%s)", ("a b", ), prepared=True)
    names.execute("update t set v = mysql_query_attribute_string('trace') where id = 1")
    ask("select v from t where id = 1")
    connection.query_attrs_clear()
    plain = connection.cursor()
    plain.execute("select mysql_query_attribute_string('trace')")
    print(plain.fetchall())
"""
TOLD = "(\"it's \\\\ 00\", '7', None)"


@pytest.mark.parametrize("keyspace", ["one", "two"])
def test_mysql_connector(machine, keyspace):
    lines = run_python(PYTHON, str(machine.gate_port), keyspace).splitlines()
    assert lines == [f"[{TOLD}]", "[('first', \"it's \\\\ 00\", '7', None)]", f"[{TOLD}]", "[(2,)]", "[(2,)]",
                     "[(\"it's \\\\ 00\",)]", "[(None,)]"]


def test_node(machine):
    script = """
      const mysql = require('mysql2/promise');
      (async () => {
        const c = await mysql.createConnection({host: '127.0.0.1', port: +process.argv[1], user: 'test', database: 'one'});
        const sql = "select mysql_query_attribute_string('trace') as t, ? as p";
        for (const way of ['query', 'execute']) {
          const [rows] = await c[way]({sql, values: ['v'], attributes: {trace: 'abc'}});
          console.log(rows[0].t, rows[0].p);
          const [bare] = await c[way]({sql, values: ['v']}); console.log(bare[0].t, bare[0].p);
        }
        await c.end();
      })().catch(e => { console.error(e); process.exit(1); });"""
    assert run_node(script, str(machine.gate_port)).splitlines() == ["abc v", "null v"] * 2


def test_on_a_connection_to_itself(machine):
    """The server, which answers from here on, is asked with the value in its place; statements that it prepared lose theirs."""
    by_parameter = "    ask(\"select id from t where v = mysql_query_attribute_string(%s)\", (\"a b\", ), prepared=True)\n"
    assert by_parameter in PYTHON
    script = PYTHON.replace(by_parameter, "").replace("    ask(", "    setup()\n    ask(", 1).replace("    def ask", """    def setup():
        cursor = connection.cursor()
        for sql in ("create temporary table tmp (a int)", "insert into tmp values (1)"):
            cursor.execute(sql)
    def ask""", 1) + """
    ask("select a, mysql_query_attribute_string('trace') from tmp")
    ask("select a + %s from tmp", (5, ), prepared=True)
    ask("select a from tmp", prepared=True)
"""
    lines = run_python(script, str(machine.gate_port), "one").splitlines()
    assert lines[0] == f"[{TOLD}]"
    assert lines[-3:] == ["[(1, \"it's \\\\ 00\")]", "[(6,)]", "[(1,)]"]
