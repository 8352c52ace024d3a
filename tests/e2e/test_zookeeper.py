# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The topology in ZooKeeper, and the programs that run and look into one."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from cluster import binary, free_port  # noqa: E402
from conftest import APP_VSCHEMA, running, spec, tessera, until  # noqa: E402
from control import Control  # noqa: E402
from lines import Flow, has_table, resting, runs, started_otherwise, until_replicated  # noqa: E402

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None or not pathlib.Path("/usr/share/java/zookeeper.jar").exists(),
    reason="no ZooKeeper is installed (libzookeeper-java, a JRE)")


def run(*words, check=True, text_in=None, **environment):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, input=text_in,
                          env={**os.environ, **environment})
    assert not check or done.returncode == 0, (words, done.stderr)
    return done


@contextlib.contextmanager
def zookeeper(folder):
    """A server made by zkctl: gives its address, the flag that names it, and its folder."""
    port = free_port()
    flag = f"--zk.cfg=1@127.0.0.1:{free_port()}:{free_port()}:{port}"
    run(binary("zkctl"), flag, "init", VTDATAROOT=str(folder))
    try:
        yield f"127.0.0.1:{port}", flag, folder / "zk_001"
    finally:
        run(binary("zkctl"), flag, "teardown", VTDATAROOT=str(folder))
        assert not (folder / "zk_001").exists()


def test_serving_goes_on_without_zookeeper():
    with running(spec(topology="zk2", replicas=0)) as machine:
        supervisor = machine.status()["supervisor"]
        os.kill(supervisor, signal.SIGSTOP)  # so that nobody starts it again
        try:
            os.kill(machine.pid("zookeeper"), signal.SIGKILL)
            for key in range(20):
                machine.query(f"insert into ledger (id, value) values ({key}, 'x')")
            assert machine.query("select count(*) from ledger") == ((20,),)
            changed = machine.folder / "changed.json"
            changed.write_text('{"sharded": false}')
            for words in (["app"], ["app", changed]):
                refused = tessera("vschema", "--data", machine.data, *words, check=False)
                assert refused.returncode == 1 and str(machine.base + 50) in refused.stderr
        finally:
            os.kill(supervisor, signal.SIGCONT)
        until("ZooKeeper comes back",
              lambda: tessera("vschema", "--data", machine.data, "app", check=False).returncode == 0)
        vschema = json.loads(tessera("vschema", "--data", machine.data, "app").stdout)
        assert vschema["sharded"]
        # A change reaches the gate again: its watch was armed anew.
        vschema["tables"]["later"] = vschema["tables"]["ledger"]
        changed.write_text(json.dumps(vschema))
        tessera("vschema", "--data", machine.data, "app", changed)
        until("the gate knows the table",
              lambda: any("later" in row for row in machine.query("show vschema tables")))


def test_zkctl_starts_stops_and_starts_again(tmp_path):
    with zookeeper(tmp_path) as (address, flag, folder):
        again = run(binary("zkctl"), flag, "init", check=False, VTDATAROOT=str(tmp_path))
        assert again.returncode == 1 and "already" in again.stderr
        pid = int((folder / "zk.pid").read_text())
        run(binary("zkctl"), flag, "start", VTDATAROOT=str(tmp_path))
        assert int((folder / "zk.pid").read_text()) == pid
        run(binary("zkctl"), flag, "shutdown", VTDATAROOT=str(tmp_path))
        assert not runs(pid)
        run(binary("zkctl"), flag, "shutdown", VTDATAROOT=str(tmp_path))
        run(binary("zkctl"), flag, "start", VTDATAROOT=str(tmp_path))
        assert int((folder / "zk.pid").read_text()) != pid


def test_zkctld_runs_until_told_to_stop(tmp_path):
    flag = f"--zk.cfg=1@127.0.0.1:{free_port()}:{free_port()}:{free_port()}"
    daemon = subprocess.Popen([binary("zkctld"), flag], env={**os.environ, "VTDATAROOT": str(tmp_path)})
    try:
        pid_file = tmp_path / "zk_001" / "zk.pid"
        until("ZooKeeper runs", lambda: pid_file.exists() and pid_file.read_text().strip() != "")
        pid = int(pid_file.read_text())
        log = tmp_path / "zk_001" / "zk.log"
        until("it serves", lambda: log.exists() and "binding to port" in log.read_text())
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0
    assert not runs(pid)


def test_zk_reads_writes_copies_and_deletes(tmp_path):
    with zookeeper(tmp_path) as (address, _, _):
        def zk(*words, check=True, **environment):
            return run(binary("zk"), "--server", address, *map(str, words), check=check, **environment)

        assert zk("touch", "/a/b/c", check=False).returncode == 1
        zk("touch", "-p", "/a/b/c")
        assert zk("ls", "/a").stdout == "/a/b\n"
        (tmp_path / "in").write_bytes(b"one\n")
        zk("cp", f"file:{tmp_path}/in", "/a/b/d")
        assert zk("cat", "/a/b/d").stdout == "one\n"
        assert zk("ls", "-R", "/a").stdout == "/a/b\n/a/b/c\n/a/b/d\n"
        assert zk("ls", "-d", "/*/b/[cd]").stdout == "/a/b/c\n/a/b/d\n"
        assert zk("ls", "-lR", "/a").stdout.splitlines()[0].split()[:4] == ["d", "0", "0", "2"]
        zk("cp", "/a/b/*", f"file:{tmp_path}/")
        assert (tmp_path / "d").read_bytes() == b"one\n" and (tmp_path / "c").read_bytes() == b""
        zk("edit", "/a/b/d", EDITOR="sed -i s/one/two/")
        assert zk("cat", "/a/b/d").stdout == "two\n"
        stat = dict(line.split(": ", 1) for line in zk("stat", "/a/b/d").stdout.splitlines())
        assert stat["Version"] == "1" and stat["Size"] == "4" and stat["Acl"] == "rwcda world:anyone"

        zk("zip", "/a", tmp_path / "a.zip")
        zk("rm", "-r", "/a")
        missing = zk("ls", "/a", check=False)
        assert missing.returncode == 1 and "node doesn't exist: /a" in missing.stderr
        assert zk("ls", "-f", "/a").stdout == zk("rm", "-f", "/a").stdout == ""
        zk("unzip", tmp_path / "a.zip", "/back")
        assert zk("ls", "-R", "/back").stdout == "/back/a\n/back/a/b\n/back/a/b/c\n/back/a/b/d\n"
        assert zk("cat", "/back/a/b/d").stdout == "two\n"

        zk("addAuth", "digest", "ada:secret")
        zk("chmod", "n-r", "/back/a/b/d")
        refused = zk("cat", "/back/a/b/d", check=False)
        assert refused.returncode == 1 and "ACL" in refused.stderr
        zk("chmod", "n+r", "/back/a/b/d")
        assert zk("cat", "/back/a/b/d").stdout == "two\n"

        cells = tmp_path / "cells.json"
        cells.write_text(json.dumps({"here": address}))
        by_cell = run(binary("zk"), "touch", "-p", "/zk/here/x", ZK_CLIENT_CONFIG=str(cells))
        assert by_cell.returncode == 0 and zk("ls", "/zk/here").stdout == "/zk/here/x\n"
        assert run(binary("zk"), "ls", "/zk/there/x", check=False, ZK_CLIENT_CONFIG=str(cells)).returncode == 1


def test_zk_waits_and_watches(tmp_path):
    with zookeeper(tmp_path) as (address, _, _):
        def start(*words):
            return subprocess.Popen([binary("zk"), "--server", address, *words], stdout=subprocess.PIPE, text=True)

        def zk(*words):
            return run(binary("zk"), "--server", address, *words)

        zk("touch", "/x")
        assert zk("wait", "-e", "/x").stdout == "/x is there\n"
        watcher = start("watch", "/x", "/y")
        try:
            assert sorted([watcher.stdout.readline(), watcher.stdout.readline()]) == ["/x version 0\n", "/y is not there\n"]
            zk("touch", "/y")
            assert watcher.stdout.readline() == "/y version 0\n"
            zk("rm", "/x")
            assert watcher.stdout.readline() == "/x is not there\n"
        finally:
            watcher.kill()
            watcher.wait()
        waiter = start("wait", "/y/")
        while waiter.poll() is None:  # whichever child is the first it sees
            zk("touch", f"/y/{len(zk('ls', '/y').stdout)}")
        assert waiter.returncode == 0 and waiter.stdout.read()


def test_zk_decodes_records_of_a_cluster():
    with running(spec(topology="zk2", shards=1, replicas=0), tables=False) as machine:
        server = f"--server=127.0.0.1:{machine.base + 50}"
        assert "/vitess/global/keyspaces/app/Keyspace\n" in run(binary("zk"), server, "ls", "-R", "/vitess").stdout
        shown = run(binary("zk"), server, "cat", "-p", "/vitess/zone1/tablets/*/Tablet").stdout
        assert 'keyspace: "app"' in shown and 'keyspace: "lookup"' in shown


SECURE_JAVA = ["java", "-Xmx64m", "-Dzookeeper.serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory", "-cp",
               ":".join(f"/usr/share/java/{name}.jar" for name in ("zookeeper", "netty-codec", "netty-resolver")),
               "org.apache.zookeeper.server.quorum.QuorumPeerMain"]


def secure_lines(folder, port):
    """Lines of zoo.cfg for a port of TLS, and the file of the certificate it shows."""
    store, ca = folder / "server.p12", folder / "ca.pem"
    secret = ["-keystore", store, "-storetype", "PKCS12", "-storepass", "secret"]
    run("keytool", "-genkeypair", "-alias", "zk", "-keyalg", "EC", "-dname", "CN=zookeeper", "-validity", "2",
        "-ext", "san=dns:localhost,ip:127.0.0.1", *secret)
    run("keytool", "-exportcert", "-rfc", "-alias", "zk", "-file", ca, *secret)
    return (f"secureClientPortAddress=127.0.0.1\nsecureClientPort={port}\nssl.keyStore.location={store}\n"
            "ssl.keyStore.password=secret\nssl.clientAuth=none\n"), ca


@contextlib.contextmanager
def secure_zookeeper(folder):
    """A server with a secureClientPort: gives that port and the file of its certificate."""
    port = free_port()
    lines, ca = secure_lines(folder, port)
    config = folder / "zoo.cfg"
    config.write_text(f"tickTime=500\ndataDir={folder}/data\nclientPortAddress=127.0.0.1\nclientPort={free_port()}\n"
                      f"admin.enableServer=false\n{lines}")
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen([*SECURE_JAVA, config], stdout=log, stderr=log)
    try:
        yield port, ca
    finally:
        server.kill()
        server.wait()


def test_zk_speaks_tls(tmp_path):
    with secure_zookeeper(tmp_path) as (port, ca):
        def zk(*words, host="localhost", check=True):
            return run(binary("zk"), words[0], "--server", f"{host}:{port}", "--timeout=5s", *map(str, words[1:]),
                       check=check)

        trusted = f"--topo-zk-tls-ca={ca}"
        until("it serves", lambda: zk("ls", trusted, "/", check=False).returncode == 0)
        zk("touch", trusted, "-p", "/a/b")
        assert zk("ls", trusted, "/a", host="127.0.0.1").stdout == "/a/b\n"
        # Another authority did not sign it; it is for another name; in clear nobody answers.
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=other", "-keyout", tmp_path / "other.key", "-out", tmp_path / "other.pem")
        unknown = zk("ls", f"--topo-zk-tls-ca={tmp_path}/other.pem", "/a", check=False)
        assert unknown.returncode == 1 and "CN=zookeeper" in unknown.stderr and "--topo-zk-tls-ca" in unknown.stderr
        misnamed = zk("ls", trusted, "--topo-zk-tls-server-name=zk.example", "/a", check=False)
        assert misnamed.returncode == 1 and "not for zk.example" in misnamed.stderr
        assert zk("ls", "/a", check=False).returncode == 1
        missing = zk("ls", "--topo-zk-tls-ca=/nowhere/ca.pem", "/a", check=False)
        assert missing.returncode == 1 and "/nowhere/ca.pem" in missing.stderr


def test_a_cluster_whose_zookeeper_speaks_nothing_but_tls(tmp_path):
    port = free_port()
    lines, ca = secure_lines(tmp_path, port)
    secure, trusted = f"127.0.0.1:{port}", f"--topo-zk-tls-ca={ca}"
    with running(spec(topology="zk2")) as machine:
        until_replicated(machine)
        clear = f"127.0.0.1:{machine.base + 50}"

        def vtctl(address, *flags):
            return Control("vtctl", "--topo-implementation=zk2", f"--topo-global-server-address={address}", "--topo-global-root=/vitess/global", *flags)

        def secured(words):
            return [*(secure if word == clear else word for word in words), trusted]

        def zookeeper_secured(words):
            kept = [line for line in pathlib.Path(words[-1]).read_text().splitlines() if not line.startswith("clientPort")]
            config = tmp_path / "zoo.cfg"
            config.write_text("\n".join(kept) + "\n" + lines)
            return [*SECURE_JAVA, str(config)]

        vtctl(clear).run("UpdateCellInfo", "--server-address", secure, "zone1")
        names = [service["name"] for service in machine.status()["services"]]
        others = [name for name in names if name.startswith(("vttablet", "vtgate", "vtctld"))]
        assert len(others) == 7, names
        control, remote = vtctl(secure, trusted), Control("vtctldclient", "--server", f"127.0.0.1:{machine.vtctld_port}")
        with resting(machine), started_otherwise(machine, {"zookeeper": zookeeper_secured}) as start_zookeeper:
            until("ZooKeeper serves", lambda: control.succeeds("GetCellInfoNames"), 60)
            assert not vtctl(clear).succeeds("GetCellInfoNames") and not vtctl(secure).succeeds("GetCellInfoNames")
            with started_otherwise(machine, {name: secured for name in others}):
                until_replicated(machine)
                until("the control daemon answers", lambda: remote.succeeds("GetCellInfoNames"))
                machine.query("insert into ledger (id, value) values (1, 'x'), (2, 'y'), (3, 'z')")
                assert machine.query("select count(*) from ledger") == ((3,),)
                assert len(remote.tablets()) == 5

                def add(name):
                    tables = {**APP_VSCHEMA["tables"], name: APP_VSCHEMA["tables"]["ledger"]}
                    remote.run("ApplyVSchema", "--vschema", json.dumps({**APP_VSCHEMA, "tables": tables}), "app")

                add("before")
                until("the gate knows the table", lambda: has_table(machine.gate_port, "before"))
                flow = Flow(machine.gate_port)
                try:
                    start_zookeeper("zookeeper")
                    until("ZooKeeper serves again", lambda: remote.succeeds("GetCellInfoNames"), 60)
                    flow.goes_on(1)
                finally:
                    flow.end()
                assert not flow.failures, flow.failures[:3]
                add("after")
                until("the gate knows the table of later", lambda: has_table(machine.gate_port, "after"), 60)
