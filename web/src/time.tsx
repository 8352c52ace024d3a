// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { useEffect } from "preact/hooks";
import { relative } from "./relative";
import { Store, useStore } from "./store";

const now = new Store(Date.now());
setInterval(() => {
  if (!document.hidden) now.set(Date.now());
}, 5000);

// A moment in words, with the clock's on hover. `at` is in milliseconds since 1970.
export function When({ at }: { at: number }) {
  const date = new Date(at);
  const current = useStore(now);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {relative(at, Math.max(current, at))}
    </time>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tessera`;
  }, [title]);
}
