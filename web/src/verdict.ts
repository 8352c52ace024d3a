// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What pages say of tablets and shards: states with a word each, problems in sentences.
import { type ReplicationStatus, type Tablet, aliasText } from "./api";
import type { Keyspace, Shard } from "./cluster";
import type { Health } from "./live";

export type Level = "ok" | "warn" | "bad" | "idle";
export interface Verdict {
  level: Level;
  word: string;
  detail: string;
}

export const LAG_LIMIT = 30; // seconds; gates prefer replicas below it
const SERVING_TYPES = ["PRIMARY", "REPLICA", "RDONLY"];

// What failed, without gRPC's way of saying that something did.
function plain(error: string): string {
  return error.replace(/^(vttablet: )?rpc error: code = \w+ desc = /, "");
}

export function tabletVerdict(health: Health | undefined, known: boolean): Verdict {
  if (!health) return { level: "idle", word: known ? "not followed" : "asking", detail: "no word of its health yet" };
  if (!health.up) return { level: "bad", word: "down", detail: plain(health.error) || "its health stream ended" };
  if (!health.serving && SERVING_TYPES.includes(health.type))
    return { level: "bad", word: "not serving", detail: health.error };
  if (!health.serving) return { level: "idle", word: health.type.toLowerCase(), detail: health.error };
  if (health.error) return { level: "warn", word: "unwell", detail: health.error };
  if (health.lag > LAG_LIMIT) return { level: "warn", word: "lagging", detail: `${health.lag} s behind its primary` };
  return { level: "ok", word: "serving", detail: "" };
}

export interface Link {
  level: Level;
  word: string;
  detail: string;
}

// Whether a status tells anything: a tablet that could not be asked has an error in its place.
function toldStatus(status: ReplicationStatus | undefined): status is ReplicationStatus {
  return status !== undefined && (status.position !== "" || status.io_state !== 0 || status.source_host !== "");
}

const RUNNING = 3;

// How a replica follows its primary, by what its server says or, when that cannot be asked, by its health.
export function replicaLink(replica: Tablet, primary: Tablet | undefined, status: ReplicationStatus | undefined, health: Health | undefined): Link {
  if (!primary) return { level: "bad", word: "no source", detail: "the shard has no primary to follow" };
  if (health && !health.up) return { level: "bad", word: "silent", detail: `${aliasText(replica.alias)} does not answer: ${plain(health.error)}` };
  const lag = health?.up ? health.lag : undefined;
  if (toldStatus(status)) {
    const stopped = status.io_state !== RUNNING || status.sql_state !== RUNNING;
    const why = status.last_sql_error || status.last_io_error;
    if (stopped) return { level: "bad", word: "broken", detail: why || "replication does not run" };
    const elsewhere = status.source_port !== 0 && primary.mysql_port !== 0 && status.source_port !== primary.mysql_port;
    if (elsewhere) return { level: "bad", word: "errant", detail: `follows ${status.source_host}:${status.source_port}, which is not the primary` };
  } else if (health?.up && !health.serving) {
    return { level: "bad", word: "not serving", detail: health.error || "its server cannot be asked" };
  }
  const behind = lag ?? status?.replication_lag_seconds ?? 0;
  if (behind > LAG_LIMIT) return { level: "warn", word: `${behind} s behind`, detail: `more than ${LAG_LIMIT} s behind` };
  if (health === undefined) return { level: "idle", word: "not known", detail: "no word of its health yet" };
  return { level: "ok", word: behind === 0 ? "in step" : `${behind} s behind`, detail: "" };
}

export interface Problem {
  level: "warn" | "bad";
  text: string;
}

export function shardProblems(shard: Shard, tablets: ReadonlyMap<string, Health> | null): Problem[] {
  const problems: Problem[] = [];
  const bad = (text: string) => problems.push({ level: "bad", text });
  const recorded = shard.record?.primary_alias ? aliasText(shard.record.primary_alias) : "";
  const members = shard.tablets.map((tablet) => aliasText(tablet.alias));
  if (shard.tablets.length === 0) bad("has no tablets");
  else if (recorded === "") bad("has no primary");
  else if (!members.includes(recorded)) bad(`names ${recorded} its primary, which has no record`);
  if (tablets === null) return problems;
  const primaries = members.filter((alias) => {
    const health = tablets.get(alias);
    return health?.up && health.type === "PRIMARY";
  });
  if (primaries.length > 1) bad(`has ${primaries.length} tablets that call themselves primary: ${primaries.join(", ")}`);
  else if (primaries.length === 1 && recorded !== "" && primaries[0] !== recorded)
    bad(`records ${recorded} as its primary, but ${primaries[0]} serves as one`);
  for (const alias of members) {
    const verdict = tabletVerdict(tablets.get(alias), true);
    if (verdict.level !== "bad" && verdict.level !== "warn") continue;
    const role = alias === recorded ? "primary" : "tablet";
    problems.push({ level: verdict.level, text: `${role} ${alias} is ${verdict.word}${verdict.detail ? `: ${verdict.detail}` : ""}` });
  }
  return problems;
}

export function keyspaceKind(keyspace: Keyspace): string {
  if (keyspace.vschema?.sharded) return "sharded";
  return keyspace.shards.length > 1 ? "several shards, VSchema not sharded" : "unsharded";
}
