# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What the control plane asks of tablets: every call of the tablet manager on real MariaDB, and a change of the primary by hand."""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

import grpc
import pymysql
import pytest

import tablets
from conftest import Machine, until
from tablets import rows, topodata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster  # noqa: E402

PRECONDITION, INVALID = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT
SPEC = {"topology": "etcd", "durable": False,
        "keyspaces": [{"name": "app", "shards": 1, "replicas": 2, "vschema_json": json.dumps({"tables": {"t": {}}})}]}


class Shard:
    """A primary and two replicas, with a gate before them."""

    def __init__(self, machine):
        self.machine = machine
        self.tablets = [tablets.Tablet(self._port(name), self._alias(name)) for name in self._names()]

    def _names(self):
        return [service["name"] for service in self.machine.status()["services"] if service["name"].startswith("vttablet-")]

    def _port(self, name):
        ports = {service["name"]: service["ports"] for service in self.machine.status()["services"]}
        return ports[name][0]

    def _alias(self, name):
        cell, uid = name.removeprefix("vttablet-").rsplit("-", 1)
        return topodata.TabletAlias(cell=cell, uid=int(uid))

    def mysql_name(self, tablet):
        return f"mariadb-{tablet.alias.cell}-{tablet.alias.uid}"

    def types(self):
        """By uid: type and state as the gate sees them."""
        seen = self.machine.query("show vitess_tablets")
        return {int(row[5].rsplit("-", 1)[1]): (row[3], row[4]) for row in seen}

    def wait_for_type(self, tablet, kind, state):
        def reached():
            return self.types().get(tablet.alias.uid) == (kind, state)

        until(f"{tablet.alias.uid} is {kind} and {state} to the gate", reached)

    def value(self, tablet, variable):
        return tablet.sql(f"select @@global.{variable}")[0][0]

    def count(self, tablet):
        return int(tablet.sql("select count(*) from vt_app.t")[0][0])

    def catch_up(self, leader, *others):
        position = leader.call("PrimaryPosition").position
        for tablet in others:
            tablet.call("WaitForPosition", position=position)

    def switch(self, old, new, *others):
        """A planned change of the primary, step by step as vtctld does it."""
        demoted = old.call("DemotePrimary").primary_status
        new.call("WaitForPosition", position=demoted.position)
        now = time.time_ns()
        position = new.call("PromoteReplica", semiSync=False).position
        new.call("PopulateReparentJournal", time_created_ns=now, action_name="PlannedReparentShard", primary_alias=new.alias,
                 replication_position=position)
        for tablet in (old, *others):
            tablet.call("SetReplicationSource", parent=new.alias, time_created_ns=now, force_start_replication=True)
        return now


@pytest.fixture(scope="module")
def shard():
    with tempfile.TemporaryDirectory(prefix="tessera-e2e-") as folder:
        hooks = pathlib.Path(folder) / "vthook"
        hooks.mkdir()
        write_hook(hooks / "tell.sh", 'echo "$TABLET_ALIAS $EXTRA $1"; echo odd >&2; exit 3')
        write_hook(hooks / "slow.sh", "exec sleep 60")
        machine = Machine(folder, SPEC)
        before = os.environ.get("VTROOT")
        os.environ["VTROOT"] = folder
        try:
            machine.up()
            machine.query("create table t (id bigint auto_increment primary key, v varchar(20), key by_v (v)) auto_increment = 7")
            machine.query("create view just_v as select v from t")
            yield Shard(machine)
        finally:
            machine.down()
            os.environ.pop("VTROOT")
            if before is not None:
                os.environ["VTROOT"] = before


def write_hook(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def primary(shard):
    return shard.tablets[0]


@pytest.fixture
def replica(shard):
    return shard.tablets[1]


def test_ping_and_what_is_not_there(primary):
    assert primary.call("Ping", payload="hello").payload == "hello"
    assert primary.refusal("VReplicationExec", query="select 1")[0] == grpc.StatusCode.UNIMPLEMENTED


def test_one_action_at_a_time(primary):
    assert primary.refusal("Sleep", duration=-1)[0] == INVALID
    sleeping = primary._channel.unary_unary(tablets.SERVICE + "Sleep").future(
        tablets.tabletmanagerdata.SleepRequest(duration=2_000_000_000).SerializeToString(), timeout=10)
    until("Sleep holds the lock", lambda: _waits_for(primary, "Sleep"), 10)
    sleeping.result(10)
    primary.call("RefreshState")


def _waits_for(tablet, action):
    with contextlib.suppress(AssertionError):
        code, text = tablet.refusal("RefreshState", timeout=0.3)
        return code == grpc.StatusCode.DEADLINE_EXCEEDED and (action in text or "Deadline" in text)


def test_health_and_schema_on_demand(shard, primary, replica):
    primary.call("RunHealthCheck")
    primary.call("ReloadSchema")
    position = primary.call("PrimaryPosition").position
    assert position.startswith("MariaDB/0-")
    replica.call("ReloadSchema", wait_position=position)
    code, text = replica.refusal("ReloadSchema", wait_position="MySQL56/aaaa:1-5")
    assert code == INVALID and "MariaDB" in text


def test_types_follow_to_gate_and_topology(shard, replica):
    for kind, state in (("RDONLY", "SERVING"), ("SPARE", "NOT_SERVING"), ("DRAINED", None), ("REPLICA", "SERVING")):
        replica.call("ChangeType", tablet_type=topodata.TabletType.Value(kind))
        if state is not None:
            shard.wait_for_type(replica, kind, state)
        assert replica.call("FullStatus").status.tablet_type == topodata.TabletType.Value(kind)
        if kind == "DRAINED":
            code, text = replica.refusal("ChangeType", tablet_type=topodata.DRAINED)
            assert code == PRECONDITION and "already drained" in text
    code, text = replica.refusal("ChangeType", tablet_type=topodata.UNKNOWN)
    assert code == INVALID and "unknown" in text
    assert replica.call("ReplicationStatus").status.sql_state == 3  # it replicated on through all of that


def test_tags(replica):
    assert dict(replica.call("ChangeTags", tags={"rack": "7", "disk": "ssd"}).tags)["rack"] == "7"
    assert dict(replica.call("ChangeTags", tags={"disk": ""}).tags).get("disk") is None
    assert dict(replica.call("ChangeTags", tags={"one": "1"}, replace=True).tags) == {"one": "1"}


def test_read_only_and_back(shard, primary):
    primary.call("SetReadOnly")
    with pytest.raises(pymysql.err.MySQLError) as refused:
        shard.machine.query("insert into t (v) values ('no')")
    assert refused.value.args[0] == 1290
    primary.call("SetReadWrite")
    shard.machine.query("insert into t (v) values ('yes')")


def test_statements_as_dba_allprivs_and_app(shard, primary, replica):
    assert primary.sql("select user(), database()", db_name="vt_app") == [("vt_dba@localhost", "vt_app")]
    answer = primary.call("ExecuteFetchAsAllPrivs", query=b"select user()", max_rows=10)
    assert rows(answer.result) == [("vt_allprivs@localhost",)]
    answer = primary.call("ExecuteFetchAsApp", query=b"select user(), database()", max_rows=10)
    assert rows(answer.result) == [("vt_app@localhost", "vt_app")]
    code, text = primary.refusal("ExecuteFetchAsDba", query=b"select 1 union all select 2", max_rows=1)
    assert code == grpc.StatusCode.ABORTED and "row count exceeded 1" in text
    code, text = primary.refusal("ExecuteFetchAsDba", query=b"select * from nosuch.nosuch")
    assert "(errno 1146)" in text or "(errno 1049)" in text
    code, text = primary.refusal("ExecuteFetchAsApp", query=b"select nonsense")
    assert "(errno 1054) (sqlstate 42S22)" in text
    assert "statement" not in primary.refusal("ExecuteFetchAsAllPrivs", query=b"select nonsense")[1]


def test_statements_that_replicas_do_not_get(shard, primary, replica):
    primary.sql("create table vt_app.here_only (id int primary key)", disable_binlogs=True, reload_schema=True)
    shard.catch_up(primary, replica)
    assert "(errno 1146)" in replica.refusal("ExecuteFetchAsDba", query=b"select * from vt_app.here_only")[1]
    assert shard.machine.query("select count(*) from here_only") == ((0,),)
    primary.sql("drop table vt_app.here_only", disable_binlogs=True, reload_schema=True)


def test_several_statements(primary):
    answer = primary.call("ExecuteMultiFetchAsDba", sql=b"select 1; select 2, 3; do 1", max_rows=10)
    assert [rows(result) for result in answer.results] == [[("1",)], [("2", "3")], []]
    code, text = primary.refusal("ExecuteMultiFetchAsDba", sql=b"select 1; select nonsense; select 3", max_rows=10)
    assert "statement 2" in text and "(errno 1054)" in text


def test_statements_through_the_query_service(primary, replica):
    caller = {"principal": "ada", "component": "test"}
    answer = primary.call("ExecuteQuery", query=b"select 1 + 1", max_rows=10, caller_id=caller)
    assert rows(answer.result) == [("2",)]
    code, text = primary.refusal("ExecuteQuery", query=b"select nosuch from t", caller_id=caller)
    assert "(errno 1054)" in text and "ada" in text
    assert primary.refusal("ExecuteQuery", query=b"select 1 union all select 2", max_rows=1)[0] == grpc.StatusCode.ABORTED


def test_hooks(primary):
    done = primary.call("ExecuteHook", name="tell.sh", parameters=["a b; echo no"], extra_env={"EXTRA": "more"})
    assert (done.exit_status, done.stdout, done.stderr) == (3, f"{alias_text(primary)} more a b; echo no\n", "odd\n")
    missing = primary.call("ExecuteHook", name="nosuch.sh")
    assert missing.exit_status == -1 and "nosuch.sh" in missing.stderr
    assert primary.call("ExecuteHook", name="../tell.sh").exit_status == -4
    assert primary.refusal("ExecuteHook", name="slow.sh", timeout=1)[0] == grpc.StatusCode.DEADLINE_EXCEEDED
    primary.call("RefreshState", timeout=10)  # the hook was ended, and with it the action


def alias_text(tablet):
    return f"{tablet.alias.cell}-{tablet.alias.uid:010}"


def test_schema(primary):
    schema = primary.call("GetSchema", include_views=True).schema_definition
    assert "{{.DatabaseName}}" in schema.database_schema
    tables = {table.name: table for table in schema.table_definitions}
    assert set(tables) == {"t", "just_v"}
    t = tables["t"]
    assert (t.type, list(t.columns), list(t.primary_key_columns)) == ("BASE TABLE", ["id", "v"], ["id"])
    assert [field.name for field in t.fields] == ["id", "v"] and t.fields[0].type == tablets.query.INT64
    assert "AUTO_INCREMENT=" not in t.schema and t.data_length > 0
    assert tables["just_v"].type == "VIEW" and "`{{.DatabaseName}}`.`t`" in tables["just_v"].schema
    names = [table.name for table in primary.call("GetSchema").schema_definition.table_definitions]
    assert names == ["t"]
    for included, excluded, found in ((["/^t$/"], [], ["t"]), (["/^x/"], [], []), ([], ["/^t/"], []), (["t", "u"], [], ["t"])):
        answer = primary.call("GetSchema", tables=included, exclude_tables=excluded, table_schema_only=True)
        assert [table.name for table in answer.schema_definition.table_definitions] == found
        assert all(table.schema and not table.columns for table in answer.schema_definition.table_definitions)
    code, text = primary.refusal("GetSchema", tables=["/(/"])
    assert code == INVALID and "/(/" in text


def test_permissions_tell_no_passwords(primary):
    primary.sql("create user 'secret'@'localhost' identified by 'hush'")
    permissions = primary.call("GetPermissions").permissions
    users = {user.user: user for user in permissions.user_permissions}
    assert users["secret"].password_checksum not in (0, users["vt_dba"].password_checksum)
    assert users["vt_dba"].privileges["Select_priv"] == "Y" and users["vt_app"].privileges["Super_priv"] == "N"
    digest = primary.sql("select password('hush')")[0][0]
    assert digest not in str(permissions)
    primary.sql("drop user 'secret'@'localhost'")


def test_status_values(primary):
    some = primary.call("GetGlobalStatusVars", variables=["Innodb_buffer_pool_pages_data", "no_such"]).status_values
    assert list(some) == ["Innodb_buffer_pool_pages_data"] and int(some["Innodb_buffer_pool_pages_data"]) > 0
    assert len(primary.call("GetGlobalStatusVars").status_values) > 100


def test_schema_changes(shard, primary, replica):
    add = "alter table t add column w int"
    (tried,) = primary.call("PreflightSchema", changes=[add]).change_results
    assert "`w`" in table_of(tried.after_schema) and "`w`" not in table_of(tried.before_schema)
    assert primary.sql("show databases like '\\_vt\\_preflight'") == []
    assert "(errno 1146)" in primary.refusal("PreflightSchema", changes=["alter table nosuch add column w int"])[1]
    done = primary.call("ApplySchema", sql=add, allow_replication=True, before_schema=tried.before_schema, after_schema=tried.after_schema)
    assert "`w`" in table_of(done.after_schema)
    # Once more: it is there already, and nothing is run.
    again = primary.call("ApplySchema", sql=add, allow_replication=True, before_schema=tried.before_schema, after_schema=tried.after_schema)
    assert table_of(again.before_schema) == table_of(done.after_schema)
    assert primary.refusal("ApplySchema", sql=add, before_schema=tried.before_schema)[0] == PRECONDITION
    shard.catch_up(primary, replica)
    assert "`w`" in replica.sql("show create table vt_app.t")[0][1]
    primary.call("ApplySchema", sql="alter table t drop column w", allow_replication=True)


def table_of(schema):
    return next(table.schema for table in schema.table_definitions if table.name == "t")


def test_sequences_are_read_anew(shard, primary):
    shard.machine.query("create table ids (id int primary key, next_id bigint, cache bigint) comment 'vitess_sequence'")
    shard.machine.query("insert into ids (id, next_id, cache) values (0, 1, 100)")

    def next_id():
        return int(rows(primary.call("ExecuteQuery", query=b"select next 1 values from ids", max_rows=1).result)[0][0])

    assert (next_id(), next_id()) == (1, 2)
    primary.sql("update vt_app.ids set next_id = 5000")
    assert next_id() == 3
    primary.call("ResetSequences", tables=["other"])
    assert next_id() == 4
    primary.call("ResetSequences", tables=["ids"])
    assert next_id() == 5000
    shard.machine.query("drop table ids")


def test_locked_tables(shard, primary):
    code, text = primary.refusal("UnlockTables")
    assert code == PRECONDITION and "not locked" in text
    primary.call("LockTables")
    try:
        code, text = primary.refusal("LockTables")
        assert code == PRECONDITION and "already locked" in text
        code, _ = primary.refusal("ExecuteFetchAsApp", query=b"insert into t (v) values ('locked')", timeout=1)
        assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    finally:
        primary.call("UnlockTables")
    shard.machine.query("insert into t (v) values ('unlocked')")


def test_a_replica_is_stopped_waited_for_and_started(shard, primary, replica):
    replica.call("StopReplication")
    status = replica.call("ReplicationStatus").status
    assert (status.io_state, status.sql_state, status.replication_lag_unknown) == (1, 1, True)
    shard.machine.query("insert into t (v) values ('later')")
    position = primary.call("PrimaryPosition").position
    code, _ = replica.refusal("WaitForPosition", position=position, timeout=1)
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    replica.call("StartReplicationUntilAfter", position=position)
    assert shard.count(replica) == shard.count(primary)
    replica.call("StartReplication")
    before = shard.count(replica)
    shard.machine.query("insert into t (v) values ('more')")
    stopped = replica.call("StopReplicationMinimum", position=primary.call("PrimaryPosition").position, wait_timeout=10_000_000_000)
    assert stopped.position == primary.call("PrimaryPosition").position and shard.count(replica) == before + 1
    replica.call("RestartReplication")
    replica.call("WaitForPosition", position=position)
    assert replica.call("ReplicationStatus").status.sql_state == 3
    for halting, state in ((1, 3), (0, 1)):  # receiving only; both
        answer = replica.call("StopReplicationAndGetStatus", stop_replication_mode=halting).status
        assert answer.after.io_state == 1 and answer.after.sql_state == state
        replica.call("StartReplication")
    assert "(errno 100) (sqlstate HY000)" in primary.refusal("ReplicationStatus")[1]
    assert "(errno 100)" in primary.refusal("StopReplicationAndGetStatus")[1]


def test_full_status(shard, primary, replica):
    full = primary.call("FullStatus").status
    assert full.tablet_type == topodata.PRIMARY and not full.read_only and full.log_bin_enabled and full.log_replica_updates
    assert full.primary_status.position == primary.call("PrimaryStatus").status.position
    assert full.primary_status.file_position.startswith("FilePos/") and full.binlog_format == "ROW" and full.version.startswith("10.")
    assert not full.HasField("replication_status")
    shard.catch_up(primary, replica)
    other = replica.call("FullStatus").status
    assert other.tablet_type == topodata.REPLICA and other.read_only and other.replication_status.using_gtid
    assert other.replication_status.position == full.primary_status.position
    until("both replicas are connected", lambda: len(primary.call("GetReplicas").addrs) == 2)
    assert set(primary.call("GetReplicas").addrs) == {"127.0.0.1"}


def test_semi_sync_is_set_by_role(shard, primary, replica):
    replica.call("StartReplication", semiSync=True)
    assert shard.value(replica, "rpl_semi_sync_slave_enabled") == "1"
    until("the replica acknowledges", lambda: _acknowledges(replica))
    replica.call("RestartReplication", semiSync=False)
    assert shard.value(replica, "rpl_semi_sync_slave_enabled") == "0"


def _acknowledges(tablet):
    tablet.call("ChangeType", tablet_type=topodata.REPLICA, semiSync=True)
    return tablet.call("FullStatus").status.semi_sync_replica_status


def test_a_replica_is_made_anew(shard, primary, replica):
    spare = shard.tablets[2]
    shard.catch_up(primary, spare)
    spare.call("ResetReplicationParameters")
    assert "(errno 100)" in spare.refusal("ReplicationStatus")[1]
    position = primary.call("PrimaryPosition").position
    spare.call("ResetReplication")
    assert spare.call("PrimaryPosition").position == "MariaDB/"
    now = time.time_ns()
    primary.call("PopulateReparentJournal", time_created_ns=now, action_name="InitShardPrimary", primary_alias=primary.alias,
                 replication_position=position)
    spare.call("InitReplica", parent=primary.alias, replication_position=position, time_created_ns=now)
    assert spare.call("ReadReparentJournalInfo").length == 1
    shard.machine.query("insert into t (v) values ('for all')")
    shard.catch_up(primary, spare)
    assert shard.count(spare) == shard.count(primary)
    code, text = spare.refusal("SetReplicationSource", parent=spare.alias)
    assert code == INVALID and "itself" in text
    assert spare.refusal("SetReplicationSource", parent={"cell": spare.alias.cell, "uid": 9999})[0] == grpc.StatusCode.NOT_FOUND


def test_a_demotion_is_taken_back(shard, primary):
    primary.call("DemotePrimary")
    shard.wait_for_type(primary, "PRIMARY", "NOT_SERVING")
    assert shard.value(primary, "read_only") == "1"
    primary.call("UndoDemotePrimary")
    shard.wait_for_type(primary, "PRIMARY", "SERVING")
    shard.machine.query("insert into t (v) values ('back')")
    code, text = shard.tablets[1].refusal("UndoDemotePrimary")
    assert code == PRECONDITION and "no primary" in text


def test_commits_that_wait_for_a_replica_hold_up_a_demotion(shard, primary, replica):
    for follower in shard.tablets[1:]:
        follower.call("RestartReplication", semiSync=False)
    primary.call("UndoDemotePrimary", semiSync=True)
    writing = threading.Thread(target=_writes, args=(shard, "waits"))
    writing.start()
    until("a commit waits", lambda: primary.call("FullStatus").status.semi_sync_blocked)
    code, _ = primary.refusal("DemotePrimary", timeout=5)
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    shard.wait_for_type(primary, "PRIMARY", "SERVING")  # the demotion was taken back
    primary.call("DemotePrimary", force=True)
    status = primary.call("FullStatus").status
    assert status.read_only and not status.semi_sync_primary_enabled and not status.semi_sync_blocked
    writing.join(30)
    assert not writing.is_alive()
    primary.call("UndoDemotePrimary", semiSync=False)
    shard.wait_for_type(primary, "PRIMARY", "SERVING")
    assert shard.value(primary, "rpl_semi_sync_master_enabled") == "0"


def _writes(shard, text):
    """Whether the gate takes a row now."""
    with contextlib.suppress(pymysql.err.MySQLError):
        shard.machine.query(f"insert into t (v) values ('{text}')")
        return True


def test_the_primary_changes_by_hand_and_mysql_dies_afterwards(shard):
    old, new, third = shard.tablets
    for number in range(20):
        shard.machine.query(f"insert into t (v) values ('before {number}')")
    shard.switch(old, new, third)
    shard.wait_for_type(new, "PRIMARY", "SERVING")
    shard.wait_for_type(old, "REPLICA", "SERVING")
    for number in range(20):
        shard.machine.query(f"insert into t (v) values ('after {number}')")
    shard.catch_up(new, old, third)
    checks = {tuple(tablet.sql("checksum table vt_app.t")[0]) for tablet in shard.tablets}
    assert len(checks) == 1
    assert [shard.value(tablet, "read_only") for tablet in shard.tablets] == ["1", "0", "1"]

    for tablet, read_only in ((new, "0"), (old, "1")):
        shard.machine.kill9(shard.mysql_name(tablet))
        kind = "PRIMARY" if tablet is new else "REPLICA"
        until("MySQL has its role again", lambda: _has_role(shard, tablet, read_only))
        shard.wait_for_type(tablet, kind, "SERVING")
    assert old.call("ReplicationStatus").status.source_port == new_port(third)
    until("the shard takes writes again", lambda: _writes(shard, "after the crash"))
    shard.catch_up(new, old, third)
    assert {shard.count(tablet) for tablet in shard.tablets} == {shard.count(new)}

    # And back, so that whoever comes next finds the shard as it was.
    shard.switch(new, old, third)
    shard.wait_for_type(old, "PRIMARY", "SERVING")
    shard.wait_for_type(new, "REPLICA", "SERVING")
    shard.machine.query("insert into t (v) values ('home')")
    shard.catch_up(old, new, third)
    assert {shard.count(tablet) for tablet in shard.tablets} == {shard.count(old)}


def new_port(tablet):
    return tablet.call("ReplicationStatus").status.source_port


def _has_role(shard, tablet, read_only):
    with contextlib.suppress(grpc.RpcError):
        replicates = read_only == "0" or tablet.call("ReplicationStatus", timeout=5).status.io_state == 3
        return shard.value(tablet, "read_only") == read_only and replicates


def test_a_stopped_replica_stays_stopped_when_its_server_dies(shard, replica):
    replica.call("StopReplication")
    shard.machine.kill9(shard.mysql_name(replica))
    shard.wait_for_type(replica, "REPLICA", "SERVING")
    status = replica.call("ReplicationStatus").status
    assert (status.io_state, status.sql_state) == (1, 1)
    replica.call("SetReplicationSource", parent=shard.tablets[0].alias, force_start_replication=True)
    shard.catch_up(shard.tablets[0], replica)


def test_an_older_primary_steps_down(shard, primary, replica):
    """Somebody else was promoted while the first knew nothing of it: the newer term wins."""
    shard.catch_up(primary, replica)
    replica.call("PromoteReplica")
    shard.wait_for_type(replica, "PRIMARY", "SERVING")
    shard.wait_for_type(primary, "REPLICA", "SERVING")
    until("it follows the new one", lambda: _has_role(shard, primary, "1"))
    shard.switch(replica, primary, shard.tablets[2])
    shard.wait_for_type(primary, "PRIMARY", "SERVING")


def test_external_promotion(shard, primary, replica):
    primary.call("ReplicaWasRestarted", parent=replica.alias)
    shard.wait_for_type(primary, "REPLICA", "SERVING")
    primary.call("ReplicaWasPromoted")
    shard.wait_for_type(primary, "PRIMARY", "SERVING")
    assert primary.call("InitPrimary").position.startswith("MariaDB/0-")
    shard.machine.query("insert into t (v) values ('again')")


@pytest.fixture(scope="module")
def unmanaged(tmp_path_factory):
    """A tablet over somebody else's server, with a topology of files."""
    folder = tmp_path_factory.mktemp("unmanaged")
    database = cluster.Database(folder / "db")
    made = None
    try:
        made = cluster.Cluster(folder / "cluster", database, [cluster.Keyspace("u")])
        yield made
    finally:
        if made is not None:
            made.stop()
        database.stop()


@pytest.fixture
def tablet(unmanaged):
    (port,) = [argument.split("=")[1] for process in unmanaged._processes for argument in process.args
               if argument.startswith("--grpc-port=") and process.args[0].endswith("vttablet")]
    with contextlib.closing(tablets.Tablet(port, topodata.TabletAlias(cell="zone1", uid=101))) as made:
        yield made


def test_replication_of_somebody_elses_server_is_refused(tablet):
    assert tablet.call("FullStatus").status.tablet_type == topodata.PRIMARY
    for rpc in ("SetReadOnly", "SetReadWrite", "StopReplication", "StartReplication", "DemotePrimary", "PromoteReplica",
                "InitPrimary", "SetReplicationSource", "ResetReplication", "ReplicaWasPromoted"):
        code, text = tablet.refusal(rpc)
        assert code == PRECONDITION and "--unmanaged" in text, rpc
    tablet.call("ChangeType", tablet_type=topodata.PRIMARY)


@contextlib.contextmanager
def record(unmanaged, name, message):
    """A record of the topology, to be changed; Shard and SrvKeyspace are rewritten as other programs do."""
    path = unmanaged.folder / "topo" / name
    message.ParseFromString(path.read_bytes()[16:])
    yield message
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(b"TSTOPO1\n" + (time.time_ns() // 1000).to_bytes(8, "big") + message.SerializeToString())
    fresh.replace(path)


def refused_by_gate(unmanaged, sql):
    with unmanaged.connect("u") as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.err.MySQLError) as refused:
            cursor.execute(sql)
        return refused.value.args[1]


def test_denied_tables_count_after_a_refresh(unmanaged, tablet):
    with unmanaged.connect("u") as connection, connection.cursor() as cursor:
        cursor.execute("create table moving (id int primary key)")
        cursor.execute("create table staying (id int primary key)")
        with record(unmanaged, "global/keyspaces/u/shards/0/Shard", topodata.Shard()) as shard:
            shard.tablet_controls.add(tablet_type=topodata.PRIMARY, denied_tables=["moving"])
            shard.tablet_controls.add(tablet_type=topodata.REPLICA, denied_tables=["staying"])
        cursor.execute("select * from moving")  # nobody has told the tablet yet
        tablet.call("RefreshState")
        assert "disallowed due to rule: enforce denied tables" in refused_by_gate(unmanaged, "select * from moving")
        cursor.execute("select * from staying")
        with record(unmanaged, "global/keyspaces/u/shards/0/Shard", topodata.Shard()) as shard:
            shard.tablet_controls[0].cells.append("elsewhere")
        tablet.call("RefreshState")
        cursor.execute("insert into moving values (1)")


def test_a_disabled_query_service_counts_after_a_refresh(unmanaged, tablet):
    def state():
        with unmanaged.connect() as connection, connection.cursor() as cursor:
            cursor.execute("show vitess_tablets")
            return cursor.fetchall()[0][4]

    for disabled, seen in ((True, "NOT_SERVING"), (False, "SERVING")):
        with record(unmanaged, "zone1/keyspaces/u/SrvKeyspace", topodata.SrvKeyspace()) as graph:
            for partition in graph.partitions:
                del partition.shard_tablet_controls[:]
                partition.shard_tablet_controls.add(name="0", query_service_disabled=disabled)
        tablet.call("RefreshState")
        until(f"the tablet is {seen}", lambda: state() == seen)
        if disabled:
            assert tablet.refusal("ExecuteQuery", query=b"select 1")[0] != grpc.StatusCode.OK
