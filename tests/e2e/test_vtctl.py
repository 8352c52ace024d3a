# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""vtctldclient through a vtctld and vtctl on the topology itself, against a cluster that runs."""

import contextlib
import http.server
import json
import re
import subprocess
import threading

import pytest

from conftest import ROOT, running, spec, until
from control import Control


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=2, replicas=1)) as machine:
        yield machine


def primaries(control, keyspace="app"):
    lines = control.text("GetTablets", "--keyspace", keyspace, "--tablet-type", "primary").splitlines()
    return {line.split()[2]: line.split()[0] for line in lines}


def test_keyspaces_and_shards(control):
    names = [keyspace["name"] for keyspace in control.json("GetKeyspaces")]
    assert names[:2] == ["app", "lookup"]
    assert control.json("GetKeyspace", "app")["keyspace"]["sidecar_db_name"] == "_vt"
    shards = control.json("FindAllShardsInKeyspace", "app")
    assert list(shards) == ["-80", "80-"]
    assert shards["-80"]["shard"]["key_range"] == {"start": "", "end": "gA=="}
    assert shards["-80"]["shard"]["is_primary_serving"] is True
    assert control.json("GetShard", "app/80-")["shard"]["primary_alias"]["cell"] == "zone1"
    assert "there is no keyspace nowhere" in control.error("GetKeyspace", "nowhere")
    assert "there is no shard app/-40" in control.error("GetShard", "app/-40")


def test_a_keyspace_is_made_once(control, request):
    name = "made_" + request.node.callspec.params["control"]
    made = control.text("CreateKeyspace", "--durability-policy", "semi_sync", name)
    assert made.startswith(f"Successfully created keyspace {name}. Result:\n{{")
    assert "--force" in control.error("CreateKeyspace", name)
    control.run("CreateKeyspace", "--force", name)
    assert control.json("GetKeyspace", name)["keyspace"]["durability_policy"] == "semi_sync"
    control.run("SetKeyspaceDurabilityPolicy", "--durability-policy", "none", name)
    assert control.json("GetKeyspace", name)["keyspace"]["durability_policy"] == "none"
    assert "cross_cell" in control.error("SetKeyspaceDurabilityPolicy", "--durability-policy", "best", name)
    assert control.json("CreateShard", f"{name}/-40")["shard"]["name"] == "-40"
    assert f"{name}" in control.error("CreateShard", f"{name}/-40")
    assert control.json("CreateShard", "--force", f"{name}/-40")["shard_already_exists"] is True
    assert "bad" in control.error("CreateKeyspace", "bad/name")


def test_tablets_are_listed_and_found(control):
    lines = control.text("GetTablets").splitlines()
    assert len(lines) == 5
    form = re.compile(r"zone1-\d{10} (app|lookup) (-80|80-|-|0) (primary|replica) 127\.0\.0\.1:\d+ \S*:\d+ \[.*\] (\S+)")
    assert all(form.fullmatch(line) for line in lines), lines
    assert len(control.text("GetTablets", "--keyspace", "app", "--shard", "-80").splitlines()) == 2
    replicas = control.json("GetTablets", "--tablet-type", "replica", "--format", "json")
    assert {tablet["type"] for tablet in replicas} == {"REPLICA"} and len(replicas) == 2
    alias = lines[0].split()[0]
    assert control.json("GetTablet", alias)["alias"] == {"cell": "zone1", "uid": int(alias[-10:])}
    assert control.text("GetTablets", "--tablet-alias", alias).split()[0] == alias
    assert "zone1-0000000999" in control.error("GetTablet", "zone1-999")
    assert "--keyspace" in control.error("GetTablets", "--shard", "-80")
    assert "awk or json" in control.error("GetTablets", "--format", "xml")


def test_a_cell_that_cannot_be_read_is_told(control):
    assert "nowhere" in control.error("GetTablets", "--cell", "nowhere")
    assert len(control.text("GetTablets", "--cell", "nowhere,zone1").splitlines()) == 5
    assert "nowhere" in control.error("GetTablets", "--strict", "--cell", "nowhere,zone1")


def test_the_serving_graph(control):
    assert control.json("GetSrvKeyspaceNames", "zone1")["zone1"]["names"][:2] == ["app", "lookup"]
    partitions = control.json("GetSrvKeyspaces", "app")["zone1"]["partitions"]
    assert [shard["name"] for shard in partitions[0]["shard_references"]] == ["-80", "80-"]
    control.run("RebuildKeyspaceGraph", "app", "lookup")
    control.run("RebuildVSchemaGraph")
    assert "users" in control.json("GetSrvVSchema", "zone1")["keyspaces"]["app"]["tables"]
    assert list(control.json("GetSrvVSchemas")) == ["zone1"]
    assert "nowhere" in control.error("GetSrvVSchema", "nowhere")


def test_a_vschema_is_checked_and_applied(cluster, control, tmp_path, request):
    table = "extra_" + request.node.callspec.params["control"]
    vschema = control.json("GetVSchema", "app")
    vschema["tables"][table] = {"column_vindexes": [{"column": "id", "name": "by_hash"}]}
    file = tmp_path / "app.json"
    file.write_text(json.dumps(vschema))
    control.run("ApplyVSchema", "--dry-run", "--vschema-file", file, "app")
    assert table not in control.json("GetVSchema", "app")["tables"]
    control.run("ApplyVSchema", "--vschema-file", file, "app")
    assert table in control.json("GetVSchema", "app")["tables"]
    cluster.query(f"create table if not exists {table} (id bigint primary key, v int)")
    until("the gate routes by it", lambda: cluster.query(f"select count(*) from {table}") == ((0,),))

    vschema["tables"][table]["column_vindexes"][0]["name"] = "missing"
    assert "missing" in control.error("ApplyVSchema", "--vschema", json.dumps(vschema), "app")
    assert "exactly one" in control.error("ApplyVSchema", "app")
    assert "JSON" in control.error("ApplyVSchema", "--vschema", "{", "app")
    assert control.json("GetVSchema", "app")["tables"][table]["column_vindexes"][0]["name"] == "by_hash"


def test_the_topology_as_it_is_stored(control):
    assert control.json("GetTopologyPath", "/")["children"] == ["global", "zone1"]
    assert "keyspaces" in control.json("GetTopologyPath", "/global")["children"]
    assert control.json("GetTopologyPath", "/zone1/tablets")["children"][0].startswith("zone1-")
    shard = control.json("GetTopologyPath", "/global/keyspaces/app/shards/-80/Shard")
    assert "is_primary_serving: true" in shard["data"] and int(shard["version"]) > 0
    record = control.json("GetTopologyPath", "--data-as-json", "/global/keyspaces/app/shards/-80/Shard")
    assert record["is_primary_serving"] is True
    assert "cell global: node doesn't exist: no/such" in control.error("GetTopologyPath", "/global/no/such")
    assert "slash" in control.error("GetTopologyPath", "global")


def test_records_that_were_damaged_are_named(cluster, local):
    path = cluster.data / "topo/global/keyspaces/lookup/Keyspace"
    whole = path.read_bytes()
    path.write_bytes(whole[:16] + b"\xff\xff\xff\xff")
    try:
        assert "Keyspace" in local.error("GetTopologyPath", "/global/keyspaces/lookup/Keyspace")
        local.error("GetKeyspace", "lookup")
    finally:
        path.write_bytes(whole)
    assert local.json("GetKeyspace", "lookup")["name"] == "lookup"


def test_a_primary_is_not_deleted_by_mistake(control):
    alias = control.tablet("app", "-80", "primary")
    before = control.text("GetTablets")
    assert "--allow-primary" in control.error("DeleteTablets", alias)
    replica = control.tablet("app", "-80", "replica")
    assert "zone1-0000000999" in control.error("DeleteTablets", replica, "zone1-999")
    assert control.text("GetTablets") == before


def test_words_that_are_wrong():
    control = Control("vtctldclient")
    assert "did you mean GetTablets?" in control.error("GetTabletts")
    assert "--server" in control.error("GetKeyspaces")
    assert "too few arguments" in control.error("--server", "localhost:1", "GetKeyspace")
    assert "too many arguments" in control.error("--server", "localhost:1", "GetKeyspace", "a", "b")
    assert "connection" in control.error("--server", "127.0.0.1:1", "GetKeyspaces")
    assert "Did you mean --keyspace?" in control.error("GetTablets", "--keyspac", "x")


def test_help_teaches_every_command():
    control = Control("vtctl")
    commands = re.findall(r"^  (\w+) +\w", control.text("--help"), re.M)
    assert len(commands) > 40 and "GetTablets" in commands
    for command in commands:
        if command == "completion":
            continue
        text = control.text(command, "--help")
        assert f"Usage: vtctl {command}" in text and f"Example:\n  vtctl {command}" in text, text
    assert json.loads(control.text("GenerateShardRanges", "4")) == ["-40", "40-80", "80-c0", "c0-"]


def test_shells_complete_commands():
    script = Control("vtctldclient").text("completion", "bash")
    probe = script + '\nCOMP_WORDS=(vtctldclient GetTabl); COMP_CWORD=1; _vtctldclient; echo "${COMPREPLY[@]}"'
    words = subprocess.run(["bash", "-c", probe], capture_output=True, text=True, timeout=20).stdout.split()
    assert words == ["GetTablet", "GetTabletVersion", "GetTablets"]
    probe = script + '\nCOMP_WORDS=(vtctldclient GetTablets --keys); COMP_CWORD=2; _vtctldclient; echo "${COMPREPLY[@]}"'
    assert subprocess.run(["bash", "-c", probe], capture_output=True, text=True, timeout=20).stdout.split() == ["--keyspace"]



def test_records_that_do_not_agree_are_found(cluster, control):
    assert control.text("ValidateKeyspace", "app") == "all is well\n"
    assert control.text("ValidateShard", "app/-80") == "all is well\n"
    assert "there is no shard app/-40" in control.error("ValidateShard", "app/-40")
    listed = cluster.data / "topo/zone1/keyspaces/app/shards/-80/ShardReplication"
    whole = listed.read_bytes()
    listed.write_bytes(whole[:16])
    try:
        done = control.run("ValidateKeyspace", "app", ok=False)
        assert "is not in the ShardReplication of app/-80" in done.stdout and "2 things wrong" in done.stderr
        found = json.loads(control.run("ValidateKeyspace", "--json", "app", ok=False).stdout)
        assert len(found["results_by_shard"]["-80"]["results"]) == 2
    finally:
        listed.write_bytes(whole)
    assert control.text("ValidateKeyspace", "app") == "all is well\n"


def test_cells_and_aliases(control, request):
    cell = "cell-" + request.node.callspec.params["control"]
    assert control.text("GetCellInfoNames") == "zone1\n"
    assert "--root" in control.error("AddCellInfo", cell)
    assert control.text("AddCellInfo", "--root", f"/{cell}", "--server-address", "/nowhere", cell) == f"Created cell: {cell}\n"
    assert control.json("GetCellInfo", cell) == {"server_address": "/nowhere", "root": f"/{cell}"}
    control.run("UpdateCellInfo", "--root", "/other", cell)
    assert control.json("GetCellInfo", cell) == {"server_address": "/nowhere", "root": "/other"}
    control.run("AddCellsAlias", "--cells", f"zone1,{cell}", "region")
    assert "region" in control.error("AddCellsAlias", "--cells", cell, "region2")
    assert control.json("GetCellsAliases") == {"region": {"cells": ["zone1", cell]}}
    control.run("UpdateCellsAlias", "--cells", "zone1", "region")
    assert control.json("GetCellsAliases") == {"region": {"cells": ["zone1"]}}
    control.run("DeleteCellsAlias", "region")
    assert control.json("GetCellsAliases") == {}
    assert "zone1" in control.error("DeleteCellInfo", "zone1")
    control.run("DeleteCellInfo", "--force", cell)
    assert control.text("GetCellInfoNames") == "zone1\n"
    assert cell in control.error("GetCellInfo", cell)


def test_rules(control):
    rules = {"rules": [{"from_table": "elsewhere", "to_tables": ["lookup.settings"]}]}
    dry = control.text("ApplyRoutingRules", "--dry-run", "--rules", json.dumps(rules))
    assert dry.startswith("=== DRY RUN ===") and control.json("GetRoutingRules") == {"rules": []}
    control.run("ApplyRoutingRules", "--rules", json.dumps(rules))
    assert control.json("GetRoutingRules") == rules
    assert control.json("GetSrvVSchema", "zone1")["routing_rules"] == rules
    control.run("ApplyRoutingRules", "--rules", "{}")
    assert control.json("GetRoutingRules") == {"rules": []}
    shard_rules = {"rules": [{"from_keyspace": "a", "to_keyspace": "app", "shard": "-80"}]}
    control.run("ApplyShardRoutingRules", "--rules", json.dumps(shard_rules), "--skip-rebuild")
    assert control.json("GetShardRoutingRules") == shard_rules
    control.run("ApplyShardRoutingRules", "--rules", "{}")
    keyspace_rules = {"rules": [{"from_keyspace": "old", "to_keyspace": "app"}]}
    control.run("ApplyKeyspaceRoutingRules", "--rules", json.dumps(keyspace_rules))
    assert control.json("GetKeyspaceRoutingRules") == keyspace_rules
    control.run("ApplyKeyspaceRoutingRules", "--rules", "{}")
    assert control.json("GetMirrorRules") == {"rules": []}
    assert "JSON" in control.error("ApplyRoutingRules", "--rules", "[]")


def test_keyspaces_and_shards_go_in_order(control, request):
    name = "gone_" + request.node.callspec.params["control"]
    control.run("CreateShard", "--include-parent", f"{name}/-80")
    control.run("CreateShard", f"{name}/80-")
    control.run("RebuildKeyspaceGraph", name)
    assert name in control.error("DeleteKeyspace", name)
    assert "-80" in control.error("DeleteShards", f"{name}/-80")
    assert f"no shard {name}/40-" in control.error("DeleteShards", "--even-if-serving", f"{name}/-80", f"{name}/40-")
    assert list(control.json("FindAllShardsInKeyspace", name)) == ["-80", "80-"]
    shard = control.json("SetShardIsPrimaryServing", f"{name}/80-", "false")
    assert shard["is_primary_serving"] is False
    control.run("DeleteShards", "--even-if-serving", f"{name}/-80", f"{name}/80-")
    assert control.json("FindAllShardsInKeyspace", name) == {}
    control.run("CreateShard", f"{name}/-80")
    assert f"keyspace {name} has 1 shards" in control.error("DeleteKeyspace", "--force", name)
    control.run("DeleteKeyspace", "--recursive", "--force", name)
    assert name in control.error("GetKeyspace", name)


def test_mounted_clusters(control):
    control.run("Mount", "register", "--name", "ext", "--topo-server", "localhost:1", "--topo-root", "/vitess/global")
    assert control.json("Mount", "show", "--name", "ext")["topo_server"] == "localhost:1"
    assert control.json("Mount", "list") == {"names": ["ext"]}
    control.run("Mount", "unregister", "--name", "ext")
    assert control.json("Mount", "list") == {"names": []}
    assert "register" in control.error("Mount", "sideways")


def test_versions_of_tablets_are_compared(cluster, control, request):
    aliases = [line.split()[0] for line in control.text("GetTablets", "--keyspace", "app").splitlines()]
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", control.text("GetTabletVersion", aliases[0]))
    assert control.text("ValidateVersionShard", "app/-80") == "all is well\n"
    assert control.text("ValidateVersionKeyspace", "app") == "all is well\n"
    replica = control.text("GetTablets", "--keyspace", "app", "--shard", "80-", "--tablet-type", "replica").split()[0]
    with page("/debug/vars", b'{"Up": 1, "BuildVersion": "9.9.9"}') as port, other_port(cluster, request, replica, port):
        assert control.text("GetTabletVersion", replica) == "9.9.9\n"
        for words in (("ValidateVersionShard", "app/80-"), ("ValidateVersionKeyspace", "app")):
            done = control.run(*words, ok=False)
            assert f"tablet {replica} runs version 9.9.9" in done.stdout and "1 thing wrong" in done.stderr
        assert control.text("ValidateVersionShard", "app/-80") == "all is well\n"
    with page("/other", b"") as port, other_port(cluster, request, replica, port):
        assert "HTTP status 404" in control.error("GetTabletVersion", replica)
    with page("/debug/vars", b'{"Up": 1}') as port, other_port(cluster, request, replica, port):
        assert "/debug/vars has no BuildVersion" in control.error("GetTabletVersion", replica)
    with other_port(cluster, request, replica, 1):
        assert f"tablet {replica}" in control.error("GetTabletVersion", replica)
        assert "1 thing wrong" in control.run("ValidateVersionShard", "app/80-", ok=False).stderr


@contextlib.contextmanager
def page(path, body):
    """A server of one page, on the port given."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == path else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(10)


@contextlib.contextmanager
def other_port(cluster, request, alias, port):
    """The tablet's record tells another port of its pages."""
    local = request.getfixturevalue("local")
    path = f"/zone1/tablets/{alias}/Tablet"
    stored = cluster.data / "topo" / path[1:]
    whole = stored.read_bytes()
    record = protoc("--decode", "topodata.Tablet", whole[16:]).decode()
    changed, count = re.subn(r'(key: "vt"\s+value: )\d+', rf"\g<1>{port}", record)
    assert count == 1, record
    file = cluster.folder / "tablet.pb"
    file.write_bytes(protoc("--encode", "topodata.Tablet", changed.encode()))
    local.run("WriteTopologyPath", path, file)
    try:
        yield
    finally:
        file.write_bytes(whole[16:])
        local.run("WriteTopologyPath", path, file)


def protoc(way, message, data):
    done = subprocess.run(["protoc", f"{way}={message}", "-I", ROOT / "proto", "topodata.proto"], cwd=ROOT / "proto", input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_record_is_written_as_it_is(cluster, local, remote, tmp_path):
    file = tmp_path / "record"
    file.write_bytes(b"\xff\xff\xff")
    assert "these 3 bytes are no topodata.Keyspace" in local.error("WriteTopologyPath", "/global/keyspaces/lookup/Keyspace", file)
    assert "is a cell" in local.error("WriteTopologyPath", "/global", file)
    assert "--server internal" in remote.error("WriteTopologyPath", "/global/notes/one", file)
    local.run("WriteTopologyPath", "--dry-run", "/global/notes/one", file)
    local.error("GetTopologyPath", "/global/notes/one")
    file.write_text("a note")
    local.run("WriteTopologyPath", "/global/notes/one", file)
    assert local.json("GetTopologyPath", "/global/notes/one")["data"] == "a note"


def test_permissions_of_tablets_are_compared(cluster, control, request):
    name = "only_" + request.node.callspec.params["control"]
    assert control.text("ValidatePermissionsKeyspace", "app") == "all is well\n"
    assert control.text("ValidatePermissionsShard", "app/-80") == "all is well\n"
    leader = primaries(control)["80-"]
    control.run("ExecuteFetchAsDBA", "--disable-binlogs", leader, f"create user {name}@localhost identified by 'x'")
    try:
        told = control.error("ValidatePermissionsKeyspace", "app")
        assert f"{leader} has a user {name}@localhost, which {primaries(control)['-80']} has not" in told
        assert f"{name}@localhost" in control.error("ValidatePermissionsShard", "app/80-")
        assert control.text("ValidatePermissionsShard", "app/-80") == "all is well\n"
        assert "there is no shard app/-40" in control.error("ValidatePermissionsShard", "app/-40")
    finally:
        control.run("ExecuteFetchAsDBA", "--disable-binlogs", leader, f"drop user {name}@localhost")


def test_tables_and_the_vschema_are_compared(cluster, control, request):
    name = "stray_" + request.node.callspec.params["control"]
    leader = primaries(control)["80-"]
    assert control.text("ValidateSchemaShard", "app/-80") == "all is well\n"
    control.run("ExecuteFetchAsDBA", leader, f"create table {name} (id int primary key)")
    try:
        assert control.text("ValidateSchemaShard", "app/-80") == "all is well\n"
        assert name in control.run("ValidateSchemaKeyspace", "app", ok=False).stdout
        done = control.run("ValidateVSchema", "app", ok=False)
        assert done.stdout == f"- table {name} is not in the VSchema of app\n" and "1 thing wrong" in done.stderr
        assert control.text("ValidateVSchema", "--exclude-tables", name, "app") == "all is well\n"
        assert control.text("ValidateVSchema", "--shards=-80", "app") == "all is well\n"
        control.run("ExecuteFetchAsDBA", "--disable-binlogs", leader, f"alter table {name} add v int")
        until("the shard's tablets differ", lambda: name in control.run("ValidateSchemaShard", "app/80-", ok=False).stdout)
        replica = control.tablet("app", "80-", "replica")
        (line,) = control.run("ValidateSchemaShard", "app/80-", ok=False).stdout.splitlines()
        assert line.startswith(f"- table {name} of {replica} is not that of {leader}: column `v` is missing, which is int(11)")
        whole = json.loads(control.run("ValidateSchemaShard", "--json", "app/80-", ok=False).stdout)
        assert all(f"CREATE TABLE `{name}`" in text and "PRIMARY KEY" in text for text in whole["results_by_shard"]["80-"]["results"])
    finally:
        control.run("ExecuteFetchAsDBA", leader, f"drop table {name}")
    until("the tablets agree again", lambda: control.run("ValidateSchemaShard", "app/80-").stdout == "all is well\n")


def test_a_schema_is_copied_to_another_shard(cluster, control, request):
    way = request.node.callspec.params["control"]
    leaders = primaries(control)
    first, second, view = f"first_{way}", f"second_{way}", f"view_{way}"
    # The child comes before its parent by name.
    source = leaders["-80"]
    for sql in (f"create table {second} (id int primary key)",
                f"create table {first} (id int primary key, foreign key (id) references {second} (id))",
                f"create view {view} as select id from {second}"):
        control.run("ExecuteFetchAsDBA", source, sql)
    try:
        words = ("--tables", f"{first},{second},{view}", "--include-views", source, "app/80-")
        done = control.run("CopySchemaShard", *words)
        assert done.stdout == "" and done.stderr == "shard app/80-: 3 tables made\n"
        assert control.run("CopySchemaShard", *words).stderr == "shard app/80- has all 3 tables\n"
        assert control.text("ValidateSchemaKeyspace", "--include-views", "app") == "all is well\n"
        control.run("ExecuteFetchAsDBA", source, f"alter table {second} add v int")
        assert f"table {second} of {leaders['80-']} has another form, and nothing was copied" in control.error("CopySchemaShard", *words)
        assert "there is no shard app/40-" in control.error("CopySchemaShard", source, "app/40-")
    finally:
        for alias in leaders.values():
            for what in (f"view if exists {view}", f"table if exists {first}", f"table if exists {second}"):
                control.run("ExecuteFetchAsDBA", alias, f"drop {what}")


def test_sources_of_shards_are_noted(control):
    added = control.json("SourceShardAdd", "--key-range=-40", "--tables", "a,b", "app/80-", "7", "lookup/0")
    assert added["source_shards"] == [{"uid": 7, "keyspace": "lookup", "shard": "0", "key_range": {"start": "", "end": "QA=="},
                                       "tables": ["a", "b"]}]
    assert "has a source 7 already" in control.error("SourceShardAdd", "app/80-", "7", "lookup/0")
    assert control.json("SourceShardDelete", "app/80-", "7")["source_shards"] == []
    assert "has no source 7" in control.error("SourceShardDelete", "app/80-", "7")
    assert "key range" in control.error("SourceShardAdd", "--key-range=4", "app/80-", "7", "lookup/0")
    assert control.json("GetShard", "app/80-")["shard"]["is_primary_serving"] is True


def test_emergency_reparents_are_switched(control):
    control.run("SetVtorcEmergencyReparent", "--disable", "--", "app", "-80")
    assert control.json("GetShard", "app/-80")["shard"]["vtorc_state"]["disable_emergency_reparent"] is True
    assert control.json("GetKeyspace", "app")["keyspace"]["vtorc_state"] is None
    control.run("SetVtorcEmergencyReparent", "--enable", "--", "app", "-80")
    assert control.json("GetShard", "app/-80")["shard"]["vtorc_state"]["disable_emergency_reparent"] is False
    control.run("SetVtorcEmergencyReparent", "--disable", "lookup")
    assert control.json("GetKeyspace", "lookup")["keyspace"]["vtorc_state"]["disable_emergency_reparent"] is True
    control.run("SetVtorcEmergencyReparent", "--enable", "lookup")
    assert "exactly one of --enable and --disable" in control.error("SetVtorcEmergencyReparent", "app")
    assert "there is no shard app/x" in control.error("SetVtorcEmergencyReparent", "--enable", "app", "x")


def test_throttling_is_configured(control):
    control.run("UpdateThrottlerConfig", "--enable", "--threshold", "2.5", "lookup")
    control.run("UpdateThrottlerConfig", "--throttle-app", "slow", "--throttle-app-ratio", "0.5", "lookup")
    control.run("UpdateThrottlerConfig", "--metric-name", "loadavg", "--threshold", "7", "lookup")
    control.run("UpdateThrottlerConfig", "--app-name", "slow", "--app-metrics", "loadavg,lag", "lookup")
    config = control.json("GetKeyspace", "lookup")["keyspace"]["throttler_config"]
    assert config["enabled"] is True and config["threshold"] == 2.5 and config["metric_thresholds"] == {"loadavg": 7}
    assert config["throttled_apps"]["slow"]["ratio"] == 0.5 and config["app_checked_metrics"]["slow"]["names"] == ["loadavg", "lag"]
    assert control.json("GetSrvKeyspaces", "lookup")["zone1"]["throttler_config"] == config
    control.run("UpdateThrottlerConfig", "--disable", "--unthrottle-app", "slow", "--custom-query", "select 1", "--threshold", "3", "lookup")
    control.run("UpdateThrottlerConfig", "--metric-name", "loadavg", "--threshold", "0", "lookup")
    config = control.json("GetSrvKeyspaces", "lookup")["zone1"]["throttler_config"]
    assert config["enabled"] is False and config["throttled_apps"] == {} and config["metric_thresholds"] == {}
    assert config["custom_query"] == "select 1" and config["threshold"] == 3
    control.run("UpdateThrottlerConfig", "--custom-query", "", "lookup")
    assert "at once" in control.error("UpdateThrottlerConfig", "--enable", "--disable", "lookup")
    assert "between 0 and 1" in control.error("UpdateThrottlerConfig", "--throttle-app", "x", "--throttle-app-ratio", "2", "lookup")
    assert "go together" in control.error("UpdateThrottlerConfig", "--app-name", "x", "lookup")


def test_flags_have_letters(control, request):
    name = "letters_" + request.node.callspec.params["control"]
    control.run("CreateShard", "-fp", f"{name}/-80")
    control.run("CreateShard", "-f", f"{name}/80-")
    done = control.run("DeleteKeyspace", "-r", name)
    if request.node.callspec.params["control"] == "local":
        assert done.stderr == f"shard {name}/-80: deleted\nshard {name}/80-: deleted\n"
    assert f"there is no keyspace {name}" in control.error("GetKeyspace", name)
    assert json.loads(control.text("GenerateShardRanges", "--chars", "4", "2")) == ["-8000", "8000-"]
    assert "unknown flag --x" in control.error("GetKeyspaces", "-x")
