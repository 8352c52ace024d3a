# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The topology on its bad days: a gate's queries flow while etcd is slow, cut off, killed or back without its data, what changed
is seen once it is well again, and the log says once that something is wrong and once that it is over."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import pymysql
import pytest

from conftest import binary, running, spec, tessera, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster  # noqa: E402
from control import Control  # noqa: E402
from gates import KEYSPACES, gate  # noqa: E402
from lines import Flow, Proxy, add_table, has_table, resting, started_otherwise, until_all_answer, until_replicated  # noqa: E402


def etcd_put(port, key, value):
    body = {"key": base64.b64encode(key.encode()).decode(), "value": base64.b64encode(value).decode()}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v3/kv/put", json.dumps(body).encode(), timeout=10) as answer:
        assert answer.status == 200


def etcd_get(port, key):
    body = {"key": base64.b64encode(key.encode()).decode()}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v3/kv/range", json.dumps(body).encode(), timeout=10) as answer:
        return base64.b64decode(json.load(answer)["kvs"][0]["value"])


@contextlib.contextmanager
def etcd_holding(port, values):
    """Other values are under these keys; afterwards, what was there before."""
    kept = {key: etcd_get(port, key) for key in values}
    try:
        for key, value in values.items():
            etcd_put(port, key, value)
        yield
    finally:
        for key, value in kept.items():
            etcd_put(port, key, value)


def text_field(number, text):
    return bytes((number << 3 | 2, len(text))) + text.encode()


@contextlib.contextmanager
def gate_behind(machine, proxy, *flags):
    """A second gate of the cluster, to which etcd is where the proxy is. Its cell has the same records."""
    etcd_port = machine.base + 50
    etcd_put(etcd_port, "/proxied/global/cells/zone1/CellInfo", text_field(1, proxy.address) + text_field(2, "/vitess/zone1"))
    port, log = cluster.free_port(), machine.folder / "proxied.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            [binary("vtgate"), "--cell=zone1", "--topo-implementation=etcd2", f"--topo-global-server-address={proxy.address}",
             "--topo-global-root=/proxied/global", f"--mysql-server-port={port}", "--mysql-auth-server-impl=none", "--loops=2",
             "--tablet-types-to-wait=primary", "--srv-topo-timeout=2s", *flags],
            stdout=out, stderr=out, preexec_fn=cluster._end_with_parent)
    try:
        until("the gate listens", lambda: "listens on" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield port, log
    finally:
        process.kill()
        process.wait()


def count(log, text):
    return log.read_text().count(text)


def test_queries_flow_while_etcd_is_slow_or_cut_off():
    with running(spec(topology="etcd", replicas=1)) as machine:
        until_replicated(machine)
        proxy = Proxy(("127.0.0.1", machine.base + 50))
        with contextlib.closing(proxy), gate_behind(machine, proxy) as (port, log):
            flow = Flow(port)
            try:
                flow.goes_on(1)
                proxy.delay = 1.0
                add_table(machine, "slowly")
                flow.goes_on(3)
                until("the change is seen over a slow line", lambda: has_table(port, "slowly"), 60)
                proxy.delay = 0.0
                assert count(log, "cannot be read") == 0, log.read_text()

                proxy.held.clear()
                add_table(machine, "cut_off")
                flow.goes_on(45)
                assert not has_table(port, "cut_off")
                proxy.held.set()
                until("the change is seen after the cut", lambda: has_table(port, "cut_off"), 60)
                flow.goes_on(1)
                until("the log says that it is over", lambda: count(log, "tablet records of cell zone1 are read again") == 1)
                for what in ("tablet records", "serving graphs", "the serving graph"):
                    assert count(log, f"{what} of cell zone1 cannot be read") == 1, (what, log.read_text())
            finally:
                flow.end()
            assert not flow.failures and flow.longest < 10, (flow.failures[:3], flow.longest)


def arguments_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]


def replica_process(machine):
    """Of the replica of app/-80: its pid, and how it was started."""
    for pid in (int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit()):
        with contextlib.suppress(OSError):
            arguments = arguments_of(pid)
            if str(machine.data) in " ".join(arguments) and all(word in arguments for word in ("--init-tablet-type", "replica", "app", "-80")):
                return pid, arguments
    raise AssertionError("no replica of app/-80 runs")


def answers(port, database):
    with contextlib.suppress(pymysql.err.MySQLError), \
            pymysql.connect(host="127.0.0.1", port=port, user="test", database=database, read_timeout=20) as connection, \
            connection.cursor() as cursor:
        cursor.execute("select count(*) from countries")
        return cursor.fetchall()


def test_a_tablet_that_comes_back_on_another_port_is_used_at_once():
    """However seldom records are listed where they cannot be watched: here they are watched."""
    with running(spec(topology="etcd", replicas=1)) as machine:
        until_replicated(machine)
        proxy = Proxy(("127.0.0.1", machine.base + 50))
        with contextlib.closing(proxy), gate_behind(machine, proxy, "--tablet-refresh-interval=1h") as (port, _):
            until("the replica is used", lambda: answers(port, "app:-80@replica"))
            supervisor = machine.status()["supervisor"]
            old, arguments = replica_process(machine)
            moved = None
            os.kill(supervisor, signal.SIGSTOP)  # it would start it again where it was
            try:
                os.kill(old, signal.SIGKILL)
                until("the gate has noticed", lambda: not answers(port, "app:-80@replica"))
                for flag in ("--grpc-port", "--port"):
                    arguments[arguments.index(flag) + 1] = str(cluster.free_port())
                with open(machine.folder / "moved.log", "wb") as log:
                    moved = subprocess.Popen(arguments, stdout=log, stderr=log, preexec_fn=cluster._end_with_parent)
                until("the replica is used where it is now", lambda: answers(port, "app:-80@replica"), 20)
            finally:
                if moved is not None:
                    moved.kill()
                    moved.wait()
                os.kill(supervisor, signal.SIGCONT)
            # Back where it was, too.
            until("the supervisor has started it again", lambda: answers(port, "app:-80@replica"), 60)


NEEDS_ZOOKEEPER = pytest.mark.skipif(
    shutil.which("java") is None or not pathlib.Path("/usr/share/java/zookeeper.jar").exists(), reason="no ZooKeeper is installed")


def told_in_time(control, *words):
    """What a command says that must fail, and soon enough for who waits for it."""
    began = time.monotonic()
    told = control.error(*words)
    assert time.monotonic() - began < 40, (words, told)
    return told


@pytest.mark.parametrize("topology", ["etcd", pytest.param("zk2", marks=NEEDS_ZOOKEEPER)])
def test_a_gate_a_primary_and_a_control_daemon_are_cut_off(topology):
    """Packets vanish, connections stay. The three have the same records as all others, under a root that leads over the cut line."""
    with running(spec(topology=topology, replicas=1)) as machine:
        until_replicated(machine)
        kind, straight, roots = {"etcd": "etcd2"}.get(topology, topology), f"127.0.0.1:{machine.base + 50}", ("/vitess/global", "/proxied/global")
        proxy = Proxy(("127.0.0.1", machine.base + 50))

        def vtctl(address, root):
            return Control("vtctl", f"--topo-implementation={kind}", f"--topo-global-server-address={address}", f"--topo-global-root={root}")

        vtctl(straight, roots[1]).run("AddCellInfo", "--server-address", proxy.address, "--root", "/vitess/zone1", "zone1")
        places = [f"--{end}-{word}={value}" for end, root in zip(("from", "to"), roots)
                  for word, value in (("implementation", kind), ("server", straight), ("root", root))]
        copied = subprocess.run([binary("topo2topo"), "--do-keyspaces", "--do-shards", *places], capture_output=True, text=True, timeout=60)
        assert copied.returncode == 0, copied.stderr
        control, cut = vtctl(straight, roots[0]), vtctl(proxy.address, roots[1])
        remote = Control("vtctldclient", "--server", f"127.0.0.1:{machine.vtctld_port}")
        primary = control.tablet("app", "-80", "primary")

        def led_over_it(words):
            return [{straight: proxy.address, roots[0]: roots[1]}.get(word, word) for word in words]

        names = ("vtgate-1", "vtctld", f"vttablet-zone1-{int(primary.rsplit('-', 1)[1])}")
        with contextlib.closing(proxy), resting(machine), started_otherwise(machine, {name: led_over_it for name in names}):
            until_replicated(machine)
            until("the primary serves", lambda: remote.succeeds("RefreshState", primary))
            until_all_answer(machine.gate_port)
            flow = Flow(machine.gate_port)
            try:
                flow.goes_on(1)
                proxy.held.clear()
                add_table(machine, "cut_off")
                for who, words in ((remote, ("GetKeyspace", "app")), (cut, ("GetKeyspace", "app")), (control, ("RefreshState", primary))):
                    told = told_in_time(who, *words)
                    assert proxy.address in told, (words, told)
                flow.goes_on(40)
                assert not has_table(machine.gate_port, "cut_off")
                machine.query("insert into ledger (id, value) values (1, 'x'), (2, 'y'), (3, 'z')")
                proxy.held.set()
                until("the gate sees what it missed", lambda: has_table(machine.gate_port, "cut_off"), 60)
                for who, words in ((remote, ("GetKeyspace", "app")), (control, ("RefreshState", primary))):
                    until(f"{words} works again", lambda who=who, words=words: who.succeeds(*words))
                flow.goes_on(1)
            finally:
                flow.end()
            assert not flow.failures and flow.longest < 10, (flow.failures[:3], flow.longest)


def start_etcd(machine):
    client, peer = (f"http://127.0.0.1:{machine.base + offset}" for offset in (50, 51))
    return subprocess.Popen(
        ["etcd", "--data-dir", str(machine.data / "etcd"), "--name", "tessera", "--listen-client-urls", client, "--advertise-client-urls", client,
         "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"tessera={peer}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=cluster._end_with_parent)


def test_an_etcd_that_comes_back_empty_takes_nothing_away():
    with running(spec(topology="etcd", replicas=1)) as machine:
        until_replicated(machine)
        until("all tablets serve", lambda: len(machine.query("show vitess_tablets")) == 5 and
              all(row[4] == "SERVING" for row in machine.query("show vitess_tablets")))
        supervisor = machine.status()["supervisor"]
        etcd_pid = machine.pid("etcd")
        flow = Flow(machine.gate_port)
        os.kill(supervisor, signal.SIGSTOP)  # so that nobody starts etcd again
        try:
            os.kill(etcd_pid, signal.SIGKILL)
            flow.goes_on(5)
            kept = machine.data / "etcd.kept"
            os.rename(machine.data / "etcd", kept)
            empty = start_etcd(machine)
            try:
                flow.goes_on(30)
                tablets = machine.query("show vitess_tablets")
                assert [row[4] for row in tablets] == ["SERVING"] * 5, tablets
            finally:
                empty.kill()
                empty.wait()
            shutil.rmtree(machine.data / "etcd")
            os.rename(kept, machine.data / "etcd")
        finally:
            os.kill(supervisor, signal.SIGCONT)
            flow.end()
        until("etcd is back with its data", lambda: tessera("vschema", "--data", machine.data, "app", check=False).returncode == 0, 60)
        add_table(machine, "afterwards")
        until("a change is seen", lambda: has_table(machine.gate_port, "afterwards"), 60)
        assert not flow.failures, flow.failures[:3]


def test_records_that_are_no_records_any_more():
    """Bytes of somebody else in every kind of record that serving reads: queries go on, and commands name the record."""
    with running(spec(topology="etcd", replicas=1)) as machine:
        until_replicated(machine)
        until("all tablets serve", lambda: len(machine.query("show vitess_tablets")) == 5 and
              all(row[4] == "SERVING" for row in machine.query("show vitess_tablets")))
        etcd_port = machine.base + 50
        vtctl = Control("vtctl", "--topo-implementation=etcd2", f"--topo-global-server-address=127.0.0.1:{etcd_port}",
                        "--topo-global-root=/vitess/global")
        replica = vtctl.tablet("app", "-80", "replica")
        bad = b"\xff\xff\xffno record"
        records = {f"/vitess/zone1/tablets/{replica}/Tablet": ("GetTablet", replica), "/vitess/global/keyspaces/app/Keyspace": ("GetKeyspace", "app"),
                   "/vitess/global/keyspaces/app/shards/80-/Shard": ("GetShard", "app/80-"), "/vitess/global/keyspaces/app/VSchema": ("GetVSchema", "app"),
                   "/vitess/zone1/keyspaces/app/SrvKeyspace": ("GetSrvKeyspaces", "app"), "/vitess/zone1/SrvVSchema": ("GetSrvVSchema", "zone1")}
        flow = Flow(machine.gate_port)
        try:
            with etcd_holding(etcd_port, {key: bad for key in records}):
                flow.goes_on(5)
                for key, command in records.items():
                    told = vtctl.error(*command)
                    assert "12 bytes" in told and key.rsplit("/", 1)[1] in told, told
                # The others are still listed, and the one is named.
                listed = vtctl.run("GetTablets", ok=None)
                assert len(listed.stdout.splitlines()) == 4 and replica in listed.stderr, listed
                flow.goes_on(1)
        finally:
            flow.end()
        assert not flow.failures, flow.failures[:3]
        assert len(vtctl.tablets()) == 5
        add_table(machine, "afterwards")
        until("a change is seen", lambda: has_table(machine.gate_port, "afterwards"))


def test_a_gate_of_some_keyspaces_has_no_others(tmp_path):
    with gate(tmp_path, f"--keyspaces-to-watch={KEYSPACES[3]},{KEYSPACES[5]}") as some:
        with some.connect() as connection, connection.cursor() as cursor:
            cursor.execute("show keyspaces")
            assert [row[0] for row in cursor.fetchall()] == [KEYSPACES[3], KEYSPACES[5]]
        some.connect(database=KEYSPACES[3]).close()
        with pytest.raises(pymysql.err.OperationalError) as refused:
            some.connect(database=KEYSPACES[4])
        assert refused.value.args[0] == 1049


def test_flags_about_what_to_watch_are_checked(tmp_path):
    for flags, told in ((["--keyspaces-to-watch=a", "--tablet-filters=a|0"], "give one of them"), (["--tablet-filters=a"], "keyspace|shard")):
        done = subprocess.run([binary("vtgate"), "--cell=zone1", f"--topo-global-server-address={tmp_path}", "--mysql-server-port=1", *flags],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 2 and told in done.stderr, done
