// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";
import { type ReplicationStatus, type Tablet, aliasText, call } from "../api";
import { cluster } from "../cluster";
import { Graph } from "../graph";
import { live } from "../live";
import { url } from "../router";
import { useStore, whileVisible } from "../store";
import { When } from "../time";
import { AliasLink, Facts, Page, Panel, Problems, State, Waiting } from "../ui";
import { replicaLink, shardProblems } from "../verdict";
import { Missing } from "./missing";
import { TabletTable } from "./overview";

function useStatuses(keyspace: string, shard: string): Record<string, ReplicationStatus> {
  const [statuses, setStatuses] = useState<Record<string, ReplicationStatus>>({});
  useEffect(() => whileVisible(5, async () => {
    const answer = await call<{ replication_statuses: Record<string, ReplicationStatus> }>("ShardReplicationPositions", { keyspace, shard })
      .catch(() => null);
    if (answer) setStatuses(answer.replication_statuses);
  }), [keyspace, shard]);
  return statuses;
}

function Positions({ primary, replicas, statuses }: { primary: Tablet | undefined; replicas: Tablet[]; statuses: Record<string, ReplicationStatus> }) {
  const { tablets } = useStore(live);
  const rows = [...(primary ? [primary] : []), ...replicas];
  return (
    <div class="scroll">
      <table>
        <thead><tr><th scope="col">Tablet</th><th scope="col">Link</th><th scope="col">Source</th><th scope="col">Position</th></tr></thead>
        <tbody>
          {rows.map((tablet) => {
            const alias = aliasText(tablet.alias);
            const status = statuses[alias];
            const link = tablet === primary ? { level: "ok" as const, word: "the source", detail: "" } : replicaLink(tablet, primary, status, tablets?.get(alias));
            return (
              <tr key={alias}>
                <th scope="row"><AliasLink alias={tablet.alias} /></th>
                <td><State verdict={link} />{link.detail && <div class="quiet small">{link.detail}</div>}</td>
                <td class="mono">{status?.source_host ? `${status.source_host}:${status.source_port}` : <span class="quiet">–</span>}</td>
                <td class="mono position">{status?.position || <span class="quiet">{status?.last_io_error || "not told"}</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function ShardPage({ keyspace, shard: name }: { keyspace: string; shard: string }) {
  const { keyspaces } = useStore(cluster);
  const { tablets } = useStore(live);
  const statuses = useStatuses(keyspace, name);
  const shard = keyspaces?.find((one) => one.name === keyspace)?.shards.find((one) => one.name === name);
  const crumbs = [{ text: "Cluster", href: "/" }, { text: keyspace, href: url("keyspace", keyspace) }];
  if (keyspaces === null) return <Page kind="Shard" title={`${keyspace}/${name}`} crumbs={crumbs}><Waiting /></Page>;
  if (!shard) return <Missing what={`Shard ${keyspace}/${name}`} />;
  const recorded = shard.record?.primary_alias ? aliasText(shard.record.primary_alias) : "";
  const primary = shard.tablets.find((tablet) => aliasText(tablet.alias) === recorded);
  const replicas = shard.tablets.filter((tablet) => tablet !== primary);
  const term = Number(shard.record?.primary_term_start_time?.seconds ?? 0);
  return (
    <Page kind="Shard" title={`${keyspace}/${name}`} crumbs={crumbs}>
      <Problems list={shardProblems(shard, tablets).map((problem) => ({ problem }))} />
      <Panel title="Replication"><Graph primary={primary} replicas={replicas} statuses={statuses} tablets={tablets} /></Panel>
      <Panel title="Positions"><Positions primary={primary} replicas={replicas} statuses={statuses} /></Panel>
      <Panel title="Tablets"><TabletTable keyspace={keyspace} shards={[shard]} /></Panel>
      <Panel title="Record" note={<a href={url("topology", "global", "keyspaces", keyspace, "shards", name, "Shard")}>in the topology</a>}>
        <Facts facts={[
          ["Primary", recorded ? <AliasLink alias={shard.record!.primary_alias!} /> : ""],
          ["Primary since", term ? <When at={term * 1000} /> : ""],
          ["Primary serves", shard.record?.is_primary_serving ? "yes" : "no"],
        ]} />
      </Panel>
    </Page>
  );
}
