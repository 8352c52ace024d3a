# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""MariaDB's own test files, by the bare program mysqltest: each file is one test."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pymysql

import process
import sources
import suite
import targets

FILE_SECONDS = 180
SHARE = pathlib.Path("/usr/share/mysql")
TESTS = SHARE / "mysql-test"
ROOT = pathlib.Path(__file__).resolve().parents[3]
# What MariaDB's own runner starts servers with, in place of what mysqlctl sets. No names are looked up: hosts of tests
# do not exist.
SETTINGS = ("character-set-server = latin1", "collation-server = latin1_swedish_ci", "default-storage-engine = MyISAM",
            "use-stat-tables = preferably", "histogram-type = JSON_HB", "local-infile", "connect-timeout = 60",
            "binlog-direct-non-transactional-updates", "skip-log-bin", "binlog-format = MIXED", "gtid-strict-mode = OFF",
            "read-only = OFF", "max-connections = 151", "max-allowed-packet = 16M",
            "innodb-lock-wait-timeout = 50", "slave-net-timeout = 120", "key-buffer-size = 1M", "sort-buffer-size = 256K",
            "max-heap-table-size = 1M", "general-log = ON", "performance-schema = ON",
            "performance-schema-max-thread-instances = 400", "performance-schema-max-table-instances = 500",
            "performance-schema-max-mutex-instances = 5000", "performance-schema-max-rwlock-instances = 5000")
# Files of the packages that fill the system databases beyond what mysqlctl does, and (in `mtr`) what tests call.
SYSTEM_FILES = ((SHARE / "maria_add_gis_sp_bootstrap.sql", "mysql"), (SHARE / "mysql_test_data_timezone.sql", "mysql"),
                (SHARE / "fill_help_tables.sql", "mysql"), (SHARE / "mysql_sys_schema.sql", "mysql"),
                (TESTS / "include" / "mtr_warnings.sql", "mtr"), (TESTS / "include" / "mtr_check.sql", "mtr"))
# Programs that tests run, by the variable that holds their command.
PROGRAMS = {"MYSQL": "mariadb", "MYSQL_DUMP": "mariadb-dump", "MYSQLADMIN": "mariadb-admin", "MYSQL_CHECK": "mariadb-check",
            "MYSQL_SHOW": "mariadb-show", "MYSQL_IMPORT": "mariadb-import", "MYSQL_SLAP": "mariadb-slap",
            "MYSQL_UPGRADE": "mariadb-upgrade", "MYSQL_CLIENT_TEST": "mysql_client_test"}
BARE_PROGRAMS = {"MYSQL_TZINFO_TO_SQL": "mariadb-tzinfo-to-sql", "MY_PERROR": "perror", "MYISAMCHK": "myisamchk",
                 "REPLACE": "replace", "EXE_MYSQL": "mariadb", "MYSQL_MY_PRINT_DEFAULTS": "my_print_defaults"}
USER_TABLES = ("global_priv", "proxies_priv", "db", "tables_priv", "columns_priv", "procs_priv", "roles_mapping")
TIMEZONE = {"TZ": "GMT-3", "LC_ALL": "C"}


class Mysqltest(suite.Suite):
    name = "mysqltest"
    title = "mysqltest files of MariaDB 10.11"
    source = "Debian mariadb-test-data; the list of TESSERA_MYSQLTEST_LIST or ../shared/conformance/mysqltest_bare.jsonl"
    packages = ("mariadb-test", "mariadb-test-data")
    order = 40
    timeout = 7200
    collation = "latin1_swedish_ci"
    wishes = targets.Wishes(SETTINGS, TIMEZONE, all_rights=True)

    def prepare(self, cache):
        self._program = sources.need_program("mysqltest")
        given = os.environ.get("TESSERA_MYSQLTEST_LIST", ROOT / "../shared/conformance/mysqltest_bare.jsonl")
        if not pathlib.Path(given).exists():
            raise sources.Missing(f"no list of tests at {given}: name one with TESSERA_MYSQLTEST_LIST "
                                  '(lines of {"test": name, "status": "pass"})')
        lines = [json.loads(line) for line in pathlib.Path(given).read_text().splitlines()]
        self._names = [line["test"] for line in lines if line["status"] == "pass"]

    def run(self, target, folder, only):
        for name in ("tmp", "log"):
            (folder / name).mkdir(exist_ok=True)
        shutil.copytree(TESTS / "std_data", folder / "std_data", dirs_exist_ok=True)
        _fill_system_databases(target)
        _write_client_settings(target, folder)
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
        done = process.run([self._program, f"--defaults-file={folder / 'my.cnf'}", "--silent", "--database=test",
                            f"--basedir={TESTS}", f"--tmpdir={folder / 'tmp'}", f"--logdir={out}",
                            f"--test-file={TESTS}/main/{name}.test", f"--result-file={TESTS}/main/{name}.result"],
                           FILE_SECONDS, cwd=TESTS, env=_environment(target, folder, name))
        if done.why:
            return suite.Outcome(suite.FAIL, done.why)
        if done.status == 62:
            return suite.Outcome(suite.SKIP)
        if done.status == 0:
            return suite.Outcome(suite.PASS)
        if kept := os.environ.get("TESSERA_MYSQLTEST_DIFFS"):
            (pathlib.Path(kept) / f"{name}.{target.name}").write_text(done.output)
        return suite.Outcome(suite.FAIL, _complaint(done.output))


def _fill_system_databases(target):
    """Once for each server; what somebody else runs is taken as it is."""
    if "test" not in target.databases:
        return
    with target.admin("test").cursor() as cursor:
        cursor.execute("create database if not exists mtr character set latin1")
        cursor.execute("drop database if exists _vt")
    for file, database in SYSTEM_FILES:
        # The client program, unlike MariaDB's own runner, takes all of the line for the delimiter.
        text = re.sub(rb"(?m)^delimiter (\|\||;)(;|\|\|)$", rb"delimiter \1", file.read_bytes())
        subprocess.run(["mariadb", "--no-defaults", "--default-character-set=latin1", "--user=vt_dba", "--force",
                        f"--socket={target.databases['test'][0]}", database], input=text, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with target.admin("test").cursor() as cursor:
        cursor.execute("insert into mysql.proxies_priv values ('localhost', 'root', '', '', 1, '', now())")
        cursor.execute("flush privileges")


def _write_client_settings(target, folder):
    """Tests connect to `localhost`, which is the socket where there is one."""
    where = [f"socket = {target.socket}", "host = localhost"] if target.socket else [f"host = {target.host}"]
    lines = ["[client]", f"user = {target.user}", f"port = {target.port}", *where, "[mysqltest]", "loose-skip-ssl"]
    for program in ("mysql", "mysqlshow", "mysqlimport", "mysqlcheck", "mysql_upgrade"):
        lines += [f"[{program}]", "default-character-set = latin1"]
    (folder / "my.cnf").write_text("\n".join(lines) + "\n")


def _environment(target, folder, name):
    found = {variable: f"/usr/bin/{program} --defaults-file={folder / 'my.cnf'}" for variable, program in PROGRAMS.items()}
    found.update({variable: f"/usr/bin/{program}" for variable, program in BARE_PROGRAMS.items()})
    return {**found, **TIMEZONE, "MYSQLTEST_VARDIR": str(folder), "MYSQL_TEST_DIR": str(TESTS), "MYSQL_BINDIR": "/usr",
            "MYSQL_TMP_DIR": str(folder / "tmp"), "MASTER_MYPORT": str(target.port), "MASTER_MYSOCK": target.socket,
            "MYSQL_SHAREDIR": str(SHARE), "MYSQL_CHARSETSDIR": str(SHARE / "charsets"), "USE_RUNNING_SERVER": "0",
            "SECURE_LOAD_PATH": str(TESTS / "std_data"), "MTR_TEST_NAME": name, "MTR_SUITE_DIR": str(TESTS / "main")}


class Settings:
    """The server's variables and tables of users as the tests want them, set anew where a test has left others."""

    def __init__(self, target):
        self._target = target
        self._wanted = self._read()
        self._definitions = {table: self._read_definition(table) for table in USER_TABLES}
        self._users = {table: self._read_users(table) for table in USER_TABLES}

    def restore(self):
        if self._target.admin("test") is None:
            return
        changed = [self._restore_users(table) for table in USER_TABLES]
        if any(changed):
            self._target.admin("test").cursor().execute("flush privileges")
        now = self._read()
        other = {name: value for name, value in self._wanted.items() if now.get(name) != value}
        self._change(other)
        if other:
            self._target.renew_pools("test")

    def _restore_users(self, table):
        """Whether there was something to restore."""
        try:
            users = self._read_users(table)
        except pymysql.err.MySQLError:
            # A test that ended in its middle has left the table broken, or elsewhere.
            with self._target.admin("test").cursor() as cursor:
                cursor.execute(f"drop table if exists mysql.{table}")
                cursor.execute(self._definitions[table])
            users = ()
        if users == self._users[table]:
            return False
        with self._target.admin("test").cursor() as cursor:
            cursor.execute(f"delete from mysql.{table}")
            for row in self._users[table]:
                cursor.execute(f"insert into mysql.{table} values ({', '.join(['%s'] * len(row))})", row)
        return True

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

    def _read_definition(self, table):
        admin = self._target.admin("test")
        if admin is None:
            return ""
        with admin.cursor() as cursor:
            cursor.execute(f"show create table mysql.{table}")
            return cursor.fetchone()[1].replace(f"`{table}`", f"mysql.{table}", 1)

    def _read_users(self, table):
        admin = self._target.admin("test")
        if admin is None:
            return ()
        with admin.cursor() as cursor:
            cursor.execute(f"select * from mysql.{table} order by 1, 2, 3")
            return cursor.fetchall()

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
