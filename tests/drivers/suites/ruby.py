# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Ruby: ActiveRecord's own tests with mysql2, those of its adapter and some of those of all databases."""

import json
import re

import process
import sources
import suite

SILENCE = 120
# Files are required in one process, as its Rakefile does, but those that need what is not here.
START = """
ARGV.shift(ARGV.index("--") + 1).each do |file|
  begin
    require "./" + file
  rescue LoadError => missing
    puts "left out: #{file}: #{missing.message}"
  end if file != "--"
end
"""
# All its 7000 tests take a quarter of an hour: those of the adapter, and where databases differ most.
FILES = ("adapters/mysql2/**/*_test.rb", "transactions_test.rb", "transaction_isolation_test.rb", "locking_test.rb",
         "insert_all_test.rb", "migration_test.rb", "schema_dumper_test.rb", "query_cache_test.rb")
NOT_NEEDED = ("byebug",)  # a debugger, which no test calls
STATUSES = {".": suite.PASS, "S": suite.SKIP}


class ActiveRecord(suite.Suite):
    name = "activerecord"
    title = "ActiveRecord 6.1, its mysql2 adapter and seven files (Ruby)"
    source = "Debian source rails"
    packages = ("ruby-mysql2", "ruby-activerecord", "ruby-minitest", "ruby-builder", "ruby-rack", "ruby-sqlite3")
    databases = ("activerecord_unittest", "activerecord_unittest2")
    order = 120

    def prepare(self, cache):
        self._folder = sources.debian_source(cache, "rails") / "activerecord"

    def run(self, target, folder, only):
        settings = folder / "settings.yml"
        settings.write_text(json.dumps(_settings(target)))  # JSON is YAML
        stubs = folder / "stubs"
        stubs.mkdir()
        for name in NOT_NEEDED:
            (stubs / f"{name}.rb").touch()
        files = [file.relative_to(self._folder) for pattern in FILES
                 for file in sorted((self._folder / "test" / "cases").glob(pattern))]
        wanted = ["--name", f"/{only.pattern}/"] if only.pattern else []
        folders = [stubs, "test", "lib", "../activesupport/lib", "../activemodel/lib"]
        done = process.run(["ruby", "-W0", *(f"-I{one}" for one in folders), "-e", START, "--", *files, "--", "--verbose", "--seed", "1",
                            *wanted], self.timeout, SILENCE, cwd=self._folder,
                           env={"ARCONFIG": str(settings), "ARCONN": "mysql2"})
        return read_minitest(done)


def _settings(target):
    common = {"host": target.host, "port": target.port, "username": target.user, "encoding": "utf8mb4"}
    return {"connections": {"mysql2": {"arunit": {**common, "collation": "utf8mb4_unicode_ci"},
                                       "arunit2": {**common, "collation": "utf8mb4_general_ci"}}}}


def read_minitest(done):
    """The tests of Ruby's minitest with --verbose. What a test prints may stand before its outcome."""
    found = {}
    for match in re.finditer(r"([A-Z][\w:]*#test_.*?) = \d+\.\d+ s = ([.FES])$", done.output, re.M):
        found[match[1]] = suite.Outcome(STATUSES.get(match[2], suite.FAIL))
    for match in re.finditer(r"^ +\d+\) (?:Failure|Error):\n(\S+#test_.*?)(?: \[.*\])?:\n(.*)$", done.output, re.M):
        if match[1] in found:
            found[match[1]].error = match[2].strip()[:300]
    if done.why or not found:
        found["(all)"] = suite.Outcome(suite.FAIL, done.why or suite.first_line(done.output))
    return found
