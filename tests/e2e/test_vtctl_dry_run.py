# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What every command of vtctldclient would do: told by --dry-run, and not done. And what is told while a command runs."""

import concurrent.futures
import contextlib
import json
import re

import grpc
import pytest

from conftest import running, spec
from control import Control

READING = r"Get|Find|Validate|PingTablet$|ShardReplicationPositions$|GenerateShardRanges$|completion$"


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=2, replicas=1)) as machine:
        yield machine


@pytest.fixture(scope="module", autouse=True)
def records(remote):
    """Records that the commands could change."""
    remote.run("AddCellInfo", "--server-address", "nowhere", "--root", "/zone8", "zone8")
    remote.run("AddCellsAlias", "--cells", "zone8", "far")
    remote.run("AddCellInfo", "--server-address", "nowhere", "--root", "/zone7", "zone7")
    remote.run("Mount", "register", "--name", "ext", "--topo-server", "localhost:1", "--topo-root", "/vitess/global")
    remote.run("CreateShard", "--include-parent", "spare/-80")
    remote.run("SourceShardAdd", "spare/-80", "7", "app/-80")
    # What asks all cells must not meet those that lead nowhere.
    remote.run("DeleteCellsAlias", "far")
    remote.run("DeleteCellInfo", "--force", "zone8")
    remote.run("DeleteCellInfo", "--force", "zone7")
    remote.run("AddCellsAlias", "--cells", "zone1", "near")


def topology(cluster):
    """Every record as bytes, by path."""
    root = cluster.data / "topo"
    files = {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}
    return {path: text for path, text in files.items() if not any(part.startswith(".") for part in path.split("/"))}


def cases(cluster, control):
    """For every command that changes something: words that make it do so, and what it says that it would do."""
    primary, replica = control.tablet("app", "-80", "primary"), control.tablet("app", "-80", "replica")
    shard = "/global/keyspaces/app/shards/-80/Shard"
    file = cluster.folder / "vschema.json"
    file.write_text('{"tables": {"t": {}}}')
    record = cluster.folder / "record.pb"
    record.write_bytes(b"any")
    rules = json.dumps({"rules": [{"from_table": "x", "to_tables": ["app.x"]}]})
    shards = json.dumps({"rules": [{"from_keyspace": "app", "to_keyspace": "lookup", "shard": "-80"}]})
    keyspaces = json.dumps({"rules": [{"from_keyspace": "shop", "to_keyspace": "lookup"}]})
    ask = "ask tablet {} to {}"
    return {
        "AddCellInfo": (["--server-address", "a:1", "--root", "/z", "zone9"], "create /global/cells/zone9/CellInfo"),
        "AddCellsAlias": (["--cells", "zone1", "other"], None),  # refused: zone1 is in near
        "ApplyKeyspaceRoutingRules": (["--rules", keyspaces], "create /global/routing_rules/keyspace/Rules"),
        "ApplyRoutingRules": (["--rules", rules], "change /zone1/SrvVSchema"),
        "ApplySchema": (["--sql", "create table dry (id bigint primary key)", "app"], ask.format(primary, "ExecuteMultiFetchAsDba")),
        "ApplyShardRoutingRules": (["--rules", shards], "create /global/ShardRoutingRules"),
        "ApplyVSchema": (["--vschema-file", str(file), "lookup"], "Dry run: the VSchema would be"),
        "ChangeTabletTags": ([replica, "rack=b7"], ask.format(replica, "ChangeTags")),
        "ChangeTabletType": ([replica, "rdonly"], "+ " + replica),
        "CopySchemaShard": ([primary, "lookup/0"], ask.format(control.tablet("lookup", "0", "primary"), "ApplySchema")),
        "CreateKeyspace": (["made"], "create /global/keyspaces/made/Keyspace"),
        "CreateShard": (["--include-parent", "made/-80"], "create /global/keyspaces/made/shards/-80/Shard"),
        "DeleteCellInfo": (["--force", "zone1"], "delete /global/cells/zone1/CellInfo"),
        "DeleteCellsAlias": (["near"], "delete /global/cells_aliases/near/CellsAlias"),
        "DeleteKeyspace": (["--recursive", "app"], f"delete /zone1/tablets/{replica}/Tablet"),
        "DeleteShards": (["--even-if-serving", "spare/-80"], "delete /global/keyspaces/spare/shards/-80/Shard"),
        "DeleteSrvVSchema": (["zone1"], "delete /zone1/SrvVSchema"),
        "DeleteTablets": (["--allow-primary", primary], f"delete /zone1/tablets/{primary}/Tablet"),
        "ExecuteFetchAsApp": ([primary, "select 1"], 'query: "select 1"'),
        "ExecuteFetchAsDBA": ([primary, "create database dry"], 'query: "create database dry"'),
        "ExecuteHook": ([primary, "hook"], ask.format(primary, "ExecuteHook")),
        "ExecuteMultiFetchAsDBA": ([primary, "create database dry; select 2"], ask.format(primary, "ExecuteMultiFetchAsDba")),
        "Mount": (["unregister", "--name", "ext"], "delete /global/ExternalClusters/vitess/ext\n  - topo_config {\n  -   topo_type: \"etcd2\"\n  -   server: \"localhost:1\"\n"),
        "RebuildKeyspaceGraph": (["spare"], None),  # refused: half of the key range is missing
        "RebuildVSchemaGraph": ([], "/zone1/SrvVSchema"),
        "RefreshState": ([replica], ask.format(replica, "RefreshState")),
        "RefreshStateByShard": (["app/-80"], ask.format(replica, "RefreshState")),
        "ReloadSchema": ([replica], ask.format(replica, "ReloadSchema")),
        "ReloadSchemaKeyspace": (["app"], ask.format(replica, "ReloadSchema")),
        "ReloadSchemaShard": (["app/-80"], ask.format(replica, "ReloadSchema")),
        "RemoveKeyspaceCell": (["--recursive", "lookup", "zone1"], None),  # refused: the primary is there
        "RemoveShardCell": (["spare/-80", "zone1"], "would change nothing"),
        "ReparentTablet": ([replica], ask.format(replica, "SetReplicationSource")),
        "RunHealthCheck": ([replica], ask.format(replica, "RunHealthCheck")),
        "SetKeyspaceDurabilityPolicy": (["--durability-policy", "semi_sync", "app"], '\n  + durability_policy: "semi_sync"'),
        "SetShardIsPrimaryServing": (["app/-80", "false"], f"change {shard}\n  - is_primary_serving: true\n"),
        "SetShardTabletControl": (["--disable-query-service", "app/-80", "rdonly"], "change /zone1/keyspaces/app/SrvKeyspace"),
        "SetVtorcEmergencyReparent": (["--disable", "app"], "change /global/keyspaces/app/Keyspace"),
        "SetWritable": ([primary, "false"], ask.format(primary, "SetReadOnly")),
        "ShardReplicationAdd": (["spare/-80", replica], "create /zone1/keyspaces/spare/shards/-80/ShardReplication"),
        "ShardReplicationFix": (["zone1", "app/-80"], "would change nothing"),
        "ShardReplicationRemove": (["app/-80", replica], "change /zone1/keyspaces/app/shards/-80/ShardReplication"),
        "SleepTablet": ([replica, "1h"], ask.format(replica, "Sleep")),
        "SourceShardAdd": (["app/-80", "1", "lookup/0"], f"change {shard}\n"),
        "SourceShardDelete": (["spare/-80", "7"], "change /global/keyspaces/spare/shards/-80/Shard"),
        "StartReplication": ([replica], ask.format(replica, "StartReplication")),
        "StopReplication": ([replica], ask.format(replica, "StopReplication")),
        "TabletExternallyReparented": ([replica], ask.format(replica, "ChangeType")),
        "UpdateCellInfo": (["--root", "/elsewhere", "zone1"], '\n  + root: "/elsewhere"'),
        "UpdateCellsAlias": (["--cells", "zone1", "near"], "write /global/cells_aliases/near/CellsAlias, as it is"),
        "UpdateThrottlerConfig": (["--enable", "app"], "change /zone1/keyspaces/app/SrvKeyspace"),
        "WriteTopologyPath": (["/global/notes/one", str(record)], "create /global/notes/one\n  + any"),
    }


def test_every_command_that_changes_something_can_be_tried(cluster, control):
    commands = re.findall(r"^  (\w+) +\w", Control("vtctl").text("--help"), re.M)
    changing = [name for name in commands if not re.match(READING, name)]
    known = cases(cluster, control)
    assert sorted(known) == sorted(changing), "each such command needs a case here"
    for name in commands:
        taken = "--dry-run" in control.text(name, "--help") if name != "completion" else False
        assert taken == (name in changing), name
    before = topology(cluster)
    assert len(before) > 20
    for name, (words, told) in known.items():
        if name == "WriteTopologyPath" and "--server" in control.line:
            assert "--server internal" in control.error(name, "--dry-run", *words)
            continue
        done = control.run(name, "--dry-run", *words, ok=None)
        after = topology(cluster)
        assert after == before, (name, [path for path in {*after, *before} if after.get(path) != before.get(path)])
        if told is None:
            assert done.returncode == 1 and done.stdout == "" and done.stderr, (name, done)
        else:
            assert done.returncode == 0 and told in done.stdout, (name, done)
            assert re.match(r"=== DRY RUN ===\n|--- DRY RUN ---\n|Dry run: ", done.stdout), done
    primary = control.tablet("app", "-80", "primary")
    look = "select concat('ro=', @@read_only, ' dry=', count(*)) from information_schema.schemata where schema_name = 'dry'"
    assert "ro=OFF dry=0" in control.text("ExecuteFetchAsDBA", primary, look)
    assert "dry" not in control.text("GetSchema", "--table-names-only", primary).split()


def test_a_trial_is_refused_as_the_run_would_be(cluster, control):
    for words in (
        ("CreateKeyspace", "app"),
        ("DeleteKeyspace", "app"),
        ("DeleteShards", "app/-80"),
        ("DeleteTablets", control.tablet("app", "-80", "primary")),
        ("ApplySchema", "--sql", "insert into t values (1)", "app"),
        ("RefreshState", "zone1-0000009999"),
    ):
        command, *rest = words
        assert control.error(command, "--dry-run", *rest) == control.error(*words)


def test_what_would_come_before_a_failure_is_told(control):
    done = control.run("DeleteShards", "--dry-run", "--even-if-serving", "spare/-80", "app/-80", ok=False)
    assert "and then fail:\ndelete /global/keyspaces/spare/shards/-80/Shard" in done.stdout
    assert "app/-80 has 2 tablets" in done.stderr


def test_progress_reaches_who_asked(control):
    done = control.run("ReloadSchemaKeyspace", "--include-primary", "app")
    assert sorted(done.stderr.splitlines()) == [f"shard app/{shard}: 2 tablets told to read their schema" for shard in ("-80", "80-")]
    done = control.run("ApplySchema", "--sql", "create table told (id bigint primary key)", "app")
    assert "shard app/80-: ran create table told" in done.stderr
    control.run("ApplySchema", "--sql", "drop table told", "app")


def test_statements_go_in_batches(control):
    three = "; ".join(f"create table batch_{i} (id bigint primary key)" for i in range(3))
    dry = control.text("ApplySchema", "--dry-run", "--batch-size", "2", "--sql", three, "lookup")
    batches = re.findall(r"ExecuteMultiFetchAsDba\n +sql: \"(.*)\"", dry)
    assert [text.count("create table") for text in batches] == [2, 1], dry
    assert [text.count("create table") for text in re.findall(r"sql: \"(.*)\"", control.text("ApplySchema", "--dry-run", "--sql", three, "lookup"))] == [1, 1, 1]
    refused = control.error("ApplySchema", "--batch-size", "2", "--sql", three + "; alter table batch_0 add v int", "lookup")
    assert "only CREATE TABLE and CREATE VIEW can be batched; nothing was run: alter table batch_0" in refused
    names = ("GetSchema", "--table-names-only", "--tables", "/^batch_/", control.tablet("lookup", "0", "primary"))
    assert control.text(*names) == ""
    try:
        control.run("ApplySchema", "--batch-size", "2", "--sql", three, "lookup")
        assert control.text(*names).split() == ["batch_0", "batch_1", "batch_2"]
    finally:
        control.run("ApplySchema", "--sql", "drop table if exists batch_0, batch_1, batch_2", "lookup")


@contextlib.contextmanager
def vitess_vtctld():
    """A vtctld that knows two of Vitess's methods and nothing else, with what it was asked for."""
    asked = []

    def answer(name):
        return grpc.unary_unary_rpc_method_handler(lambda request, _: asked.append(name) or b"")

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    methods = {name: answer(name) for name in ("GetKeyspaces", "DeleteCellsAlias")}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("vtctlservice.Vtctld", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield Control("vtctldclient", "--server", f"127.0.0.1:{port}"), asked
    finally:
        server.stop(None).wait()


def test_a_vtctld_of_vitess_is_asked_by_its_own_methods():
    with vitess_vtctld() as (control, asked):
        assert control.json("GetKeyspaces") == []
        control.run("DeleteCellsAlias", "near")
        assert asked == ["GetKeyspaces", "DeleteCellsAlias"]
        # What is only to be tried must not be done because nobody understands.
        assert "knows no dry runs; nothing was done" in control.error("DeleteCellsAlias", "--dry-run", "near")
        assert asked == ["GetKeyspaces", "DeleteCellsAlias"]
        assert "Method not found" in control.error("GetCellInfoNames")
