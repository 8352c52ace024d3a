#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes src/vindex/unicode_weights.gen.cc, the primary collation weights behind unicode_loose_*.

usage: unicode_weights.py WEIGHTS.tsv > src/vindex/unicode_weights.gen.cc

WEIGHTS.tsv holds the root collation of Unicode 6.2 (as Go's x/text/collate has it), tab-separated, with a header:
kind ("cp" or "contraction"), code points in hex, primary weights in hex (empty: ignorable), and a note with "ccc=N"
for combining marks and "starts_contraction". These weights are frozen: stored keyspace ids depend on them.
"""
import re
import sys

EXPANSION, HAS_CLASS, STARTS_CONTRACTION = 1 << 31, 1 << 30, 1 << 29


def numbers(name, ctype, values):
    lines = [f"const {ctype} {name}[] = {{"]
    line = "   "
    for value in values:
        text = f" {value},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    lines += [line, "};", f"const size_t {name}Size = std::size({name});"]
    return lines


def main():
    points, contractions = {}, {}
    with open(sys.argv[1], encoding="utf-8") as source:
        next(source)
        for row in source:
            kind, code, weights, note = row.rstrip("\n").split("\t")
            code = tuple(int(c, 16) for c in code.split())
            weights = [int(w, 16) for w in weights.split()]
            if kind == "cp":
                points[code[0]] = (weights, note)
            else:
                contractions[code] = weights
    pool, runs, entries, classes = [], [], [], []

    def reference(weights):
        offset = len(pool)
        pool.extend(weights)
        return offset << 5 | len(weights)

    starters = {c[0] for c in contractions}
    previous = None
    for point in sorted(points):
        weights, note = points[point]
        entry = (weights[0] if weights else 0) if len(weights) < 2 else EXPANSION | reference(weights)
        match = re.search(r"ccc=(\d+)", note)
        if match:
            entry |= HAS_CLASS
            classes += [point, int(match.group(1))]
        if point in starters:
            entry |= STARTS_CONTRACTION
        if previous is None or point != previous + 1:
            runs += [point, len(entries)]
        previous = point
        entries.append(entry)
    flat = []
    for code in sorted(contractions):
        flat += list(code) + [0] * (3 - len(code)) + [reference(contractions[code])]
    out = ["// Copyright 2026 The Tessera Authors", "// SPDX-License-Identifier: Apache-2.0", "//",
           "// Made by tools/gen/unicode_weights.py; do not edit. See internal/unicode_weights.h for the layout.",
           '#include "vindex/internal/unicode_weights.h"', '', '#include <iterator>', '',
           "// clang-format off", "namespace tessera::vindex {", ""]
    out += numbers("kWeightRuns", "uint32_t", runs) + [""]
    out += numbers("kWeightEntries", "uint32_t", entries) + [""]
    out += numbers("kWeightPool", "uint32_t", pool) + [""]
    out += numbers("kCombiningClasses", "uint32_t", classes) + [""]
    out += numbers("kContractions", "uint32_t", flat) + [""]
    out += ["}  // namespace tessera::vindex"]
    print("\n".join(out))


main()
