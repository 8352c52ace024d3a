# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The cases of this folder. A file `x.test` is a list of records between blank lines; `x.json` beside it holds the
VSchemas by keyspace ("shop" is the default one; what is not sharded has one shard). A record is a line that says
what is checked, the statement, and for `gate` what it answers behind `----`, cells between tabs:

    statement          both servers do the same: affected rows, insert id, or error
    query              both have the same rows (in the same order where ORDER BY stands outermost) and columns;
                       `query values` does not compare the columns' types
    error 1062         both fail with this number; `error 1105 gate` is about the gate alone
    unsupported WORDS  the gate answers VT12001 with these words
    gate               asked of the gate alone; cells `*` match anything
    plain              asked of MariaDB alone, whose databases are called as the keyspaces are
    connection NAME    what follows goes over another connection
    shards 2,4         what follows is for these numbers of shards only; `shards all` ends that
"""

import dataclasses
import json
import pathlib

import answers
from cluster import Cluster, Keyspace, shard_names

FOLDER = pathlib.Path(__file__).resolve().parent / "cases"
DEFAULT = "shop"


@dataclasses.dataclass
class Record:
    line: int
    words: list
    sql: str
    expected: list


def read(path):
    records, block, start = [], [], 0
    for number, line in enumerate(path.read_text().splitlines() + [""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            if not block:
                start = number
            block.append(line)
            continue
        if block:
            at = block.index("----") if "----" in block else len(block)
            records.append(Record(start, block[0].split(), "\n".join(block[1:at]).rstrip(";"), block[at + 1:]))
            block = []
    return records


class Pair:
    """A connection to the gate and one to the plain database."""

    def __init__(self, cluster, database):
        self.gate = cluster.connect(DEFAULT, **answers.connect_options())
        self.plain = database.connect(DEFAULT, **answers.connect_options())

    def close(self):
        self.gate.close()
        self.plain.close()


def run_file(path, shards, database, folder, tally):
    vschemas = json.loads(path.with_suffix(".json").read_text())
    keyspaces = [Keyspace(name, shard_names(shards) if vschema.get("sharded") else ["0"], vschema)
                 for name, vschema in vschemas.items()]
    make_plain(database, vschemas)
    cluster = Cluster(folder / f"{path.stem}{shards}", database, keyspaces, prefix=f"{path.stem}{shards}")
    pairs = {}
    try:
        pairs["main"] = Pair(cluster, database)
        name, active = "main", True
        for record in read(path):
            word = record.words[0]
            if word == "connection":
                name = record.words[1]
                pairs.setdefault(name, None)
                if pairs[name] is None:
                    pairs[name] = Pair(cluster, database)
            elif word == "shards":
                active = record.words[1] == "all" or str(shards) in record.words[1].split(",")
            elif active:
                check(record, pairs[name], tally, f"{path.name}:{record.line}")
    finally:
        for pair in pairs.values():
            if pair is not None:
                pair.close()
        cluster.stop()


def make_plain(database, names):
    """Databases of the keyspaces' names, so that qualified names mean the same on both sides."""
    with database.connect() as connection, connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"drop database if exists `{name}`")
            cursor.execute(f"create database `{name}`")


def check(record, pair, tally, place):
    word, rest = record.words[0], record.words[1:]
    sql = record.sql
    if word == "plain":
        answer = answers.ask(pair.plain, sql)
        if answer.errno:
            tally.problem("plain", f"{place} {sql}", "", answer.brief())
        return
    gate = answers.ask(pair.gate, sql)
    if word == "gate":
        rows = ["\t".join("NULL" if cell is None else str(cell) for cell in row) for row in gate.rows]
        expected = record.expected
        if not gate.errno and (not expected or _matches(expected, rows)):
            tally.agree += 1
        else:
            tally.problem("gate", f"{place} {sql}", gate.brief(), "\n".join(expected))
        return
    if word == "unsupported":
        if gate.is_unsupported and " ".join(rest) in gate.message:
            tally.agree += 1
        else:
            tally.problem("not refused", f"{place} {sql}", gate.brief(), "VT12001 " + " ".join(rest))
        return
    if word == "error" and "gate" in rest:
        if gate.errno == int(rest[0]):
            tally.agree += 1
        else:
            tally.problem("errno", f"{place} {sql}", gate.brief(), "error " + rest[0])
        return
    plain = answers.ask(pair.plain, sql)
    differs = answers.difference(sql, gate, plain)
    if differs == "columns" and "values" in rest:
        differs = None
    if word == "error" and differs is None and (not gate.errno or (rest and gate.errno != int(rest[0]))):
        differs = "no such error"
    if word in ("statement", "query") and differs is None and gate.errno:
        differs = "both failed"
    if differs is None:
        tally.agree += 1
    else:
        tally.problem("unsupported" if gate.is_unsupported else differs, f"{place} {sql}", gate.brief(), plain.brief())


def _matches(expected, rows):
    if len(expected) != len(rows):
        return False
    for want, have in zip(expected, rows):
        wants, cells = want.split("\t"), have.split("\t")
        if len(wants) != len(cells) or any(w not in ("*", c) for w, c in zip(wants, cells)):
            return False
    return True
