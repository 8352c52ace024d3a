// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { aliasText } from "../api";
import { type Keyspace, type Shard, cluster } from "../cluster";
import { type Health, live } from "../live";
import { url } from "../router";
import { useStore } from "../store";
import { When } from "../time";
import { AliasLink, Page, Panel, Problems, State, Waiting } from "../ui";
import { keyspaceKind, shardProblems, tabletVerdict } from "../verdict";

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

// One shard's tablets, the shard's name beside all of them.
export function ShardRows({ keyspace, shard, tablets }: { keyspace: string; shard: Shard; tablets: ReadonlyMap<string, Health> | null }) {
  const name = (
    <th scope="rowgroup" rowSpan={Math.max(1, shard.tablets.length)}>
      <a class="mono" href={url("shard", keyspace, shard.name)}>{shard.name}</a>
    </th>
  );
  if (shard.tablets.length === 0) return <tbody><tr>{name}<td colSpan={6} class="quiet">no tablets</td></tr></tbody>;
  return (
    <tbody>
      {shard.tablets.map((tablet, i) => {
        const health = tablets?.get(aliasText(tablet.alias));
        const up = health?.up ?? false;
        return (
          <tr key={aliasText(tablet.alias)}>
            {i === 0 && name}
            <td><AliasLink alias={tablet.alias} /></td>
            <td class={`type ${(health?.type ?? tablet.type) === "PRIMARY" ? "strong" : ""}`}>{(health?.type ?? tablet.type).toLowerCase()}</td>
            <td><State verdict={tabletVerdict(health, tablets !== null)} /></td>
            <td class="number">{up && health!.type !== "PRIMARY" ? `${health!.lag} s` : <span class="quiet">–</span>}</td>
            <td class="number">{up ? number(health!.qps) : <span class="quiet">–</span>}</td>
            <td class="quiet since">{health ? <When at={health.since * 1000} /> : "–"}</td>
          </tr>
        );
      })}
    </tbody>
  );
}

export function TabletTable({ keyspace, shards }: { keyspace: string; shards: Shard[] }) {
  const { tablets } = useStore(live);
  return (
    <div class="scroll">
      <table class="tablets">
        <thead>
          <tr>
            <th scope="col">Shard</th><th scope="col">Tablet</th><th scope="col">Type</th><th scope="col">State</th>
            <th scope="col" class="number">Lag</th><th scope="col" class="number">Queries/s</th><th scope="col" title="As far as this vtctld has followed it">Since</th>
          </tr>
        </thead>
        {shards.map((shard) => <ShardRows key={shard.name} keyspace={keyspace} shard={shard} tablets={tablets} />)}
      </table>
    </div>
  );
}

export function KeyspaceLinks({ keyspace }: { keyspace: string }) {
  return (
    <>
      <a href={url("keyspace", keyspace, "vschema")}>VSchema</a>
      <a href={url("keyspace", keyspace, "schema")}>Schema</a>
    </>
  );
}

function KeyspaceSection({ keyspace }: { keyspace: Keyspace }) {
  const shards = keyspace.shards.length;
  return (
    <section class="panel" aria-label={`Keyspace ${keyspace.name}`}>
      <header>
        <h2><a href={url("keyspace", keyspace.name)}>{keyspace.name}</a></h2>
        <div class="note">
          <span>{keyspaceKind(keyspace)}, {shards} {shards === 1 ? "shard" : "shards"}</span>
          <KeyspaceLinks keyspace={keyspace.name} />
        </div>
      </header>
      <TabletTable keyspace={keyspace.name} shards={keyspace.shards} />
    </section>
  );
}

function Summary({ keyspaces, tablets }: { keyspaces: Keyspace[]; tablets: ReadonlyMap<string, Health> | null }) {
  const shards = keyspaces.flatMap((keyspace) => keyspace.shards);
  const all = shards.flatMap((shard) => shard.tablets);
  const serving = all.filter((tablet) => tablets?.get(aliasText(tablet.alias))?.serving).length;
  const qps = [...(tablets?.values() ?? [])].reduce((sum, health) => sum + (health.up ? health.qps : 0), 0);
  return (
    <ul class="summary">
      <li><b>{keyspaces.length}</b> {keyspaces.length === 1 ? "keyspace" : "keyspaces"}</li>
      <li><b>{shards.length}</b> {shards.length === 1 ? "shard" : "shards"}</li>
      <li><b>{tablets === null ? "–" : serving}</b> of <b>{all.length}</b> tablets serve</li>
      <li><b>{number(qps)}</b> queries/s</li>
    </ul>
  );
}

export function Overview() {
  const { keyspaces } = useStore(cluster);
  const { tablets } = useStore(live);
  if (keyspaces === null) return <Page title="Cluster"><Waiting /></Page>;
  const problems = keyspaces.flatMap((keyspace) =>
    keyspace.shards.flatMap((shard) =>
      shardProblems(shard, tablets).map((problem) => ({
        problem, where: `${keyspace.name}/${shard.name}`, href: url("shard", keyspace.name, shard.name),
      }))));
  return (
    <Page title="Cluster" tools={<Summary keyspaces={keyspaces} tablets={tablets} />}>
      <Problems list={problems} />
      {keyspaces.length === 0 && (
        <Panel title="No keyspaces"><p class="quiet">The topology has none yet: <code>vtctldclient CreateKeyspace</code> makes one.</p></Panel>
      )}
      {keyspaces.map((keyspace) => <KeyspaceSection key={keyspace.name} keyspace={keyspace} />)}
    </Page>
  );
}
