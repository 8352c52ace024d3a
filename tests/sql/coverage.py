#!/usr/bin/python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Counts what the parser takes of MariaDB's own test statements, by statement class.

    tests/sql/coverage.py [--data FOLDER] [--prepare] [--list KIND] [--class CLASS]

Every statement goes through `tessera sql format --strict --jsonl --dialect server`. A statement
that MariaDB prepares must be taken; one that it refuses as no SQL (errno 1064) must be refused;
and with --prepare the printed text of each taken one must be prepared by a real MariaDB, started
for this, as its original is. `--list missed|wrongly|unstable` prints the statements that fail so.
"""
import argparse
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = ("mariadb_main.jsonl.gz", "mariadb_suites.jsonl.gz")
SYNTAX_ERRORS = (1064, 1149)


def read_cases(folder):
    """The statements that say something: not extraction artefacts, not other sql_modes."""
    for name in FILES:
        with gzip.open(os.path.join(folder, "parser", name), "rt", encoding="utf-8") as file:
            for line in file:
                case = json.loads(line)
                if not case.get("suspect") and case.get("mode") != "oracle":
                    yield case


def through_tool(program, cases, flags):
    """The tool's answers to all cases, in order."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        for case in cases:
            mode = "ANSI_QUOTES" if case.get("mode") == "ansi_quotes" else ""
            file.write(json.dumps({"sql": case["sql"], "sql_mode": mode}) + "\n")
        file.seek(0)
        done = subprocess.run([program, "sql", "format", "--jsonl", "--dialect", "server"] + flags,
                              stdin=file, stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in done.stdout.decode("utf-8", "replace").split("\n")
               if line]
    assert len(answers) == len(cases), (len(answers), len(cases))
    return answers


class Oracle:
    """A MariaDB that prepares statements in an empty database."""

    def __init__(self):
        import pymysql
        self.pymysql = pymysql
        self.folder = tempfile.mkdtemp(prefix="tessera-sql-")
        socket = os.path.join(self.folder, "s")
        data = os.path.join(self.folder, "data")
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}",
                        "--auth-root-authentication-method=normal", "--skip-test-db"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.server = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}",
             "--skip-networking", "--innodb-buffer-pool-size=32M", "--user=root",
             f"--log-error={self.folder}/log"])
        self.connection = self.connect(socket)

    def connect(self, socket):
        while self.server.poll() is None:
            try:
                own = self.pymysql.connect(unix_socket=socket, user="root", charset="utf8mb4")
            except self.pymysql.err.OperationalError:
                continue
            cursor = own.cursor()
            cursor.execute("create database if not exists scratch")
            cursor.execute("use scratch")
            cursor.execute("set sql_mode = ''")
            return own
        raise RuntimeError(f"mariadbd ended; see {self.folder}/log")

    def is_syntax_error(self, sql, mode):
        """Whether MariaDB finds no SQL in it."""
        cursor = self.connection.cursor()
        cursor.execute("set sql_mode = %s", (mode,))
        try:
            cursor.execute("prepare s from %s", (sql,))
        except self.pymysql.err.MySQLError as error:
            return error.args[0] in SYNTAX_ERRORS
        except UnicodeEncodeError:
            return False
        return False

    def close(self):
        self.connection.close()
        self.server.terminate()
        self.server.wait()
        subprocess.run(["rm", "-rf", self.folder], check=True)


class Tally:
    """Counts by statement class."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)

    def add(self, cls, what):
        self.counts[cls][what] += 1

    def taken_percent(self):
        valid = sum(counts["valid"] for counts in self.counts.values())
        return 100 * sum(counts["taken"] for counts in self.counts.values()) / max(valid, 1)

    def print(self):
        head = ("valid", "taken", "invalid", "refused", "prepared", "unstable")
        print(f"{'class':<32}" + "".join(f"{word:>10}" for word in head))
        total = collections.Counter()
        for cls, counts in sorted(self.counts.items(), key=lambda item: -item[1]["valid"]):
            total.update(counts)
            if counts["valid"] != counts["taken"] or counts["unstable"] or counts["valid"] > 2000:
                print(f"{cls[:31]:<32}" + "".join(f"{counts[word]:>10}" for word in head))
        print(f"{'all classes':<32}" + "".join(f"{total[word]:>10}" for word in head))
        if total["valid"]:
            print(f"taken {100 * total['taken'] / total['valid']:.3f} % of what MariaDB takes")
        if total["invalid"]:
            print(f"refused {100 * total['refused'] / total['invalid']:.2f} % of what it refuses")


def judge(case, answer, oracle, tally, show):
    cls = case["cls"]
    if case["valid"] is True:
        tally.add(cls, "valid")
        if "ok" not in answer:
            show("missed", case, answer["error"])
            return
        tally.add(cls, "taken")
        if oracle is None:
            return
        mode = "ANSI_QUOTES" if case.get("mode") == "ansi_quotes" else ""
        if oracle.is_syntax_error(answer["ok"], ""):
            tally.add(cls, "unstable")
            show("unstable", case, answer["ok"])
        else:
            tally.add(cls, "prepared")
    elif case["valid"] is False:
        tally.add(cls, "invalid")
        if "ok" in answer:
            show("wrongly", case, answer["ok"])
        else:
            tally.add(cls, "refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(ROOT, "../shared/conformance"))
    parser.add_argument("--program", default=os.path.join(
        os.environ.get("TESSERA_BUILD", os.path.join(ROOT, "build/dev")), "bin/tessera"))
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--lax", action="store_true",
                        help="take statements known by their first words too")
    parser.add_argument("--list", choices=("missed", "wrongly", "unstable"))
    parser.add_argument("--class", dest="cls", help="only classes that begin so")
    parser.add_argument("--least", type=float, default=0.0,
                        help="fail when fewer per cent of what MariaDB takes is taken")
    args = parser.parse_args()

    cases = [case for case in read_cases(args.data)
             if args.cls is None or case["cls"].startswith(args.cls)]
    answers = through_tool(args.program, cases, [] if args.lax else ["--strict"])
    oracle = Oracle() if args.prepare else None
    tally = Tally()

    def show(kind, case, text):
        if kind == args.list:
            print(f"{case['cls']}\t{case['sql']!r}\n\t{text!r}")

    try:
        for case, answer in zip(cases, answers):
            judge(case, answer, oracle, tally, show)
    finally:
        if oracle is not None:
            oracle.close()
    if args.list is None:
        tally.print()
    return tally.taken_percent() < args.least


if __name__ == "__main__":
    sys.exit(main())
