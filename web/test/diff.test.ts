// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { diffLines, hunks } from "../src/diff";

function text(before: string, after: string): string {
  return diffLines(before, after).map((line) => line.kind + line.text).join("\n");
}

test("lines that went and came", () => {
  assert.equal(text("a\nb\nc", "a\nx\nc"), " a\n-b\n+x\n c");
  assert.equal(text("", "a"), "+a");
  assert.equal(text("a", ""), "-a");
  assert.equal(text("a\nb", "a\nb"), " a\n b");
});

test("a line that moved is told once each way", () => {
  assert.equal(text("a\nb\nc", "b\nc\na"), "-a\n b\n c\n+a");
});

test("both sides can be put together again from a diff of anything", () => {
  let state = 7;
  const random = (n: number) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  for (let round = 0; round < 200; round++) {
    const make = () => Array.from({ length: random(12) + 1 }, () => "abcd"[random(4)]!).join("\n");
    const [before, after] = [make(), make()];
    const lines = diffLines(before, after);
    assert.equal(lines.filter((line) => line.kind !== "+").map((line) => line.text).join("\n"), before);
    assert.equal(lines.filter((line) => line.kind !== "-").map((line) => line.text).join("\n"), after);
  }
});

test("what is alike far from changes is counted", () => {
  const before = Array.from({ length: 20 }, (_, i) => `${i}`).join("\n");
  const told = hunks(diffLines(before, before.replace("10", "ten")));
  assert.deepEqual([told[0], told[told.length - 1]], [{ skipped: 7 }, { skipped: 6 }]);
  assert.equal(told.length, 10);
});
