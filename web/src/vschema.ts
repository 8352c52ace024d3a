// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

// Maps whose entries mean something even when they are empty: a table without a word is still a table.
const MAPS = new Set(["vindexes", "tables", "params"]);

function isEmpty(value: Json): boolean {
  if (value === null || value === false || value === "" || value === 0 || value === "unspecified" || value === "NULL_TYPE") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

// A VSchema as people write it: fields that say nothing are left out.
export function compact(value: Json, isMap = false): Json {
  if (Array.isArray(value)) return value.map((item) => compact(item));
  if (value === null || typeof value !== "object") return value;
  const out: { [name: string]: Json } = {};
  for (const [name, item] of Object.entries(value)) {
    const small = compact(item, !isMap && MAPS.has(name));
    if (isMap || name === "nullable" || !isEmpty(small)) out[name] = small;
  }
  return out;
}

export function vschemaText(value: unknown): string {
  return JSON.stringify(compact(value as Json), null, 2);
}
