# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""MariaDB's own test files, by the bare program mysqltest: each file is one test."""

import json
import os
import pathlib
import shutil

import pymysql

import process
import sources
import suite

FILE_SECONDS = 60
TESTS = pathlib.Path("/usr/share/mysql/mysql-test")
ROOT = pathlib.Path(__file__).resolve().parents[3]
# What MariaDB's own runner starts servers with, as far as a running server takes it.
SETTINGS = {"character_set_server": "latin1", "default_storage_engine": "MyISAM", "use_stat_tables": "preferably",
            "histogram_type": "JSON_HB", "log_bin_trust_function_creators": 1, "connect_timeout": 60,
            "read_only": 0, "binlog_direct_non_transactional_updates": 1}


class Mysqltest(suite.Suite):
    name = "mysqltest"
    title = "mysqltest files of MariaDB 10.11"
    source = "Debian mariadb-test-data; the list of TESSERA_MYSQLTEST_LIST or ../shared/conformance/mysqltest_bare.jsonl"
    packages = ("mariadb-test", "mariadb-test-data")
    order = 40
    timeout = 7200

    def prepare(self, cache):
        self._program = sources.need_program("mysqltest")
        given = os.environ.get("TESSERA_MYSQLTEST_LIST", ROOT / "../shared/conformance/mysqltest_bare.jsonl")
        if not pathlib.Path(given).exists():
            raise sources.Missing(f"no list of tests at {given}: name one with TESSERA_MYSQLTEST_LIST "
                                  '(lines of {"test": name, "status": "pass"})')
        lines = [json.loads(line) for line in pathlib.Path(given).read_text().splitlines()]
        self._names = [line["test"] for line in lines if line["status"] == "pass"]

    def run(self, target, folder, only):
        (folder / "tmp").mkdir(exist_ok=True)
        server = Settings(target)
        found = {}
        for name in self._names:
            if only.search(name):
                target.reset("test")
                server.restore()
                found[name] = self._one(target, folder, name)
        return found

    def _one(self, target, folder, name):
        out = folder / "run"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        environment = {"MYSQLTEST_VARDIR": str(folder), "MYSQL_TEST_DIR": str(TESTS), "MYSQL_TMP_DIR": str(folder / "tmp"),
                       "TZ": "GMT-3", "LC_ALL": "C", "MASTER_MYPORT": str(target.port), "MYSQL_BINDIR": "/usr"}
        done = process.run([self._program, "--no-defaults", f"-u{target.user}", f"-h{target.host}", f"-P{target.port}",
                            "--database=test", f"--basedir={TESTS}", f"--tmpdir={folder / 'tmp'}", f"--logdir={out}",
                            f"--test-file={TESTS}/main/{name}.test", f"--result-file={TESTS}/main/{name}.result"],
                           FILE_SECONDS, cwd=TESTS, env=environment)
        if done.why:
            return suite.Outcome(suite.FAIL, done.why)
        if done.status == 62:
            return suite.Outcome(suite.SKIP)
        return suite.Outcome(suite.PASS) if done.status == 0 else suite.Outcome(suite.FAIL, _complaint(done.output))


class Settings:
    """The server's variables and users as the tests want them, set anew where a test has left others."""

    def __init__(self, target):
        self._target, self._wanted = target, {}
        self._change(SETTINGS)
        self._wanted = self._read()
        self._users_table = self._read_users_table()
        self._users = self._read_users()

    def restore(self):
        try:
            users = self._read_users()
        except pymysql.err.MySQLError:
            # A test that ended in its middle has the table moved away.
            self._target.admin("test").cursor().execute(self._users_table)
            users = ()
        if users != self._users:
            self._write_users()
        now = self._read()
        self._change({name: value for name, value in self._wanted.items() if now.get(name) != value})

    def _read(self):
        admin = self._target.admin("test")
        if admin is None:
            return {}
        with admin.cursor() as cursor:
            cursor.execute("select variable_name, global_value from information_schema.system_variables "
                           "where read_only = 'NO' and variable_scope <> 'SESSION ONLY' and global_value is not null "
                           "and variable_name not like 'gtid%' and variable_name not like 'wsrep%' "
                           "and variable_name not like 'rpl%'")
            return dict(cursor.fetchall())

    def _read_users_table(self):
        admin = self._target.admin("test")
        if admin is None:
            return ""
        with admin.cursor() as cursor:
            cursor.execute("show create table mysql.global_priv")
            return cursor.fetchone()[1].replace("`global_priv`", "mysql.global_priv", 1)

    def _read_users(self):
        admin = self._target.admin("test")
        if admin is None:
            return ()
        with admin.cursor() as cursor:
            cursor.execute("select host, user, priv from mysql.global_priv order by 1, 2")
            return cursor.fetchall()

    def _write_users(self):
        with self._target.admin("test").cursor() as cursor:
            cursor.execute("delete from mysql.global_priv")
            cursor.executemany("insert into mysql.global_priv (host, user, priv) values (%s, %s, %s)", self._users)
            cursor.execute("flush privileges")

    def _change(self, values):
        admin = self._target.admin("test")
        if admin is None:
            return
        with admin.cursor() as cursor:
            for name, value in values.items():
                try:
                    cursor.execute(f"set global {name} = %s", (int(value) if str(value).isdigit() else value,))
                except pymysql.err.MySQLError:
                    pass  # some can only be set in ways of their own; the plain server is under the same rule
            cursor.execute(f"alter database {self._target.databases['test'][1]} character set latin1")


def _complaint(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("mysqltest:"):
            return line[:300]
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return ("result differs: " + " | ".join(changed[:2]))[:300] if changed else (lines or [""])[-1][:300]
