# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Statements recorded from end-to-end tests, package by package: each package has keyspaces with schema and VSchema, a
plain database to compare with, and tests of statements over connections (`c1` is a pair of both)."""

import json
import re

import answers
from cluster import Cluster, Keyspace

WRITES = re.compile(r"\s*(insert|replace|update|delete|begin|start|commit|rollback|set|create|alter|drop|use|truncate)\b",
                    re.I)


def load(folder, only):
    """[(package, [(test, statements)])] for the tests that `only(test record)` takes."""
    read = lambda name: [json.loads(line) for line in open(folder / name)]
    tests = {(t["package"], t["test"]): [] for t in read("tests.jsonl") if only(t)}
    for statement in read("statements.jsonl"):
        key = (statement["package"], statement["test"])
        if key in tests:
            tests[key].append(statement)
    out = []
    for package in read("packages.jsonl"):
        mine = [(test, statements) for (name, test), statements in tests.items() if name == package["package"]]
        if mine and package.get("keyspaces"):
            out.append((package, mine))
    return out


def split_statements(script):
    out, statement = [], ""
    for token in re.findall(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`[^`]*`|/\*.*?\*/|(?:--|#)[^\n]*|;|[^'"`/;#-]+|.""", script, re.S):
        if token == ";":
            out.append(statement.strip())
            statement = ""
        elif not token.startswith("--") and not token.startswith("#"):
            statement += token
    return [s for s in out + [statement.strip()] if s]


class Package:
    def __init__(self, record, database, folder, lookups=True):
        self.record, self.database = record, database
        self.plain = (record.get("mysql") or {}).get("db") or "plain_e2e"
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists `{self.plain}`")
            cursor.execute(f"create database `{self.plain}`")
        keyspaces = [Keyspace(k["name"], k["shards"], _vschema(k, lookups)) for k in record["keyspaces"]]
        self.cluster = Cluster(folder / record["package"].replace("/", "_"), database, keyspaces, prefix="e")
        self.connections = {}
        try:
            self._make_schema()
        except BaseException:
            self.stop()
            raise

    def _make_schema(self):
        for keyspace in self.record["keyspaces"]:
            with self.cluster.connect(keyspace["name"], **answers.connect_options()) as connection:
                for sql in split_statements(keyspace.get("schema_sql") or ""):
                    answers.ask(connection, sql)
        scripts = (self.record.get("mysql") or {}).get("schema_sql") or []
        with self.database.connect(self.plain, **answers.connect_options()) as connection:
            for script in scripts:
                for sql in split_statements(script):
                    answers.ask(connection, sql)

    def connection(self, name):
        if name not in self.connections:
            base, _, half = name.partition(".")
            if half == "mysql":
                made = self.database.connect(self.plain, **answers.connect_options())
            else:
                made = self.cluster.connect(self.record.get("default_db") or None, **answers.connect_options())
            self.connections[name] = made
        return self.connections[name]

    def close_connections(self):
        for connection in self.connections.values():
            try:
                connection.close()
            except Exception:
                pass
        self.connections = {}

    def stop(self):
        self.close_connections()
        self.cluster.stop()
        with self.database.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database `{self.plain}`")


def _vschema(keyspace, lookups):
    vschema = keyspace.get("vschema") or {}
    if isinstance(vschema, str):
        vschema = json.loads(vschema)
    if not lookups:
        vschema = without_lookups(vschema)
    return {**vschema, "sharded": bool(keyspace["sharded"])} if keyspace["sharded"] else vschema


def without_lookups(vschema):
    """The VSchema without its lookup vindexes; their tables stay, as tables like others."""
    gone = {name for name, vindex in vschema.get("vindexes", {}).items() if "lookup" in vindex.get("type", "")}
    tables = {}
    for name, table in vschema.get("tables", {}).items():
        vindexes = table.get("column_vindexes", [])
        # One that decides where rows live must stay.
        tables[name] = {**table, "column_vindexes": vindexes[:1] + [v for v in vindexes[1:] if v.get("name") not in gone]}
    return {**vschema, "tables": tables}


def run_package(record, tests, database, folder, tally, notes, lookups=True):
    package = Package(record, database, folder, lookups)
    try:
        for test, statements in tests:
            outcome = run_test(package, statements)
            package.close_connections()
            if outcome is None:
                tally.agree += 1
            elif outcome[0] == "unsupported":
                tally.refuse(outcome[2].message)
                notes.append((record["package"], test, outcome[1], outcome[2].brief()))
            else:
                tally.problem(outcome[0], f"{test}: {outcome[1]}", outcome[2].brief(),
                              outcome[3].brief() if isinstance(outcome[3], answers.Answer) else str(outcome[3]))
    finally:
        package.stop()


def run_test(package, statements):
    """None when all went as expected, else (kind, sql, gate's answer, what was expected). The first problem ends it."""
    refused = None
    for statement in statements:
        if statement["op"] == "cleanup":
            for step in package.record.get("cleanup") or []:
                _ask(package, step["conn"], step["sql"], step.get("sql_mysql"))
            continue
        sql = statement["sql"]
        if sql is None or statement.get("params") or statement["conn"].startswith(("tablet", "vtctld", "other")):
            continue
        gate, plain = _ask(package, statement["conn"], sql, statement.get("sql_mysql"))
        if gate is None:
            continue
        if gate.is_unsupported and not statement.get("expect_error"):
            refused = refused or ("unsupported", sql, gate, None)
            if WRITES.match(sql) and not statement.get("ignore_result"):
                return refused
            continue
        problem = judge(statement, gate, plain)
        if problem is not None:
            return refused or problem
    return refused


def _ask(package, conn, sql, sql_plain=None):
    base, _, half = conn.partition(".")
    gate = plain = None
    if half != "mysql":
        gate = answers.ask(package.connection(base + ".vt"), sql)
    if half != "vt":
        plain = answers.ask(package.connection(base + ".mysql"), sql_plain or sql)
    return gate, plain


def judge(statement, gate, plain):
    sql = statement["sql"]
    if statement.get("ignore_result"):
        return None
    # What was refused as unsupported may well have an answer here.
    refusal = "VT12001" in str(statement.get("error_contains", "")) + str(statement.get("error_equals", ""))
    if statement.get("expect_error") and not gate.errno and not refusal:
        return "error", sql, gate, "an error"
    if statement.get("ok") and gate.errno:
        return "error", sql, gate, plain or "success"
    if plain is not None and statement["compare_with_mysql"]:
        differs = answers.difference(sql, gate, plain, "lenient", insert_id=False)
        if differs == "columns" and not statement.get("compare_columns"):
            differs = None
        if differs not in (None, "errno"):
            return differs, sql, gate, plain
        return None
    expect = statement.get("expect")
    if expect is not None and not gate.errno and plain is None:
        same = gate.go_rows == expect
        if not same and statement.get("unordered"):
            same = sorted(re.findall(r"\[[^\[\]]*\]", gate.go_rows)) == sorted(re.findall(r"\[[^\[\]]*\]", expect))
        if not same:
            return "rows", sql, gate, expect
    return None
