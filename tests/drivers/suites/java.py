# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Java: MariaDB Connector/J's own tests, with JUnit 4 and without Maven."""

import pathlib
import re

import process
import sources
import suite

JARS = pathlib.Path("/usr/share/java")
CLASSPATH = ("mariadb-java-client", "jna", "jna-platform", "logback-classic", "logback-core", "slf4j-api", "junit4",
             "hamcrest-core")
SILENCE = 60
# Tells of each test in a line of its own, and of each class that has ended.
TELLER = """
import org.junit.runner.*;
import org.junit.runner.notification.*;
public class Teller extends RunListener {
  private boolean passed;
  static void tell(String word, Description test, Throwable why) {
    String name = test.getClassName() + "." + test.getMethodName();
    String text = why == null ? "" : String.valueOf(why).replaceAll("\\\\s+", " ");
    System.out.println("\\n@@" + word + " " + name + " " + text);
  }
  public void testStarted(Description test) { passed = true; tell("run", test, null); }
  public void testFailure(Failure f) { passed = false; tell("fail", f.getDescription(), f.getException()); }
  public void testAssumptionFailure(Failure f) { passed = false; tell("skip", f.getDescription(), null); }
  public void testIgnored(Description test) { tell("skip", test, null); }
  public void testFinished(Description test) { if (passed) tell("pass", test, null); }
  public static void main(String[] names) throws Exception {
    for (String name : names) {
      JUnitCore core = new JUnitCore();
      core.addListener(new Teller());
      core.run(Class.forName(name));
      System.out.println("\\n@@end " + name);
    }
    System.exit(0);
  }
}
"""


class ConnectorJ(suite.Suite):
    name = "connector-j"
    title = "MariaDB Connector/J 2.7.6 (Java)"
    source = "Debian source mariadb-connector-java"
    packages = ("libmariadb-java", "libjna-java", "libjna-platform-java", "liblogback-java", "libslf4j-java", "junit4")
    databases = ("testj",)
    order = 40

    def prepare(self, cache):
        self._tests = sources.debian_source(cache, "mariadb-connector-java") / "src" / "test"
        self._classes = cache / self.name
        self._path = ":".join([str(JARS / f"{jar}.jar") for jar in CLASSPATH])
        if (self._classes / "Teller.class").exists():
            return
        self._classes.mkdir(exist_ok=True)
        teller = self._classes / "Teller.java"
        teller.write_text(TELLER)
        files = [file for file in (self._tests / "java").rglob("*.java") if "jmh" not in str(file)]
        done = process.run([sources.need_program("javac"), "-nowarn", "-encoding", "UTF-8", "-d", self._classes, "-cp",
                            self._path, *files, teller], 300)
        if done.status != 0:
            (self._classes / "Teller.class").unlink(missing_ok=True)
            raise sources.Missing("javac: " + suite.first_line(done.output))

    def run(self, target, folder, only):
        address = f"jdbc:mariadb://{target.host}:{target.port}/testj?user={target.user}"
        java = ["java", f"-DdbUrl={address}", "-cp", f"{self._classes}:{self._tests / 'resources'}:{self._path}", "Teller"]
        left = [name for name in self._names() if only.search(name)]
        found = {}
        while left:
            done = process.run([*java, *left], self.timeout, SILENCE, cwd=self._tests.parents[1],
                               env={f"TEST_DB_{key}": value for key, value in
                                    {"HOST": target.host, "PORT": str(target.port), "USER": target.user}.items()})
            found.update(read_teller(done))
            ended = set(re.findall(r"^@@end (\S+)", done.output, re.M))
            # The class that hung is left out.
            left = [name for name in left if name not in ended][1:]
        return found

    def _names(self):
        for file in sorted((self._tests / "java").rglob("*Test.java")):
            text = file.read_text(encoding="utf-8")
            if "@Test" in text and "abstract class" not in text:
                yield str(file.relative_to(self._tests / "java").with_suffix("")).replace("/", ".")


def read_teller(done):
    found = {}
    for word, name, text in re.findall(r"^@@(run|pass|fail|skip) (\S+) ?(.*)$", done.output, re.M):
        if word == "run":
            found[name] = suite.Outcome(suite.FAIL, f"did not end: {done.why}")
        else:
            found[name] = suite.Outcome(word, text[:300])
    return found
