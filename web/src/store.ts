// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "preact/hooks";

// A value and those who want to hear when it is another.
export class Store<T> {
  private listeners = new Set<() => void>();
  constructor(private value: T) {}
  get(): T {
    return this.value;
  }
  set(value: T): void {
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => store.subscribe(() => redraw((n) => n + 1)), [store]);
  return store.get();
}

// Runs `work` now and every so often, while the page is looked at. Gives the function that ends it.
export function whileVisible(seconds: number, work: () => Promise<void>): () => void {
  let timer = 0;
  let running = false;
  let ended = false;
  const run = async () => {
    clearTimeout(timer);
    if (running || document.hidden) return;
    running = true;
    await work();
    running = false;
    if (!ended) timer = setTimeout(run, seconds * 1000);
  };
  const onVisible = () => void run();
  document.addEventListener("visibilitychange", onVisible);
  void run();
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
