# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""C: mysql_client_test, the C API's own tests, one process for each."""

import re

import process
import sources
import suite

TEST_SECONDS = 40


class MysqlClientTest(suite.Suite):
    name = "mysql-client-test"
    title = "mysql_client_test 10.11 (C API)"
    source = "Debian mariadb-test"
    packages = ("mariadb-test",)
    order = 30

    def prepare(self, cache):
        self._program = sources.need_program("mysql_client_test")

    def run(self, target, folder, only):
        listed = process.run([self._program, "-T"], 30).output
        found = {}
        for name in re.findall(r"^test_\w+|^\w+$", listed, re.M):
            if only.search(name):
                target.reset("test")
                found[name] = self._one(target, folder, name)
        return found

    def _one(self, target, folder, name):
        done = process.run([self._program, "--no-defaults", f"-u{target.user}", f"-h{target.host}", f"-P{target.port}",
                            "--database=test", f"--vardir={folder}", name], TEST_SECONDS, cwd=folder)
        if done.why:
            return suite.Outcome(suite.FAIL, done.why)
        return suite.Outcome(suite.PASS) if done.status == 0 else suite.Outcome(suite.FAIL, _complaint(done.output))


def _complaint(output):
    lines = [line.strip() for line in output.splitlines()]
    for sign in ("[MySQL", "MySQL", "ERROR", "check failed", "failed", "Got error"):
        for line in lines:
            if sign in line and not line.startswith(("Connected to", "Warning:")) and "error 0:" not in line:
                return line[:300]
    return next((line for line in reversed(lines) if line), "")[:300]
