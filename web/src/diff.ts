// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

export interface DiffLine {
  kind: " " | "+" | "-";
  text: string;
}

// The longest common subsequence's lengths, for the middle that differs.
function lengths(a: string[], b: string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i]!;
    const below = table[i + 1]!;
    for (let j = b.length - 1; j >= 0; j--)
      row[j] = a[i] === b[j] ? below[j + 1]! + 1 : Math.max(below[j]!, row[j + 1]!);
  }
  return table;
}

const LARGEST = 4_000_000; // cells of the table; above it the whole middle is told as replaced

function middle(a: string[], b: string[]): DiffLine[] {
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  if (a.length * b.length <= LARGEST) {
    const table = lengths(a, b);
    while (i < a.length && j < b.length) {
      if (a[i] === b[j]) {
        out.push({ kind: " ", text: a[i]! });
        i++;
        j++;
      } else if (table[i + 1]![j]! >= table[i]![j + 1]!) out.push({ kind: "-", text: a[i++]! });
      else out.push({ kind: "+", text: b[j++]! });
    }
  }
  while (i < a.length) out.push({ kind: "-", text: a[i++]! });
  while (j < b.length) out.push({ kind: "+", text: b[j++]! });
  return out;
}

// What turns one text into the other, line by line.
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before === "" ? [] : before.split("\n");
  const b = after === "" ? [] : after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const same = (text: string): DiffLine => ({ kind: " ", text });
  return [
    ...a.slice(0, start).map(same),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

// The changes with three lines around each; what lies between is told by its number of lines.
export function hunks(lines: DiffLine[]): (DiffLine | { skipped: number })[] {
  const AROUND = 3;
  const near = new Array<boolean>(lines.length).fill(false);
  lines.forEach((line, i) => {
    if (line.kind === " ") return;
    for (let k = Math.max(0, i - AROUND); k <= Math.min(lines.length - 1, i + AROUND); k++) near[k] = true;
  });
  const out: (DiffLine | { skipped: number })[] = [];
  lines.forEach((line, i) => {
    const last = out[out.length - 1];
    if (near[i]) out.push(line);
    else if (last && "skipped" in last) last.skipped++;
    else out.push({ skipped: 1 });
  });
  return out;
}
