# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands of vtctldclient on what records say and what tablets do, through vtctld."""

import json
import re
import subprocess
import sys
import time

import pytest

from conftest import ROOT, binary, running, spec, until
from control import Control


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=2, replicas=1)) as machine:
        yield machine


@pytest.fixture(scope="module")
def control(cluster):
    return Control("vtctldclient", "--server", f"127.0.0.1:{cluster.vtctld_port}")


def alias_of(control, shard, kind, keyspace="app"):
    return control.text("GetTablets", "--keyspace", keyspace, "--shard", shard, "--tablet-type", kind).split()[0]


def test_cells_come_and_go(cluster, control):
    control.run("AddCellInfo", "--root", "/zone9", "--server-address", cluster.data / "topo", "zone9")
    assert control.text("GetCellInfoNames").split() == ["zone1", "zone9"]
    assert control.json("GetCellInfo", "zone9") == {"server_address": str(cluster.data / "topo"), "root": "/zone9"}
    assert "zone9" in control.error("AddCellInfo", "--root", "/zone9", "--server-address", cluster.data / "topo", "zone9")
    assert '"root": "/nine"' in control.text("UpdateCellInfo", "--root", "/nine", "zone9")
    control.run("AddCellsAlias", "--cells", "zone1", "near")
    assert '"zone9"' in control.text("UpdateCellsAlias", "--cells", "zone1,zone9", "near")
    assert control.json("GetCellsAliases") == {"near": {"cells": ["zone1", "zone9"]}}
    assert "near" in control.error("DeleteCellInfo", "zone9")
    control.run("DeleteCellsAlias", "near")
    assert control.json("GetCellsAliases") == {}
    control.run("DeleteCellInfo", "zone9")
    assert control.text("GetCellInfoNames").split() == ["zone1"]
    control.error("DeleteCellInfo", "zone1")


def test_other_clusters_are_mounted(control):
    control.run("Mount", "register", "--name", "old", "--topo-type", "etcd2", "--topo-server", "localhost:12379", "--topo-root", "/vitess/global")
    assert control.json("Mount", "list")["names"] == ["old"]
    assert control.json("Mount", "show", "--name", "old")["topo_root"] == "/vitess/global"
    control.run("Mount", "unregister", "--name", "old")
    assert control.json("Mount", "list")["names"] == []
    assert "register" in control.error("Mount", "remember")


def test_rules_send_queries_elsewhere(cluster, control):
    cluster.query("insert into settings (k, v) values ('a', 1)", "lookup")
    rules = json.dumps({"rules": [{"from_table": "app.settings", "to_tables": ["lookup.settings"]}]})
    assert "DRY RUN" in control.text("ApplyRoutingRules", "--dry-run", "--rules", rules)
    assert control.json("GetRoutingRules")["rules"] == []
    control.run("ApplyRoutingRules", "--rules", rules)
    assert control.json("GetRoutingRules") == json.loads(rules)
    until("the gate routes by them", lambda: control.json("GetSrvVSchema", "zone1")["routing_rules"] == json.loads(rules))
    until("the table is found", lambda: reads(cluster, "select count(*) from app.settings where k = 'a'") == ((1,),))
    control.run("ApplyRoutingRules", "--rules", '{"rules": []}')

    shards = {"rules": [{"from_keyspace": "app", "to_keyspace": "lookup", "shard": "-80"}]}
    control.run("ApplyShardRoutingRules", "--skip-rebuild", "--rules", json.dumps(shards))
    assert control.json("GetShardRoutingRules") == shards
    control.run("ApplyShardRoutingRules", "--rules", '{"rules": []}')

    keyspaces = {"rules": [{"from_keyspace": "shop", "to_keyspace": "lookup"}]}
    control.run("ApplyKeyspaceRoutingRules", "--rules", json.dumps(keyspaces))
    assert control.json("GetKeyspaceRoutingRules") == keyspaces
    until("the gate calls it shop", lambda: reads(cluster, "select count(*) from settings where k = 'a'", "shop") == ((1,),))
    control.run("ApplyKeyspaceRoutingRules", "--rules", '{"rules": []}')
    assert control.json("GetMirrorRules")["rules"] == []
    assert "JSON" in control.error("ApplyRoutingRules", "--rules", "{")


def reads(cluster, sql, database="app"):
    try:
        return cluster.query(sql, database)
    except Exception as error:  # not routed so yet
        return str(error)


def test_shards_come_and_go(control):
    control.run("CreateShard", "--include-parent", "passing/-80")
    control.run("CreateShard", "passing/80-")
    assert "there is no shard passing/x" in control.error("DeleteShards", "passing/-80", "passing/x")
    assert "serv" in control.error("DeleteShards", "passing/-80")
    control.run("DeleteShards", "--even-if-serving", "passing/-80")
    assert list(control.json("FindAllShardsInKeyspace", "passing")) == ["80-"]
    control.run("RemoveShardCell", "passing/80-", "zone1")
    control.run("RemoveKeyspaceCell", "passing", "zone1")
    assert "primary" in control.error("RemoveShardCell", "app/80-", "zone1")
    control.run("DeleteKeyspace", "--recursive", "passing")


def test_lists_of_tablets_are_mended(control):
    def listed():
        return [node["tablet_alias"]["uid"] for node in control.json("GetShardReplication", "app/-80")["zone1"]["nodes"]]

    before = listed()
    assert len(before) == 2
    stranger = alias_of(control, "80-", "replica")
    control.run("ShardReplicationAdd", "app/-80", stranger)
    assert len(listed()) == 3
    assert f"{stranger} has been fixed: TOPOLOGY_MISMATCH" in control.text("ShardReplicationFix", "zone1", "app/-80")
    assert control.text("ShardReplicationFix", "zone1", "app/-80") == "Nothing was wrong\n"
    own = alias_of(control, "-80", "replica")
    control.run("ShardReplicationRemove", "app/-80", own)
    assert len(listed()) == 1
    control.run("ShardReplicationAdd", "app/-80", own)
    assert sorted(listed()) == sorted(before)


def test_a_shard_is_taken_out_of_service(cluster, control):
    leader = alias_of(control, "-80", "primary")
    denied = control.json("SetShardTabletControl", "--denied-tables", "blobs", "app/-80", "primary")
    assert denied["tablet_controls"][0]["denied_tables"] == ["blobs"]
    control.run("RefreshStateByShard", "app/-80")
    assert "disallowed due to rule" in str(reads(cluster, "select count(*) from blobs", "app:-80")), reads(cluster, "select 1 from blobs", "app:-80")
    assert control.json("SetShardTabletControl", "--remove", "app/-80", "primary")["tablet_controls"] == []
    control.run("RefreshState", leader)
    until("the table is served", lambda: reads(cluster, "select count(*) from blobs", "app:-80") == ((0,),))
    assert control.json("SetShardIsPrimaryServing", "app/-80", "false")["is_primary_serving"] is False
    assert control.json("SetShardIsPrimaryServing", "app/-80", "true")["is_primary_serving"] is True
    assert "neither true nor false" in control.error("SetShardIsPrimaryServing", "app/-80", "maybe")


def is_read_only(control, alias):
    """Its server's own word, out of the table that is drawn."""
    shown = control.text("ExecuteFetchAsDBA", alias, "select @@global.read_only as told")
    return re.search(r"^\| *([01]) *\|$", shown, re.M)[1] == "1"


def test_tablets_are_asked_and_changed(control):
    replica, leader = alias_of(control, "80-", "replica"), alias_of(control, "80-", "primary")
    control.run("PingTablet", replica)
    assert "zone1-0000000999" in control.error("PingTablet", "zone1-999")
    begun = time.monotonic()
    control.run("SleepTablet", replica, "300ms")
    assert time.monotonic() - begun >= 0.3
    tags = control.json("ChangeTabletTags", replica, "rack=7", "owner=ada")
    assert tags["after_tags"] == {"rack": "7", "owner": "ada"} and tags["before_tags"] == {}
    assert control.json("ChangeTabletTags", "--replace", replica, "rack=8")["after_tags"] == {"rack": "8"}
    assert "DRY RUN" in control.text("ChangeTabletType", "--dry-run", replica, "spare")
    assert alias_of(control, "80-", "replica") == replica
    control.run("ChangeTabletType", replica, "spare")
    assert alias_of(control, "80-", "spare") == replica
    control.run("ChangeTabletType", replica, "replica")
    assert alias_of(control, "80-", "replica") == replica
    control.run("RunHealthCheck", leader)
    control.run("SetWritable", leader, "false")
    assert is_read_only(control, leader)
    control.run("SetWritable", leader, "true")
    assert not is_read_only(control, leader)


def test_replication_is_shown_and_led(control):
    replica, leader = alias_of(control, "80-", "replica"), alias_of(control, "80-", "primary")
    lines = [line.split() for line in control.text("ShardReplicationPositions", "app/80-").splitlines()]
    assert [line[0] for line in lines] == [leader, replica] and lines[0][2] == "0"
    status = control.json("GetFullStatus", replica)
    assert status["replication_status"]["source_port"] > 0
    control.run("StopReplication", replica)
    assert control.json("GetFullStatus", replica)["replication_status"]["io_state"] == 1
    control.run("ReparentTablet", replica)
    control.run("StartReplication", replica)
    until("the replica follows", lambda: control.json("GetFullStatus", replica)["replication_status"]["io_state"] == 3)
    # It leads already: nothing changes.
    control.run("TabletExternallyReparented", leader)
    assert alias_of(control, "80-", "primary") == leader


def test_schemas_are_read_again(cluster, control):
    local = Control("vtctl", "--topo-global-server-address", cluster.data / "topo")
    done = local.run("ReloadSchemaKeyspace", "--include-primary", "app")
    assert sorted(done.stderr.splitlines()) == [f"shard app/{shard}: 2 tablets told to read their schema" for shard in ("-80", "80-")]
    assert control.run("ReloadSchemaKeyspace", "app").stdout == ""
    control.run("ReloadSchemaShard", "--include-primary", "app/-80")
    control.run("ReloadSchema", alias_of(control, "-80", "primary"))
    leader = alias_of(control, "-80", "primary")
    shown = control.text("ExecuteMultiFetchAsDBA", leader, "select 1 as one; select 2 as two")
    assert "| one |" in shown and "| two |" in shown
    assert control.json("ExecuteFetchAsApp", "-j", leader, "select 3 as three")["fields"][0]["name"] == "three"


def test_the_serving_graph_of_a_cell_is_made_anew(control):
    control.run("DeleteSrvVSchema", "zone1")
    control.error("GetSrvVSchema", "zone1")
    control.run("RebuildVSchemaGraph", "--cells", "zone1")
    assert "app" in control.json("GetSrvVSchema", "zone1")["keyspaces"]


def test_all_records_agree(control):
    assert control.text("Validate") == "all is well\n"
    assert control.text("Validate", "--ping-tablets") == "all is well\n"


def test_the_list_of_commands_is_current():
    done = subprocess.run([sys.executable, ROOT / "tools/gen/vtctl_commands.py", "--check", "--program", binary("vtctldclient")],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "none yet" not in (ROOT / "docs/vtctldclient.md").read_text()
