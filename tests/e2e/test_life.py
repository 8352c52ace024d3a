# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a cluster: up, down, up again, and what is in the way."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

from conftest import Machine, binary, free_base, make_tables, running, spec, tessera, until


def test_first_up_then_down_then_up_with_its_data(tmp_path):
    machine = Machine(tmp_path, spec())
    start = time.monotonic()
    machine.up()
    first = time.monotonic() - start
    with contextlib.ExitStack() as stack:  # a gate has a loop for each core, and each has its clients
        for client in [stack.enter_context(machine.connect("app")) for _ in range(8)]:
            client.query("show tables")
    make_tables(machine)
    machine.query("insert into users (id, name) values (1, 'Ada'), (8, 'Bram'), (14, 'Chloe')")
    machine.down()
    assert machine.processes() == []
    assert tessera("status", "--data", machine.data, check=False).returncode == 1
    start = time.monotonic()
    machine.up()
    later = time.monotonic() - start
    assert machine.query("select id, name from users order by id") == ((1, "Ada"), (8, "Bram"), (14, "Chloe"))
    machine.down()
    assert machine.processes() == []
    assert first <= 20 and later <= 8, (first, later)  # the aims; usually 3 s and 1 s


def test_a_second_up_is_refused_and_harms_nothing(shop):
    second = shop.up(check=False)
    assert second.returncode == 1
    assert f"the cluster in {shop.data} runs already" in second.stderr
    assert "tessera down" in second.stderr
    assert shop.query("select 1") == ((1,),)


def test_a_second_up_in_the_foreground_changes_nothing(shop):
    before = (shop.data / "cluster.yaml").read_text()
    second = tessera("up", "--data", shop.data, "--gates", "2", "--foreground", check=False)
    assert second.returncode == 1 and "runs already" in second.stderr
    assert (shop.data / "cluster.yaml").read_text() == before


def test_a_taken_port_is_named_with_its_owner(tmp_path):
    machine = Machine(tmp_path, spec(replicas=0))
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", machine.base + 306))
        thief.listen()
        refused = machine.up(check=False)
    assert refused.returncode == 1
    assert f"port {machine.base + 306}, which vtgate-1 needs" in refused.stderr
    assert f"pid {os.getpid()}" in refused.stderr and "--base-port" in refused.stderr
    assert machine.processes() == []


def test_a_foreign_folder_stays_as_it_is(tmp_path):
    machine = Machine(tmp_path, spec())
    machine.data.mkdir()
    (machine.data / "thesis.tex").write_text("years of work")
    refused = machine.up(check=False)
    assert refused.returncode == 1 and "not a cluster's folder" in refused.stderr
    assert [path.name for path in machine.data.iterdir()] == ["thesis.tex"]


def test_other_shards_than_the_folder_has_are_refused(shop):
    refused = tessera("up", "--data", shop.data, "--keyspace", "app", "--shards", "4", check=False)
    assert refused.returncode == 1
    assert "the folder holds another cluster" in refused.stderr


def test_words_that_are_wrong(tmp_path):
    assert "Did you mean --data?" in tessera("up", "--dta", tmp_path, check=False).stderr
    assert "there is no command 'upp'" in tessera("upp", check=False).stderr
    assert "there is no cluster in" in tessera("down", "--data", tmp_path / "none", check=False).stderr
    broken = tmp_path / "c.yaml"
    broken.write_text("keyspaces:\n  - name: a\n    shard: 2\n")
    assert f"{broken}: line 3: a keyspace has no 'shard'" in tessera("up", broken, "--data", tmp_path / "d", check=False).stderr


def test_a_killed_supervisor_leaves_a_serving_cluster_that_the_next_takes_over():
    with running(spec(replicas=0)) as machine:
        before = {service["name"]: service["pid"] for service in machine.status()["services"]}
        lose_supervisor(machine)
        assert machine.query("select 1") == ((1,),)
        machine.up()
        assert {service["name"]: service["pid"] for service in machine.status()["services"]} == before
        lose_supervisor(machine)
        machine.down()
        assert machine.processes() == []


def lose_supervisor(machine):
    os.kill(machine.status()["supervisor"], signal.SIGKILL)
    until("the supervisor is gone", lambda: machine.status()["phase"] == "unattended")


def test_processes_are_known_by_more_than_a_number(tmp_path):
    """A process id that stands in the folder may be somebody else's by now."""
    with running(spec(replicas=0)) as machine:
        lose_supervisor(machine)
        os.kill(machine.pid("vtgate-1"), signal.SIGKILL)
        with subprocess.Popen(["sleep", "600"]) as innocent:
            (machine.data / "run" / "vtgate-1.pid").write_text(f"{innocent.pid}\n")
            status = machine.data / "status.json"
            told = json.loads(status.read_text())
            for service in told["services"]:
                if service["name"] == "vtgate-1":
                    service["pid"] = innocent.pid
            status.write_text(json.dumps(told))
            assert machine.pid("vtgate-1") == 0
            machine.down()
            assert innocent.poll() is None
            innocent.kill()
        assert machine.processes() == []


def test_a_changed_cluster_leaves_nothing_of_its_former_life():
    with running(spec(replicas=0)) as machine:
        lose_supervisor(machine)
        moved = free_base()
        tessera("up", "--data", machine.data, "--base-port", moved, "--gates", "2")
        gates = [line for line in machine.processes() if "/vtgate " in line]
        assert len(gates) == 2 and not any(f"--mysql-server-port {machine.base + 306} --cell" in line for line in gates), gates
        machine.base = moved
        assert machine.query("select count(*) from countries") == ((2,),)


def test_the_foreground_writes_its_log_down(tmp_path):
    machine = Machine(tmp_path, spec(replicas=0))
    command = [binary("tessera"), "up", str(machine.spec_file), "--data", str(machine.data), "--foreground"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as up:
        assert any("Connect with any MySQL client" in line for line in up.stdout)
        machine.kill9("vtgate-1")
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    assert "vtgate-1" in (machine.data / "log" / "tessera.log").read_text()
    assert machine.processes() == []


def test_the_demo_works_twice(tmp_path):
    for expected in ("200000 of 200000", "there from an earlier run"):
        done = tessera("demo", "--data", tmp_path / "d", "--base-port", free_base(), "--stay=false")
        assert expected in done.stdout
        assert "customers where id in (8, 14) order by id" in done.stdout  # what shard -80 is asked
