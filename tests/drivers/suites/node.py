# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Node: the integration tests of node-mysql, with its own driver and with mysql2. Each file is one test."""

import shutil

import process
import sources
import suite

FILE_SECONDS = 40
DEPENDENCIES = ("bignumber.js@9.0.0", "readable-stream@2.3.7", "safe-buffer@5.1.2", "sqlstring@2.3.1", "after@0.8.2")
# mysql2 has no files where node-mysql has them, but the same functions.
COMMON_OF_MYSQL2 = """
var Mysql = require('mysql2');
var inner = path.join(path.dirname(require.resolve('mysql2')), 'lib', 'constants');
for (var name of ['Auth', 'Charsets', 'ClientConstants', 'Connection', 'ConnectionConfig', 'Errors', 'Packets',
                  'PacketWriter', 'Parser', 'PoolConfig', 'PoolConnection']) common[name] = {};
common.Types = Mysql.Types;
common.Charsets = require(inner + '/charsets');
common.ClientConstants = require(inner + '/client');
common.Errors = require(inner + '/errors');
common.SqlString = Mysql;
var FakeServer = null;
"""


class NodeTests(suite.Suite):
    """Files that end with status 0 when all is well."""
    packages = ("nodejs",)
    timeout = 900
    drivers = ()

    def prepare(self, cache):
        original = sources.debian_source(cache, "node-mysql")
        modules = sources.npm(cache, self.name, *DEPENDENCIES, *self.drivers)
        self._folder = modules / "tests"
        if not self._folder.exists():
            shutil.copytree(original, self._folder)
            self.adapt()

    def adapt(self):
        """Changes the copied tests for another driver."""

    def run(self, target, folder, only):
        environment = {"MYSQL_HOST": target.host, "MYSQL_PORT": str(target.port), "MYSQL_USER": target.user,
                       "MYSQL_DATABASE": "test"}
        found = {}
        for file in sorted((self._folder / "test" / "integration").rglob("test-*.js")):
            if only.search(file.name):
                done = process.run(["node", file], FILE_SECONDS, cwd=self._folder, env=environment)
                found[file.stem] = _outcome(done)
        return found


def _outcome(done):
    if done.why:
        return suite.Outcome(suite.FAIL, done.why)
    if done.status == 0:
        return suite.Outcome(suite.SKIP if done.output.startswith("skipping") else suite.PASS)
    said = [line.strip() for line in done.output.splitlines() if "Error" in line]
    return suite.Outcome(suite.FAIL, said[0][:300] if said else suite.first_line(done.output))


class NodeMysql(NodeTests):
    name = "node-mysql"
    title = "mysqljs/mysql 2.18.1 (Node)"
    source = "Debian source node-mysql, npm"
    order = 71


class NodeMysql2(NodeTests):
    name = "node-mysql2"
    title = "mysql2 3.11.5 on node-mysql's tests (Node)"
    source = "Debian source node-mysql, npm"
    drivers = ("mysql2@3.11.5",)
    order = 70

    def adapt(self):
        common = self._folder / "test" / "common.js"
        lines = common.read_text().splitlines()
        kept = [line for line in lines if "require(common.lib" not in line and "require(path.resolve(common.lib" not in line
                and "require('./FakeServer')" not in line]
        place = next(i for i, line in enumerate(kept) if line.startswith("common.createConnection"))
        common.write_text("\n".join(kept[:place] + [COMMON_OF_MYSQL2] + kept[place:]) + "\n")
