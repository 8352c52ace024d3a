// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Keyspaces, shards and tablets as recorded, read again every ten seconds.
import { type ApiError, type KeyspaceRecord, type ShardRecord, type Tablet, type VSchema, aliasText, asError, call } from "./api";
import { Store, whileVisible } from "./store";

export interface Shard {
  name: string;
  record: ShardRecord["shard"];
  tablets: Tablet[]; // the primary first
}
export interface Keyspace {
  name: string;
  record: KeyspaceRecord["keyspace"];
  vschema: VSchema | null;
  shards: Shard[];
}
export interface Cluster {
  keyspaces: Keyspace[] | null; // null until read
  error: ApiError | null; // of the last reading
}

export const cluster = new Store<Cluster>({ keyspaces: null, error: null });

// At most so many calls at once: a browser has six connections to a server, and one of them listens.
async function mapFew<T, U>(items: T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results = new Array<U>(items.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all([worker(), worker(), worker()]);
  return results;
}

const TYPE_ORDER = ["PRIMARY", "REPLICA", "RDONLY"];
function typeRank(type: string): number {
  const at = TYPE_ORDER.indexOf(type);
  return at < 0 ? TYPE_ORDER.length : at;
}

// Key ranges in their order: "-80" before "80-".
export function compareShards(a: string, b: string): number {
  const start = (name: string) => (name.includes("-") ? name.slice(0, name.indexOf("-")) : name);
  return start(a) < start(b) ? -1 : start(a) > start(b) ? 1 : a < b ? -1 : 1;
}

function tabletsOf(tablets: Tablet[], keyspace: string, shard: string): Tablet[] {
  return tablets
    .filter((tablet) => tablet.keyspace === keyspace && tablet.shard === shard)
    .sort((a, b) => typeRank(a.type) - typeRank(b.type) || (aliasText(a.alias) < aliasText(b.alias) ? -1 : 1));
}

async function readKeyspace(record: KeyspaceRecord, tablets: Tablet[]): Promise<Keyspace> {
  const name = record.name;
  const found = await call<{ shards: Record<string, ShardRecord> }>("FindAllShardsInKeyspace", { keyspace: name });
  const vschema = await call<{ v_schema: VSchema }>("GetVSchema", { keyspace: name }).catch(() => null);
  const shards = Object.entries(found.shards)
    .sort(([a], [b]) => compareShards(a, b))
    .map(([shard, value]) => ({ name: shard, record: value.shard, tablets: tabletsOf(tablets, name, shard) }));
  return { name, record: record.keyspace, vschema: vschema?.v_schema ?? null, shards };
}

export async function readCluster(): Promise<void> {
  try {
    const [{ keyspaces }, { tablets }] = await Promise.all([
      call<{ keyspaces: KeyspaceRecord[] }>("GetKeyspaces"),
      call<{ tablets: Tablet[] }>("GetTablets"),
    ]);
    cluster.set({ keyspaces: await mapFew(keyspaces, (record) => readKeyspace(record, tablets)), error: null });
  } catch (thrown) {
    cluster.set({ ...cluster.get(), error: asError(thrown) });
  }
}

export function followCluster(): () => void {
  return whileVisible(10, readCluster);
}
