// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// How long ago it was, in words. Both are in milliseconds since 1970.
export function relative(then: number, at: number): string {
  const seconds = Math.round((at - then) / 1000);
  const unit = (n: number, name: string) => `${n} ${name} ago`;
  if (seconds < 5) return "just now";
  if (seconds < 60) return unit(seconds, "s");
  if (seconds < 3600) return unit(Math.floor(seconds / 60), "min");
  if (seconds < 86400) return unit(Math.floor(seconds / 3600), "h");
  return unit(Math.floor(seconds / 86400), "d");
}
