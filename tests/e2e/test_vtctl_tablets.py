# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Commands that ask tablets, through a vtctld, on a cluster of real MariaDB servers."""

import json
import os
import signal

import pytest

from conftest import running, spec, until
from control import Control


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=2, replicas=1)) as machine:
        yield machine


@pytest.fixture(scope="module")
def control(cluster):
    return Control("vtctldclient", "--server", f"127.0.0.1:{cluster.vtctld_port}")


@pytest.fixture
def primary(control):
    return control.tablet("app", "-80", "primary")


@pytest.fixture
def replica(control):
    """The replica of app/-80, left as it was found."""
    alias = control.tablet("app", "-80", "replica")
    yield alias
    control.run("ChangeTabletType", alias, "replica")
    control.run("StartReplication", alias)


def serving(cluster, kind):
    """How many tablets of a type a gate of the cluster sends queries to."""
    rows = cluster.query("show vitess_tablets", database="app")
    return sum(1 for row in rows if row[3].lower() == kind and row[4] == "SERVING")


def test_tablets_answer(control, primary, replica):
    for command in ("PingTablet", "RefreshState", "RunHealthCheck", "ReloadSchema"):
        assert control.text(command, primary) == ""
    control.run("SleepTablet", replica, "100ms")
    assert "Refreshed state on shard app/-80" in control.text("RefreshStateByShard", "app/-80")
    assert "zone1-0000000999" in control.error("PingTablet", "zone1-999")
    assert control.text("Validate", "--ping-tablets") == "all is well\n"


def test_a_tablet_that_is_down_is_named(cluster, control):
    alias = control.tablets("--keyspace", "lookup")[0]
    name = f"vttablet-zone1-{int(alias[-10:])}"
    os.kill(cluster.pid(name), signal.SIGSTOP)
    try:
        assert alias in control.error("--action-timeout", "1s", "PingTablet", alias)
    finally:
        os.kill(cluster.pid(name), signal.SIGCONT)
    cluster.kill9(name)
    until("the tablet answers again", lambda: control.succeeds("PingTablet", alias))


def test_queries_on_one_tablet(control, primary, replica):
    table = control.text("ExecuteFetchAsDBA", primary, "select 1 as one, null as nothing, 'a\tb' as tab")
    assert table.splitlines()[1] == "| one | nothing | tab  |" and "| 1   | NULL    | a\\tb |" in table
    result = control.json("ExecuteFetchAsApp", "--json", replica, "select 2 as two")
    assert result["fields"][0]["name"] == "two" and result["rows"][0]["lengths"] == ["1"]
    both = control.text("ExecuteMultiFetchAsDBA", primary, "select 1 as a; select 2 as b")
    assert "| a |" in both and "| b |" in both
    assert "1146" in control.error("ExecuteFetchAsDBA", primary, "select * from vt_app.no_such_table")
    assert "Query OK" in control.text("ExecuteFetchAsDBA", primary, "do 1")


def test_schemas_change_everywhere_or_say_where(cluster, control, primary, replica):
    control.run("ApplySchema", "--sql", "create table made (id bigint primary key, v int); alter table made add w int", "app")
    for alias in control.tablets("--keyspace", "app"):
        until(f"{alias} has it", lambda: "made" in control.text("GetSchema", "--table-names-only", alias).split())
    schema = control.json("GetSchema", "--tables", "made", replica)
    assert [table["columns"] for table in schema["table_definitions"]] == [["id", "v", "w"]]
    assert schema["table_definitions"][0]["primary_key_columns"] == ["id"]
    assert control.text("ValidateSchemaKeyspace", "app") == "all is well\n"

    refused = control.error("ApplySchema", "--sql", "alter table made add v int", "app")
    assert "alter table made add v int: failed on shards -80, 80-; ran on none" in refused and "1060" in refused
    assert "2 shards" in control.error("ApplySchema", "--sql", "update made set v = 1", "app")
    assert "online" in control.error("ApplySchema", "--ddl-strategy", "online", "--sql", "drop table made", "app")

    control.run("ExecuteFetchAsDBA", "--disable-binlogs", replica, "set global read_only = 0")
    control.run("ExecuteFetchAsDBA", "--disable-binlogs", replica, "alter table made add stray int")
    control.run("ExecuteFetchAsDBA", "--disable-binlogs", replica, "set global read_only = 1")
    found = control.run("ValidateSchemaKeyspace", "app", ok=False)
    assert "table made of " + replica in found.stdout and "1 thing wrong" in found.stderr
    control.run("ExecuteFetchAsDBA", "--disable-binlogs", replica, "alter table made drop stray")
    missing = control.run("ValidateSchemaKeyspace", "--include-vschema", "app", ok=False)
    assert "table made is not in the VSchema of app" in missing.stdout
    assert control.text("ReloadSchemaKeyspace", "--include-primary", "app") == ""
    assert control.text("ReloadSchemaShard", "app/-80") == ""
    control.run("ApplySchema", "--sql-file", "-", "app", ok=False)


def test_a_tablet_changes_its_type(cluster, control, replica):
    until("both replicas serve", lambda: serving(cluster, "replica") == 2)
    dry = control.text("ChangeTabletType", "--dry-run", replica, "rdonly")
    assert dry.startswith("--- DRY RUN ---") and "+ " + replica in dry
    assert control.json("GetTablet", replica)["type"] == "REPLICA"
    control.run("ChangeTabletType", replica, "rdonly")
    assert control.json("GetTablet", replica)["type"] == "RDONLY"
    until("the gate sees it", lambda: serving(cluster, "rdonly") == 1 and serving(cluster, "replica") == 1)
    assert "PlannedReparentShard" in control.error("ChangeTabletType", replica, "primary")
    control.run("ChangeTabletTags", replica, "rack=b7", "owner=me")
    assert control.json("GetTablet", replica)["tags"] == {"owner": "me", "rack": "b7"}
    control.run("ChangeTabletTags", "--replace", replica, "rack=b8")
    assert control.json("GetTablet", replica)["tags"] == {"rack": "b8"}
    assert "name=value" in control.error("ChangeTabletTags", replica, "rack")


def test_replication_stops_and_starts(cluster, control, primary, replica):
    control.run("StopReplication", replica)
    cluster.query("insert into users (id, name) values (424242, 'x')")
    lines = dict(line.split(" ", 1) for line in control.text("ShardReplicationPositions", "app/-80").splitlines())
    assert list(lines) == [primary, replica] and lines[primary].startswith("MariaDB/")
    status = control.json("GetFullStatus", replica)
    assert status["replication_status"]["io_state"] == 1 and status["tablet_type"] == "REPLICA"
    control.run("StartReplication", replica)
    def level():
        told = [line.split()[1] for line in control.text("ShardReplicationPositions", "app/-80").splitlines()]
        return told[0] == told[1]
    until("the replica has caught up", level)
    answer = control.json("ReparentTablet", replica)
    assert answer["shard"] == "-80" and answer["primary"]["uid"] == int(primary[-10:])
    assert "itself" in control.error("ReparentTablet", primary)


def test_writes_are_switched_off_and_on(cluster, control, primary):
    control.run("SetWritable", primary, "false")
    try:
        assert control.json("GetFullStatus", primary)["read_only"] is True
    finally:
        control.run("SetWritable", primary, "true")
    assert control.json("GetFullStatus", primary)["read_only"] is False
    assert "neither true nor false" in control.error("SetWritable", primary, "maybe")


def test_denied_tables_are_refused(cluster, control, primary):
    control.run("SetShardTabletControl", "--denied-tables", "blobs", "app/-80", "primary")
    control.run("RefreshState", primary)
    with pytest.raises(Exception, match="(?i)disallowed|denied|enforce"):
        cluster.query("select count(*) from blobs")
    control.run("SetShardTabletControl", "--remove", "--denied-tables", "blobs", "app/-80", "primary")
    control.run("RefreshState", primary)
    until("it is let in again", lambda: cluster.query("select count(*) from blobs") == ((0,),))


def test_lists_of_tablets_are_mended(cluster, control, replica):
    control.run("ShardReplicationRemove", "app/-80", replica)
    assert len(control.json("GetShardReplication", "app/-80")["zone1"]["nodes"]) == 1
    control.run("ShardReplicationAdd", "app/-80", replica)
    assert len(control.json("GetShardReplication", "app/-80")["zone1"]["nodes"]) == 2
    control.run("ShardReplicationAdd", "app/-80", "zone1-0000000888")
    assert "zone1-0000000888 has been fixed: NOT_FOUND" in control.text("ShardReplicationFix", "zone1", "app/-80")
    assert control.text("ShardReplicationFix", "zone1", "app/-80") == "Nothing was wrong\n"


def test_permissions_show_no_passwords(control, primary):
    users = control.json("GetPermissions", primary)["user_permissions"]
    assert "vt_app" in {user["user"] for user in users}
    assert not any(name in user["privileges"] for user in users for name in ("password", "authentication_string"))


def test_hooks_that_are_not_there(control, primary):
    assert json.loads(control.text("ExecuteHook", primary, "no_such_hook"))["exit_status"] != "0"


def test_a_tablet_whose_record_is_deleted_ends_for_good(cluster, control):
    alias = control.tablet("app", "-80", "replica")
    name = f"vttablet-zone1-{int(alias[-10:])}"
    control.run("DeleteTablets", alias)
    service = until("the supervisor lets it go", lambda: [
        each for each in cluster.status()["services"] if each["name"] == name and each["pid"] == 0 and "deleted" in each["trouble"]])[0]
    assert service["restarts"] == 0
    assert f"{name} (pid" in (cluster.data / "log" / "tessera.log").read_text()
    # Others that end are still started again, and this one is not.
    primary = control.tablet("app", "-80", "primary")
    cluster.kill9(f"vttablet-zone1-{int(primary[-10:])}")
    assert cluster.pid(name) == 0
    assert alias not in control.tablets("--keyspace", "app", "--shard", "-80")
