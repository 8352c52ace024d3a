// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The live health of all tablets, as vtctld tells it.
import { listen } from "./events";
import { Store } from "./store";

export interface Health {
  alias: string;
  keyspace: string;
  shard: string;
  type: string;
  hostname: string;
  up: boolean; // its health stream is alive
  serving: boolean;
  error: string;
  lag: number; // seconds
  qps: number;
  term: number; // seconds since 1970; 0 unless primary
  since: number; // of its state, seconds since 1970
}

export interface Live {
  connected: boolean;
  tablets: ReadonlyMap<string, Health> | null; // null until the first word
}

export const live = new Store<Live>({ connected: false, tablets: null });

export function followHealth(): () => void {
  const onData = (data: string) => {
    const event = JSON.parse(data) as { all: boolean; tablets: Health[] };
    const tablets = new Map(event.all ? [] : live.get().tablets);
    for (const health of event.tablets) tablets.set(health.alias, health);
    live.set({ connected: true, tablets });
  };
  return listen("/api/health/stream", onData, (connected) => live.set({ ...live.get(), connected }));
}
