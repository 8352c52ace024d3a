# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Semi-sync as the keyspace's durability policy asks for it, from a tablet's start on."""

import pymysql
import pytest

import tablets
from conftest import running, spec, until
from control import Control


@pytest.fixture(scope="module")
def cluster():
    with running(spec(shards=1, replicas=1), tables=False) as machine:
        yield machine


@pytest.fixture(scope="module")
def control(cluster):
    return Control("vtctldclient", "--server", f"127.0.0.1:{cluster.vtctld_port}")


class Member:
    """One tablet of the shard, and the switches of its server."""

    def __init__(self, cluster, control, kind):
        self.cluster, self.alias = cluster, control.tablet("app", "0", kind)
        uid = int(self.alias[-10:])
        self.name, self.mysql = f"vttablet-zone1-{uid}", f"mariadb-zone1-{uid}"
        ports = {service["name"]: service["ports"] for service in cluster.status()["services"]}
        self.tablet = tablets.Tablet(ports[self.name][0], tablets.topodata.TabletAlias(cell="zone1", uid=uid))

    def full(self):
        return self.tablet.call("FullStatus").status

    def waits(self):
        return self._said(lambda: self.full().semi_sync_primary_enabled)

    def acknowledges(self):
        return self._said(lambda: self.full().semi_sync_replica_enabled and self.full().semi_sync_replica_status)

    @staticmethod
    def _said(ask):
        try:
            return ask()
        except tablets.grpc.RpcError:
            return None  # it is just starting


def serves(cluster):
    try:
        return cluster.query("select 1 from dual") == ((1,),)
    except pymysql.MySQLError:
        return False


def test_tablets_that_start_hold_the_policy(cluster, control):
    primary, replica = Member(cluster, control, "primary"), Member(cluster, control, "replica")
    assert primary.waits() is False and not replica.full().semi_sync_replica_enabled
    control.run("SetKeyspaceDurabilityPolicy", "--durability-policy", "semi_sync", "app")
    for member in (replica, primary):
        cluster.kill9(member.name)
    until("the replica acknowledges", replica.acknowledges)
    until("the primary waits for it", primary.waits)
    until("the primary serves", lambda: serves(cluster))
    cluster.query("create table t (id bigint primary key)")  # which commits, and is acknowledged
    assert primary.full().semi_sync_primary_clients == 1
    # A server that comes back by itself gets it again.
    cluster.kill9(primary.mysql)
    until("the primary waits again", primary.waits)
    # SetWritable looks at the policy, too; nobody has said otherwise of this tablet.
    control.run("SetKeyspaceDurabilityPolicy", "--durability-policy", "none", "app")
    control.run("SetWritable", primary.alias, "true")
    assert primary.waits() is False
    cluster.kill9(replica.name)
    until("the replica does not acknowledge", lambda: replica.acknowledges() is False)


def test_what_somebody_asked_for_holds_over_the_policy(cluster, control):
    replica = Member(cluster, control, "replica")
    replica.tablet.call("StartReplication", semiSync=True)
    cluster.kill9(replica.mysql)
    until("the replica acknowledges", replica.acknowledges)
