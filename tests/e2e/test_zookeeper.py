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
from conftest import running, spec, tessera, until  # noqa: E402

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None or not pathlib.Path("/usr/share/java/zookeeper.jar").exists(),
    reason="no ZooKeeper is installed (libzookeeper-java, a JRE)")


def run(*words, check=True, text_in=None, **environment):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, input=text_in,
                          env={**os.environ, **environment})
    assert not check or done.returncode == 0, (words, done.stderr)
    return done


def runs(pid):
    """A process that has ended may stay as a zombie, where nobody asks for its status."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


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
