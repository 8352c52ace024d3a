// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls of vtctld's operations, and the parts of their answers that pages read. Names are those of the .proto files;
// 64-bit numbers are strings.

export class ApiError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

// What went wrong, whatever was thrown.
export function asError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError("UNAVAILABLE", `vtctld did not answer: ${text}`);
}

async function answer<T>(response: Response): Promise<T> {
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const error = body?.error;
  throw new ApiError(error?.code ?? "UNKNOWN", error?.message ?? `vtctld answered ${response.status}`);
}

export async function call<T>(method: string, request: object = {}): Promise<T> {
  const response = await fetch(`/api/vtctld/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Tessera": "1" },
    body: JSON.stringify(request),
  });
  return answer<T>(response);
}

export interface Session {
  user: string;
  read_only: boolean;
  cell: string;
}
export async function session(): Promise<Session> {
  return answer<Session>(await fetch("/api/session"));
}

export interface Alias {
  cell: string;
  uid: number;
}
export interface VtTime {
  seconds: string;
}
export interface Tablet {
  alias: Alias;
  hostname: string;
  port_map: Record<string, number>;
  keyspace: string;
  shard: string;
  type: string;
  mysql_hostname: string;
  mysql_port: number;
  primary_term_start_time: VtTime | null;
  tags: Record<string, string>;
}
export interface KeyspaceRecord {
  name: string;
  keyspace: { durability_policy: string; sidecar_db_name: string; keyspace_type: string; base_keyspace: string };
}
export interface ShardRecord {
  keyspace: string;
  name: string;
  shard: { primary_alias: Alias | null; primary_term_start_time: VtTime | null; is_primary_serving: boolean } | null;
}
export interface ColumnVindex {
  column: string;
  name: string;
  columns: string[];
}
export interface VSchema {
  sharded: boolean;
  vindexes: Record<string, { type: string; params: Record<string, string>; owner: string }>;
  tables: Record<string, { type: string; column_vindexes: ColumnVindex[]; auto_increment: { column: string; sequence: string } | null }>;
}
export interface ReplicationStatus {
  position: string;
  replication_lag_seconds: number;
  replication_lag_unknown: boolean;
  source_host: string;
  source_port: number;
  io_state: number;
  sql_state: number;
  last_io_error: string;
  last_sql_error: string;
}
export interface Field {
  name: string;
  type: string;
  column_type: string;
}
export interface TableDefinition {
  name: string;
  schema: string;
  columns: string[];
  primary_key_columns: string[];
  type: string;
  data_length: string;
  row_count: string;
  fields: Field[];
}
export interface TopologyCell {
  name: string;
  path: string;
  data: string;
  children: string[];
  version: string;
}

// "zone1-0000000100"
export function aliasText(alias: Alias): string {
  return `${alias.cell}-${String(alias.uid).padStart(10, "0")}`;
}

export function parseAlias(text: string): Alias {
  const dash = text.lastIndexOf("-");
  return { cell: text.slice(0, dash), uid: Number(text.slice(dash + 1)) };
}
