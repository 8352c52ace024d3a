// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReplicationStatus, Tablet } from "../src/api";
import type { Health } from "../src/live";
import { replicaLink, shardProblems, tabletVerdict } from "../src/verdict";

function health(uid: number, changes: Partial<Health> = {}): Health {
  const alias = `zone1-${String(uid).padStart(10, "0")}`;
  return { alias, keyspace: "ks", shard: "0", type: "REPLICA", hostname: "h", up: true, serving: true, error: "", lag: 0, qps: 1, term: 0, since: 1, ...changes };
}
function tablet(uid: number, type = "REPLICA"): Tablet {
  return { alias: { cell: "zone1", uid }, hostname: "h", port_map: {}, keyspace: "ks", shard: "0", type, mysql_hostname: "h", mysql_port: 3000 + uid, primary_term_start_time: null, tags: {} };
}
function status(changes: Partial<ReplicationStatus> = {}): ReplicationStatus {
  return { position: "MariaDB/0-1-5", replication_lag_seconds: 0, replication_lag_unknown: false, source_host: "h", source_port: 3001, io_state: 3, sql_state: 3, last_io_error: "", last_sql_error: "", ...changes };
}
const shard = (primary: number | null, ...tablets: Tablet[]) => ({
  name: "0", tablets, record: { primary_alias: primary === null ? null : { cell: "zone1", uid: primary }, primary_term_start_time: null, is_primary_serving: true },
});
const told = (...list: Health[]) => new Map(list.map((one) => [one.alias, one]));

test("tablets", () => {
  assert.equal(tabletVerdict(health(1), true).word, "serving");
  assert.equal(tabletVerdict(health(1, { up: false, error: "refused" }), true).detail, "refused");
  assert.equal(tabletVerdict(health(1, { serving: false }), true).level, "bad");
  assert.equal(tabletVerdict(health(1, { serving: false, type: "BACKUP" }), true).level, "idle");
  assert.equal(tabletVerdict(health(1, { lag: 31 }), true).word, "lagging");
  assert.equal(tabletVerdict(undefined, false).word, "asking");
});

test("links", () => {
  const [primary, replica] = [tablet(1, "PRIMARY"), tablet(2)];
  assert.equal(replicaLink(replica, primary, status(), health(2)).word, "in step");
  assert.equal(replicaLink(replica, primary, status({ sql_state: 1, last_sql_error: "duplicate key" }), health(2)).detail, "duplicate key");
  assert.equal(replicaLink(replica, primary, status({ source_port: 9 }), health(2)).word, "errant");
  assert.equal(replicaLink(replica, primary, status(), health(2, { up: false })).word, "silent");
  assert.equal(replicaLink(replica, undefined, status(), health(2)).word, "no source");
  // A status that could not be read says nothing of replication.
  const unread = status({ position: "", io_state: 0, sql_state: 0, source_host: "", last_io_error: "unknown method" });
  assert.equal(replicaLink(replica, primary, unread, health(2)).level, "ok");
});

test("shards", () => {
  const words = (...args: Parameters<typeof shardProblems>) => shardProblems(...args).map((problem) => problem.text).join("; ");
  const all = shard(1, tablet(1, "PRIMARY"), tablet(2));
  assert.equal(words(all, told(health(1, { type: "PRIMARY" }), health(2))), "");
  assert.match(words(all, told(health(1, { type: "PRIMARY" }), health(2, { type: "PRIMARY" }))), /2 tablets that call themselves primary/);
  assert.match(words(all, told(health(1), health(2, { type: "PRIMARY" }))), /records zone1-0000000001 as its primary, but zone1-0000000002/);
  assert.match(words(shard(null, tablet(1)), told(health(1))), /has no primary/);
  assert.match(words(shard(7, tablet(1)), told(health(1))), /which has no record/);
  assert.match(words(shard(null), null), /has no tablets/);
  assert.match(words(all, told(health(1, { type: "PRIMARY", up: false, error: "gone" }), health(2))), /primary zone1-0000000001 is down: gone/);
});
