# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Files in sqllogictest form, run on a sharded keyspace and on a plain database. `sharding.jsonl` names a vindex column
for each table; a file with a table that has none runs unsharded."""

import collections
import json

import answers
from cluster import Cluster, Keyspace, shard_names


def load_sharding(folder):
    out = collections.defaultdict(list)
    for line in open(folder / "sharding.jsonl"):
        record = json.loads(line)
        out[record["file"]].append(record)
    return out


def read(path):
    """(kind, order, sql): kind is 'query', 'ok' or 'error'."""
    block = []
    for line in path.read_text().splitlines() + [""]:
        if line.strip():
            if not line.startswith("#"):
                block.append(line)
            continue
        while block and block[0].startswith(("skipif", "onlyif", "hash-threshold", "halt")):
            block = block[1:]
        if block:
            words = block[0].split()
            at = block.index("----") if "----" in block else len(block)
            sql = "\n".join(block[1:at])
            if words[0] == "query":
                yield "query", words[2] if len(words) > 2 else "nosort", sql
            elif words[0] == "statement":
                yield words[1], "", sql
        block = []


ORDERS = {"nosort": "lenient", "rowsort": "rows", "valuesort": "values"}


def run_file(path, name, tables, shards, database, folder, tally, limit):
    vschema = {}
    if tables and all(table["vindex_column"] for table in tables):
        vschema = {"sharded": True, "vindexes": {"by_hash": {"type": "hash"}},
                   "tables": {table["table"]: {"column_vindexes": [{"column": table["vindex_column"], "name": "by_hash"}]}
                              for table in tables}}
    names = shard_names(shards) if vschema else ["0"]
    plain = "plain_logic"
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {plain}")
        cursor.execute(f"create database {plain}")
    cluster = Cluster(folder / f"logic{abs(hash(name))}_{shards}", database, [Keyspace("logic", names, vschema)], prefix="s")
    try:
        with cluster.connect("logic", **answers.connect_options()) as gate, \
                database.connect(plain, **answers.connect_options()) as direct:
            queries = 0
            for kind, order, sql in read(path):
                if kind == "query":
                    queries += 1
                    if limit and queries > limit:
                        break
                check(kind, order, sql, gate, direct, tally)
    finally:
        cluster.stop()


def check(kind, order, sql, gate_connection, plain_connection, tally):
    gate = answers.ask(gate_connection, sql)
    plain = answers.ask(plain_connection, sql)
    if gate.is_unsupported:
        if kind == "query":
            tally.refuse(gate.message)
        return
    if kind == "query" and plain.errno:
        return  # MariaDB is not of the opinion of the file's author
    differs = answers.difference(sql, gate, plain, ORDERS.get(order), insert_id=False)
    if differs in ("columns", "errno"):
        differs = None
    if differs is not None:
        tally.problem(differs, sql, gate.brief(), plain.brief())
    elif kind == "query":
        tally.agree += 1
