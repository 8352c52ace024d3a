# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""topo2topo between files and a real etcd, in clear text and with TLS: what is copied, what differs, and what it says
when one side is away."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from conftest import ROOT, binary, until

sys.path.insert(0, str(ROOT / "tests"))
from cluster import TopologyFiles  # noqa: E402

ALL = ("--do-keyspaces", "--do-shards", "--do-shard-replications", "--do-tablets", "--do-routing-rules")

pytestmark = pytest.mark.skipif(not pathlib.Path("/usr/bin/etcd").exists(), reason="no etcd is installed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Etcd:
    """A server of its own; it can be killed and started again. The JSON gateway stands in for other writers."""

    def __init__(self, folder, tls=()):
        self.folder, self.tls, self.process = pathlib.Path(folder), list(tls), None
        self.port, self.peer = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"

    def start(self):
        client = f"{'https' if self.tls else 'http'}://{self.address}"
        peer = f"http://127.0.0.1:{self.peer}"
        with open(self.folder / "etcd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/bin/etcd", "--data-dir", self.folder / "data", "--listen-client-urls", client, "--advertise-client-urls", client,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}", *self.tls],
                stdout=log, stderr=log)
        until("etcd listens", self.listens)

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self):
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def put(self, key, value):
        body = json.dumps({"key": base64.b64encode(key.encode()).decode(), "value": base64.b64encode(value).decode()})
        def write():
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                request = urllib.request.Request(f"http://{self.address}/v3/kv/put", body.encode())
                return urllib.request.urlopen(request, timeout=5).status == 200
            return False
        until(f"etcd takes {key}", write)


def encode(message, text, file="topodata.proto"):
    return subprocess.run(["protoc", f"--encode={message}", "-I", str(ROOT / "proto"), file], cwd=ROOT / "proto", input=text.encode(),
                          capture_output=True, check=True).stdout


def cell_info(server, root):
    return encode("topodata.CellInfo", f"server_address: {json.dumps(str(server))} root: {json.dumps(root)}")


def files(folder):
    """A topology with two shards, two tablets and rules, in files."""
    topology = TopologyFiles(folder)
    topology.make_cell()
    topology.set_vschema("app", {"sharded": True})
    topology._write("global/keyspaces/app/Keyspace", "topodata.Keyspace", 'sidecar_db_name: "_vt"')
    for uid, shard, bounds in ((100, "-80", 'end: "\\200"'), (101, "80-", 'start: "\\200"')):
        alias = f'cell: "zone1" uid: {uid}'
        topology._write(f"global/keyspaces/app/shards/{shard}/Shard", "topodata.Shard",
                        f"key_range {{ {bounds} }} is_primary_serving: true primary_alias {{ {alias} }}")
        topology._write(f"zone1/keyspaces/app/shards/{shard}/ShardReplication", "topodata.ShardReplication",
                        f"nodes {{ tablet_alias {{ {alias} }} }}")
        topology._write(f"zone1/tablets/zone1-{uid:010}/Tablet", "topodata.Tablet",
                        f'alias {{ {alias} }} keyspace: "app" shard: "{shard}" hostname: "one" port_map {{ key: "grpc" value: {uid} }} '
                        f'port_map {{ key: "vt" value: 1 }} type: PRIMARY')
    topology._write("global/RoutingRules", "vschema.RoutingRules", 'rules { from_table: "t" to_tables: "app.t" }')
    return topology


def side(which, implementation, server, root="/global"):
    return [f"--{which}-implementation={implementation}", f"--{which}-server={server}", f"--{which}-root={root}"]


def topo2topo(source, target, *flags, what=ALL):
    command = [binary("topo2topo"), *side("from", *source), *side("to", *target), *what, *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def etcd(tmp_path):
    folder = tmp_path / "etcd"
    folder.mkdir()
    server = Etcd(folder)
    server.start()
    server.put("/global/cells/zone1/CellInfo", cell_info(server.address, "/zone1"))
    try:
        yield server
    finally:
        server.kill()


def test_files_to_etcd_and_back(tmp_path, etcd):
    source = ("file", files(tmp_path / "a").folder)
    middle = ("etcd2", etcd.address)
    copied = topo2topo(source, middle)
    assert copied.returncode == 0, copied.stderr
    assert "created: zone1:tablets/zone1-0000000100/Tablet" in copied.stdout
    assert "9 created, 0 replaced, 0 equal, 0 not copied" in copied.stdout
    compared = topo2topo(source, middle, "--compare")
    assert (compared.returncode, compared.stdout) == (0, "no differences\n"), compared.stderr

    back = TopologyFiles(tmp_path / "b")
    back.make_cell()
    assert topo2topo(middle, ("file", back.folder)).returncode == 0
    assert topo2topo(source, ("file", back.folder), "--compare").returncode == 0
    again = topo2topo(middle, ("file", back.folder))
    assert "0 created, 0 replaced, 9 equal" in again.stdout

    # What another writer changes is told field by field.
    back._write("zone1/tablets/zone1-0000000100/Tablet", "topodata.Tablet",
                'alias { cell: "zone1" uid: 100 } keyspace: "app" shard: "-80" hostname: "two" type: PRIMARY')
    (back.folder / "global/RoutingRules").unlink()
    differs = topo2topo(source, ("file", back.folder), "--compare")
    assert differs.returncode == 1
    assert "only in the source: global:RoutingRules" in differs.stdout
    assert "differs: zone1:tablets/zone1-0000000100/Tablet" in differs.stdout
    assert '  -hostname: "one"' in differs.stdout and '  +hostname: "two"' in differs.stdout
    assert "2 records differ" in differs.stdout
    only_shards = topo2topo(source, ("file", back.folder), "--compare", what=("--do-shards",))
    assert only_shards.returncode == 0, only_shards.stdout


def test_a_damaged_record_is_named_and_the_rest_copied(tmp_path, etcd):
    topology = files(tmp_path / "a")
    tablet = topology.folder / "zone1/tablets/zone1-0000000101/Tablet"
    tablet.write_bytes(tablet.read_bytes()[:16] + b"\xff\xff")
    copied = topo2topo(("file", topology.folder), ("etcd2", etcd.address))
    assert copied.returncode == 1
    assert "not copied: zone1:tablets/zone1-0000000101/Tablet" in copied.stdout
    assert "8 created, 0 replaced, 0 equal, 1 not copied" in copied.stdout


def test_an_etcd_that_is_away_is_named(tmp_path, etcd):
    source = ("file", files(tmp_path / "a").folder)
    etcd.kill()
    away = topo2topo(source, ("etcd2", etcd.address))
    assert away.returncode == 1
    assert f"etcd at {etcd.address}" in away.stderr and "target" in away.stderr
    shutil.rmtree(etcd.folder / "data")
    etcd.start()  # empty: the cells are gone with the rest
    empty = topo2topo(source, ("etcd2", etcd.address), what=("--do-tablets",))
    assert empty.returncode == 1
    assert "cell zone1 is not in the topology" in empty.stderr


def test_wrong_use(tmp_path):
    place = ("file", tmp_path)
    nothing = topo2topo(place, place, what=())
    assert nothing.returncode == 2 and "nothing is selected" in nothing.stderr
    unknown = topo2topo(("paper", tmp_path), place)
    assert unknown.returncode == 1 and "no such topology implementation paper" in unknown.stderr


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificates(folder):
    """An authority, and a certificate of it for 127.0.0.1."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", folder / "ca-key.pem",
            "-out", folder / "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-keyout", folder / "key.pem", "-out", folder / "request.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    openssl("x509", "-req", "-days", "2", "-in", folder / "request.pem", "-CA", folder / "ca.pem", "-CAkey", folder / "ca-key.pem",
            "-CAcreateserial", "-extfile", folder / "names", "-out", folder / "cert.pem")


def test_tls(tmp_path):
    certificates(tmp_path)
    cert, key, ca = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    server = Etcd(tmp_path, ["--cert-file", cert, "--key-file", key, "--trusted-ca-file", ca, "--client-cert-auth"])
    server.start()
    try:
        source = ("file", files(tmp_path / "a").folder)
        flags = [f"--topo-etcd-tls-ca={ca}", f"--topo-etcd-tls-cert={cert}", f"--topo-etcd-tls-key={key}"]
        what = ("--do-keyspaces", "--do-shards", "--do-routing-rules")
        copied = topo2topo(source, ("etcd2", server.address), *flags, what=what)
        assert copied.returncode == 0, copied.stderr
        compared = topo2topo(source, ("etcd2", f"https://{server.address}"), *flags, "--compare", what=what)
        assert compared.returncode == 0, compared.stderr
        refused = topo2topo(source, ("etcd2", server.address), what=what)
        assert refused.returncode == 1
    finally:
        server.kill()
