# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Go: go-sql-driver/mysql, Debian's 1.5.0 and a new one."""

import pathlib

import process
import sources
import suite

DEBIAN = pathlib.Path("/usr/share/gocode/src/github.com/go-sql-driver/mysql")
SILENCE = 40


class GoTests(suite.Suite):
    """Tests of one Go package: compiled once, run as a program. `environment` says where the server is."""

    def build(self, cache):
        """Returns the folder of the package and the environment to compile it in."""
        raise NotImplementedError

    def environment(self, target):
        raise NotImplementedError

    def prepare(self, cache):
        self._folder, environment = self.build(cache)
        self._program = cache / f"{self.name}.test"
        if not self._program.exists():
            done = process.run([sources.GO, "test", "-c", "-vet=off", "-o", self._program, "."], 600,
                               cwd=self._folder, env=environment)
            if not self._program.exists():
                raise sources.Missing("go test -c: " + suite.first_line(done.output))

    def run(self, target, folder, only):
        environment = self.environment(target)
        listed = process.run([self._program, "-test.list", ".*"], 60, cwd=self._folder, env=environment).output
        left = [name for name in listed.split() if name.startswith("Test") and only.search(name)]
        found = {}
        while left:
            done = process.run([sources.GO, "tool", "test2json", "-t", self._program, "-test.v=test2json",
                                "-test.run", "^(" + "|".join(left) + ")$"],
                               self.timeout, SILENCE, cwd=self._folder, env=environment)
            ended = suite.read_go_events(done.output)
            found.update(ended)
            rest = [name for name in left if name not in ended]
            if len(rest) == len(left):
                found.update({name: suite.Outcome(suite.FAIL, suite.first_line(done.output) or done.why) for name in rest})
                break
            left = rest
        return found


class GoSqlDriver(GoTests):
    name = "go-sql-driver"
    title = "go-sql-driver/mysql 1.9.3 (Go)"
    source = "Go module proxy"
    databases = ("gotest",)
    order = 10
    version = "v1.9.3"

    def build(self, cache):
        return sources.go_module(cache, "github.com/go-sql-driver/mysql", self.version), sources.go_environment(cache)

    def environment(self, target):
        return {"MYSQL_TEST_USER": target.user, "MYSQL_TEST_PASS": target.password, "MYSQL_TEST_PROT": "tcp",
                "MYSQL_TEST_ADDR": f"{target.host}:{target.port}", "MYSQL_TEST_DBNAME": "gotest",
                "MYSQL_TEST_CONCURRENT": "1"}


class GoSqlDriverOfDebian(GoSqlDriver):
    name = "go-sql-driver-1.5"
    title = "go-sql-driver/mysql 1.5.0 (Go)"
    source = "Debian golang-github-go-sql-driver-mysql-dev"
    packages = ("golang-github-go-sql-driver-mysql-dev",)
    order = 11

    def build(self, cache):
        if sources.GO is None:
            raise sources.Missing("no Go compiler")
        return DEBIAN, {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
