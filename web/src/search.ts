// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Everything that has a name, and how well it fits what was typed.
import { aliasText } from "./api";
import type { Keyspace } from "./cluster";
import { url } from "./router";

export interface Entry {
  kind: "keyspace" | "shard" | "tablet" | "table" | "vindex";
  name: string;
  where: string;
  href: string;
}

export function entriesOf(keyspaces: Keyspace[]): Entry[] {
  const out: Entry[] = [];
  for (const keyspace of keyspaces) {
    const { name } = keyspace;
    out.push({ kind: "keyspace", name, where: "", href: url("keyspace", name) });
    for (const shard of keyspace.shards) {
      out.push({ kind: "shard", name: `${name}/${shard.name}`, where: "", href: url("shard", name, shard.name) });
      for (const tablet of shard.tablets) {
        const alias = aliasText(tablet.alias);
        out.push({ kind: "tablet", name: alias, where: `${name}/${shard.name} ${tablet.type.toLowerCase()} on ${tablet.hostname}`, href: url("tablet", alias) });
      }
    }
    for (const table of Object.keys(keyspace.vschema?.tables ?? {}))
      out.push({ kind: "table", name: table, where: name, href: `${url("keyspace", name, "schema")}?table=${encodeURIComponent(table)}` });
    for (const [vindex, { type }] of Object.entries(keyspace.vschema?.vindexes ?? {}))
      out.push({ kind: "vindex", name: vindex, where: `${type} in ${name}`, href: url("keyspace", name, "vschema") });
  }
  return out;
}

// Smaller fits better; null does not fit. The name itself, its beginning, the beginning of a word in it, any part; then what is said beside it.
export function fit(entry: Entry, query: string): number | null {
  const name = entry.name.toLowerCase();
  const at = name.indexOf(query);
  if (name === query) return 0;
  if (at === 0) return 1;
  if (at > 0) return /[^a-z0-9]/.test(name[at - 1]!) ? 2 : 3;
  return `${entry.kind} ${entry.where}`.toLowerCase().includes(query) ? 4 : null;
}

const MOST = 100;

// Every word that was typed must fit; what fits best comes first.
export function search(entries: Entry[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return [];
  const found: { entry: Entry; rank: number }[] = [];
  for (const entry of entries) {
    const ranks = words.map((word) => fit(entry, word));
    if (ranks.every((rank) => rank !== null)) found.push({ entry, rank: ranks.reduce<number>((sum, rank) => sum + rank!, 0) });
  }
  return found.sort((a, b) => a.rank - b.rank || (a.entry.name < b.entry.name ? -1 : 1)).slice(0, MOST).map(({ entry }) => entry);
}
