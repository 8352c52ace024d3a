# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Go: the tests of gorm (Debian's jinzhu/gorm) and sqlx, with go-sql-driver/mysql."""

import pathlib

import sources
from suites.go_sql_driver import GoTests

GOPATH = pathlib.Path("/usr/share/gocode")


class Gorm(GoTests):
    name = "gorm"
    title = "jinzhu/gorm 1.9.6 (Go)"
    source = "Debian golang-github-jinzhu-gorm-dev"
    packages = ("golang-github-jinzhu-gorm-dev", "golang-github-erikstmartin-go-testdb-dev", "golang-github-jinzhu-now-dev",
                "golang-github-denisenkom-go-mssqldb-dev")
    databases = ("gorm",)
    order = 12

    def build(self, cache):
        if sources.GO is None:
            raise sources.Missing("no Go compiler")
        return GOPATH / "src/github.com/jinzhu/gorm", {"GO111MODULE": "off", "GOPATH": str(GOPATH)}

    def environment(self, target):
        return {"GORM_DIALECT": "mysql", "GORM_DSN": f"{target.user}:{target.password}@tcp({target.host}:{target.port})/gorm"
                                                     "?charset=utf8&parseTime=True"}


class Sqlx(GoTests):
    name = "sqlx"
    title = "jmoiron/sqlx 1.4.0 (Go)"
    source = "Go module proxy"
    order = 13

    def build(self, cache):
        return sources.go_module(cache, "github.com/jmoiron/sqlx", "v1.4.0"), sources.go_environment(cache)

    def environment(self, target):
        return {"SQLX_MYSQL_DSN": f"{target.user}:{target.password}@tcp({target.host}:{target.port})/test?parseTime=true",
                "SQLX_POSTGRES_DSN": "skip", "SQLX_SQLITE_DSN": "skip"}
