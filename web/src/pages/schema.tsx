// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type TableDefinition, aliasText, call, parseAlias } from "../api";
import { cluster } from "../cluster";
import { navigate, url } from "../router";
import { useStore } from "../store";
import { Failure, Page, Panel, Waiting, useLoaded } from "../ui";
import { Missing } from "./missing";

function bytes(text: string): string {
  let size = Number(text);
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (size < 1024) return `${unit === "B" ? size : size.toFixed(1)} ${unit}`;
    size /= 1024;
  }
  return `${size.toFixed(1)} TiB`;
}

// "bigint(20) NOT NULL": a column as the server itself would make it, out of a line of the create statement.
function definitionOf(table: TableDefinition, column: string): string {
  const start = `\`${column.replaceAll("`", "``")}\` `;
  const line = table.schema.split("\n").map((one) => one.trim()).find((one) => one.startsWith(start));
  return line?.slice(start.length).replace(/,$/, "") ?? "";
}

function Columns({ table }: { table: TableDefinition }) {
  return (
    <div class="scroll">
      <table>
        <thead><tr><th scope="col">Column</th><th scope="col">Definition</th><th scope="col">Primary key</th></tr></thead>
        <tbody>
          {table.columns.map((name) => {
            const field = table.fields.find((one) => one.name === name);
            const at = table.primary_key_columns.indexOf(name);
            return (
              <tr key={name}>
                <th scope="row" class="mono">{name}</th>
                <td class="mono">{definitionOf(table, name) || field?.column_type || field?.type.toLowerCase() || "–"}</td>
                <td>{at < 0 ? <span class="quiet">–</span> : table.primary_key_columns.length > 1 ? `part ${at + 1}` : "yes"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Detail({ table }: { table: TableDefinition }) {
  return (
    <Panel title={table.name} note={<span>{Number(table.row_count).toLocaleString("en")} rows, {bytes(table.data_length)}</span>}>
      <Columns table={table} />
      <pre class="code-block" tabIndex={0} aria-label="Create statement">{table.schema}</pre>
    </Panel>
  );
}

// The tablets of a keyspace, to read the schema of: primaries first, for they have it first.
function choices(keyspace: string): { alias: string; label: string }[] {
  const found = cluster.get().keyspaces?.find((one) => one.name === keyspace);
  const all = (found?.shards ?? []).flatMap((shard) =>
    shard.tablets.map((tablet) => ({ alias: aliasText(tablet.alias), label: `${shard.name}  ${tablet.type.toLowerCase()}  ${aliasText(tablet.alias)}`, primary: tablet.type === "PRIMARY" })));
  return all.sort((a, b) => Number(b.primary) - Number(a.primary));
}

function Tables({ keyspace, tablet, table }: { keyspace: string; tablet: string; table: string }) {
  const [filter, setFilter] = useState("");
  const ask = { tablet_alias: parseAlias(tablet), include_views: true };
  const schema = useLoaded(() => call<{ schema: { table_definitions: TableDefinition[] } }>("GetSchema", ask), [tablet]);
  if (schema.error) return <Failure error={schema.error} what={`${tablet} did not tell its schema`} />;
  if (!schema.value) return <Waiting />;
  const all = schema.value.schema.table_definitions;
  const shown = all.filter((one) => one.name.toLowerCase().includes(filter.toLowerCase()));
  const chosen = all.find((one) => one.name === table) ?? (table === "" ? all[0] : undefined);
  const base = `${url("keyspace", keyspace, "schema")}?tablet=${encodeURIComponent(tablet)}`;
  return (
    <div class="split">
      <nav class="list" aria-label="Tables">
        <input type="search" placeholder={`Filter ${all.length} tables`} aria-label="Filter tables" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        <ul>
          {shown.map((one) => (
            <li key={one.name}>
              <a class="mono" href={`${base}&table=${encodeURIComponent(one.name)}`} aria-current={one === chosen ? "true" : undefined}>{one.name}</a>
              {one.type === "VIEW" && <span class="quiet small"> view</span>}
            </li>
          ))}
        </ul>
      </nav>
      <div>{chosen ? <Detail table={chosen} /> : <p class="quiet">{table ? `There is no table ${table} on ${tablet}.` : "There are no tables."}</p>}</div>
    </div>
  );
}

export function Schema({ keyspace, tablet, table }: { keyspace: string; tablet: string; table: string }) {
  const { keyspaces } = useStore(cluster);
  const crumbs = [{ text: "Cluster", href: "/" }, { text: keyspace, href: url("keyspace", keyspace) }];
  if (keyspaces === null) return <Page kind="Schema of" title={keyspace} crumbs={crumbs}><Waiting /></Page>;
  if (!keyspaces.some((one) => one.name === keyspace)) return <Missing what={`Keyspace ${keyspace}`} />;
  const tablets = choices(keyspace);
  const chosen = tablet || tablets[0]?.alias || "";
  const choose = (alias: string) =>
    navigate(`${url("keyspace", keyspace, "schema")}?tablet=${encodeURIComponent(alias)}${table ? `&table=${encodeURIComponent(table)}` : ""}`);
  const select = (
    <label>As it is on <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
      {tablets.map((one) => <option key={one.alias} value={one.alias}>{one.label}</option>)}
    </select></label>
  );
  return (
    <Page kind="Schema of" title={keyspace} crumbs={crumbs} tools={tablets.length > 0 && select}>
      {chosen ? <Tables keyspace={keyspace} tablet={chosen} table={table} /> : <p class="quiet">The keyspace has no tablets to ask.</p>}
    </Page>
  );
}
