// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { aliasText } from "../api";
import { cluster } from "../cluster";
import { live } from "../live";
import { url } from "../router";
import { useStore } from "../store";
import { Facts, Page, Panel, Problems, Waiting } from "../ui";
import { keyspaceKind, shardProblems } from "../verdict";
import { Missing } from "./missing";
import { KeyspaceLinks, TabletTable } from "./overview";

// The tables of a keyspace by how their rows are placed.
function Placement({ keyspace }: { keyspace: string }) {
  const vschema = useStore(cluster).keyspaces?.find((one) => one.name === keyspace)?.vschema;
  const tables = Object.entries(vschema?.tables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (tables.length === 0) return <p class="quiet">The VSchema names no tables.</p>;
  return (
    <div class="scroll">
      <table>
        <thead><tr><th scope="col">Table</th><th scope="col">Placed by</th><th scope="col">Vindex</th><th scope="col">Sequence</th></tr></thead>
        <tbody>
          {tables.map(([name, table]) => {
            const primary = table.column_vindexes[0];
            const columns = primary ? (primary.column ? [primary.column] : primary.columns) : [];
            const type = primary ? vschema?.vindexes[primary.name]?.type : "";
            return (
              <tr key={name}>
                <th scope="row"><a class="mono" href={`${url("keyspace", keyspace, "schema")}?table=${encodeURIComponent(name)}`}>{name}</a></th>
                <td class="mono">{columns.join(", ") || <span class="quiet">{table.type || "the keyspace's shard"}</span>}</td>
                <td>{primary ? <><span class="mono">{primary.name}</span>{type && type !== primary.name && <span class="quiet"> {type}</span>}</> : <span class="quiet">–</span>}</td>
                <td class="mono">{table.auto_increment ? `${table.auto_increment.column} ← ${table.auto_increment.sequence}` : <span class="quiet">–</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function Keyspace({ keyspace: name }: { keyspace: string }) {
  const { keyspaces } = useStore(cluster);
  const { tablets } = useStore(live);
  const keyspace = keyspaces?.find((one) => one.name === name);
  if (keyspaces === null) return <Page kind="Keyspace" title={name}><Waiting /></Page>;
  if (!keyspace) return <Missing what={`Keyspace ${name}`} />;
  const problems = keyspace.shards.flatMap((shard) =>
    shardProblems(shard, tablets).map((problem) => ({ problem, where: shard.name, href: url("shard", name, shard.name) })));
  return (
    <Page kind="Keyspace" title={name} crumbs={[{ text: "Cluster", href: "/" }]} tools={<KeyspaceLinks keyspace={name} />}>
      <Problems list={problems} />
      <Panel title="Tablets"><TabletTable keyspace={name} shards={keyspace.shards} /></Panel>
      <Panel title="Tables by the VSchema"><Placement keyspace={name} /></Panel>
      <Panel title="Record" note={<a href={url("topology", "global", "keyspaces", name, "Keyspace")}>in the topology</a>}>
        <Facts facts={[
          ["Kind", keyspaceKind(keyspace)],
          ["Durability policy", keyspace.record.durability_policy || "none"],
          ["Sidecar database", <span class="mono">{keyspace.record.sidecar_db_name || "_vt"}</span>],
          ["Snapshot of", keyspace.record.base_keyspace],
          ["Shards", `${keyspace.shards.length}`],
          ["Primaries", keyspace.shards.map((shard) => (shard.record?.primary_alias ? aliasText(shard.record.primary_alias) : "none")).join(", ")],
        ]} />
      </Panel>
    </Page>
  );
}
