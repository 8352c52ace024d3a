# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Python: SQLAlchemy's dialect suite, PyMySQL, mysqlclient, peewee, Django."""

import re

import process
import sources
import suite

SILENCE = 90
SQLALCHEMY_FILES = {
    "conftest.py": "import pytest\nfrom sqlalchemy.dialects import registry\npytest.register_assert_rewrite("
                   "'sqlalchemy.testing.assertions')\nfrom sqlalchemy.testing.plugin.pytestplugin import *\n",
    "setup.cfg": "[sqla_testing]\nrequirement_cls = dialect_requirements:Requirements\nprofile_file=profiles.txt\n[db]\n",
    "test_suite.py": "from sqlalchemy.testing.suite import *\n",
    "dialect_requirements.py": "from sqlalchemy.testing.requirements import SuiteRequirements\n\n\n"
                               "class Requirements(SuiteRequirements):\n    pass\n",
}


def run_pytest(command, timeout, folder, cwd, environment=None):
    """Runs pytest; a run that hangs gives what ended before, and the test in which it hung."""
    junit = folder / "junit.xml"
    done = process.run([*command, "-v", "-p", "no:cacheprovider", f"--junitxml={junit}"], timeout, SILENCE, cwd=cwd,
                       env=environment)
    found = suite.read_junit(junit)
    return found or read_pytest_lines(done)


def read_pytest_lines(done):
    found = {}
    for line in done.output.splitlines():
        match = re.match(r"(\S+)::(\S+(?: \S+)*?) (PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)?\s*(\[|$)", line)
        if match:
            module = match[1].removesuffix(".py").replace("/", ".")
            status = {"PASSED": suite.PASS, "SKIPPED": suite.SKIP, "XFAIL": suite.SKIP, "XPASS": suite.PASS}
            name = f"{module}.{match[2].replace('::', '.')}"
            found[name] = suite.Outcome(status.get(match[3], suite.FAIL), "" if match[3] else done.why)
    return found or {"(collection)": suite.Outcome(suite.FAIL, done.output.strip().splitlines()[-1][:300]
                                                   if done.output.strip() else done.why)}


class SqlAlchemy(suite.Suite):
    name = "sqlalchemy"
    title = "SQLAlchemy 1.4 dialect suite, PyMySQL (Python)"
    source = "Debian python3-sqlalchemy"
    packages = ("python3-sqlalchemy", "python3-pytest", "python3-pymysql")
    databases = ("test", "test_schema")
    order = 50
    driver = "pymysql"
    options = "charset=utf8mb4&read_timeout=30"

    def run(self, target, folder, only):
        for name, text in SQLALCHEMY_FILES.items():
            (folder / name).write_text(text)
        address = f"mysql+{self.driver}://{target.user}@{target.host}:{target.port}/test?{self.options}"
        pattern = ["-k", only.pattern] if only.pattern else []
        found = run_pytest(["/usr/bin/python3", "-m", "pytest", "test_suite.py", "--dburi", address, *pattern],
                           self.timeout, folder, folder)
        # Its names hold the dialect and the server's version.
        return {re.sub(r"_(mysql|mariadb)\+\w+?(_\d+)+(?=\.)", "", name): one for name, one in found.items()}


class SqlAlchemyMysqlclient(SqlAlchemy):
    name = "sqlalchemy-mysqlclient"
    title = "SQLAlchemy 1.4 dialect suite, mysqlclient (Python)"
    packages = ("python3-sqlalchemy", "python3-pytest", "python3-mysqldb")
    order = 51
    driver = "mysqldb"
    options = "charset=utf8mb4&read_timeout=30"


class SqlAlchemy2(suite.Suite):
    name = "sqlalchemy-2"
    title = "SQLAlchemy 2.0 dialect tests, PyMySQL (Python)"
    source = "PyPI SQLAlchemy (sdist)"
    order = 52
    files = ("test/dialect/test_suite.py", "test/dialect/mysql")

    def prepare(self, cache):
        self._folder = sources.pypi_source(cache, "SQLAlchemy", "2.0.36")
        self._path = sources.pip(cache, self.name, "pytest==8.3.4", "PyMySQL==1.1.1", "greenlet==3.1.1",
                                 "typing_extensions==4.12.2")

    def run(self, target, folder, only):
        address = f"mysql+pymysql://{target.user}@{target.host}:{target.port}/test?charset=utf8mb4&read_timeout=30"
        # Its foreign keys between databases want one server for both: the second is no keyspace.
        with target.connect("test") as connection, connection.cursor() as cursor:
            cursor.execute("create database if not exists test_schema")
        pattern = ["-k", only.pattern] if only.pattern else []
        found = run_pytest([sources.PYTHON, "-m", "pytest", *self.files, "--dburi", address, "--maxfail=9999",
                            *pattern], self.timeout, folder, self._folder,
                           {"PYTHONPATH": f"{self._path}:{self._folder / 'lib'}"})
        return {re.sub(r"_(mysql|mariadb)\+\w+?(_\d+)+(?=\.)", "", name): one for name, one in found.items()}


class Mysqlclient(suite.Suite):
    name = "mysqlclient"
    title = "mysqlclient 1.4.6 (Python)"
    source = "Debian source python-mysqldb"
    packages = ("python3-mysqldb", "python3-mock", "python3-pytest")
    order = 80

    def prepare(self, cache):
        self._folder = sources.debian_source(cache, "python-mysqldb")

    def run(self, target, folder, only):
        settings = folder / "my.cnf"
        settings.write_text(f"[MySQLdb-tests]\nhost={target.host}\nport={target.port}\nuser={target.user}\n"
                            "database=test\ndefault-character-set=utf8mb4\n")
        pattern = ["-k", only.pattern] if only.pattern else []
        return run_pytest(["/usr/bin/python3", "-m", "pytest", str(self._folder / "tests"), *pattern], self.timeout,
                          folder, folder, {"TESTDB": str(settings)})


class Peewee(suite.Suite):
    name = "peewee"
    title = "peewee 3.14 (Python)"
    source = "Debian source peewee"
    packages = ("python3-pymysql",)
    databases = ("peewee_test",)
    order = 90

    def prepare(self, cache):
        self._folder = sources.debian_source(cache, "peewee")

    def run(self, target, folder, only):
        done = process.run(["/usr/bin/python3", "runtests.py", "-e", "mysql", "-v", "2"], self.timeout, SILENCE,
                           cwd=self._folder,
                           env={"PEEWEE_MYSQL_HOST": target.host, "PEEWEE_MYSQL_PORT": str(target.port),
                                "PEEWEE_MYSQL_USER": target.user, "PEEWEE_TEST_BACKEND": "mysql"})
        return {name: one for name, one in read_unittest(done).items() if only.search(name)}


def read_unittest(done):
    """The tests of Python's unittest at verbosity 2. From Python 3.11 on the class is told with the test's name."""
    def full(test, where):
        return where if where.endswith(f".{test}") else f"{where}.{test}"

    found = {}
    for match in re.finditer(r"^(\w+) \(([\w.]+)\)(?:\n.*)?? \.\.\. (?:.*?)(ok|FAIL|ERROR|skipped.*|expected failure)$",
                             done.output, re.M):
        status = suite.PASS if match[3] == "ok" else suite.FAIL if match[3] in ("FAIL", "ERROR") else suite.SKIP
        found[full(match[1], match[2])] = suite.Outcome(status)
    for match in re.finditer(r"^(?:ERROR|FAIL): (\w+) \(([\w.]+)\)$(.*?)(?=^={20}|\Z)", done.output, re.M | re.S):
        errors = re.findall(r"^(\w[\w.]*(?:Error|Exception|Warning)\w*:? ?.*)$", match[3], re.M)
        found[full(match[1], match[2])] = suite.Outcome(suite.FAIL, errors[-1][:300] if errors else "")
    return found or {"(start)": suite.Outcome(suite.FAIL, suite.first_line(done.output) or done.why)}


class Django(suite.Suite):
    name = "django"
    title = "Django 3.2, twelve of its test applications (Python)"
    source = "Debian source python-django"
    packages = ("python3-mysqldb", "python3-asgiref", "python3-sqlparse", "python3-tz")
    databases = ("test_django", "test_django2")
    order = 110
    applications = ("aggregation", "annotations", "expressions", "queries", "transactions", "lookup", "ordering", "basic",
                    "backends", "db_functions", "model_fields", "introspection")

    def prepare(self, cache):
        self._folder = sources.debian_source(cache, "python-django")

    def run(self, target, folder, only):
        (folder / "driver_settings.py").write_text(_django_settings(target))
        # The databases are kept: a gate's are made with the cluster.
        done = process.run(["/usr/bin/python3", "runtests.py", "--settings=driver_settings", "--keepdb", "--noinput",
                            "--parallel=1", "-v", "2", *self.applications], self.timeout, SILENCE,
                           cwd=self._folder / "tests", env={"PYTHONPATH": f"{folder}:{self._folder}"})
        return {name: one for name, one in read_unittest(done).items() if only.search(name)}


def _django_settings(target):
    one = (f"{{'ENGINE': 'django.db.backends.mysql', 'HOST': '{target.host}', 'PORT': {target.port}, "
           f"'USER': '{target.user}', 'NAME': '%s', 'TEST': {{'NAME': '%s'}}, "
           "'OPTIONS': {'charset': 'utf8mb4', 'read_timeout': 60}}")
    return (f"DATABASES = {{'default': {one % ('test_django', 'test_django')},\n"
            f"             'other': {one % ('test_django2', 'test_django2')}}}\n"
            "SECRET_KEY = 'x'\nUSE_TZ = False\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n"
            "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']\n")
