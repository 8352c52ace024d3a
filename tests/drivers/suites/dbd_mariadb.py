# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Perl: DBD::MariaDB's own t/*.t."""

import process
import sources
import suite

FILE_SECONDS = 60


class DbdMariadb(suite.Suite):
    name = "dbd-mariadb"
    title = "DBD::MariaDB 1.22 (Perl)"
    source = "Debian source libdbd-mariadb-perl"
    packages = ("libdbd-mariadb-perl", "libtest-deep-perl", "libproc-processtable-perl")
    order = 20
    collation = "utf8mb4_unicode_ci"  # its helper refuses to work in others

    def prepare(self, cache):
        self._folder = sources.debian_source(cache, "libdbd-mariadb-perl")

    def run(self, target, folder, only):
        (self._folder / "t" / "MariaDB.mtest").write_text(_settings(target))
        found = {}
        for file in sorted((self._folder / "t").glob("*.t")):
            if not only.search(file.name):
                continue
            done = process.run(["perl", "-I.", "-It", f"t/{file.name}"], FILE_SECONDS, cwd=self._folder)
            tests = suite.read_tap(done.output, file.name)
            found.update(tests)
            good = done.status == 0 and not done.why
            error = "" if good else done.why or _complaint(done.output)
            found[file.name] = suite.Outcome(suite.PASS if good else suite.FAIL, error)
        return found


def _complaint(output):
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith(("ok", "not ok", "1..", "#"))]
    return (lines or [""])[0][:300]


def _settings(target):
    """The file that the tests take the connection from."""
    dsn = f"DBI:MariaDB:database=test;host={target.host};port={target.port}"
    return f"""{{ local $opt; $opt = {{
      testdb => 'test', testhost => '{target.host}', testport => '{target.port}', testuser => '{target.user}',
      testpassword => '{target.password}', testdsn => '{dsn}', testauthplugin => '', testsocket => '' }};
      $::test_host = $opt->{{testhost}}; $::test_port = $opt->{{testport}}; $::test_user = $opt->{{testuser}};
      $::test_password = $opt->{{testpassword}}; $::test_db = $opt->{{testdb}}; $::test_dsn = $opt->{{testdsn}};
    }} 1;
"""
