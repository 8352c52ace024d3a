# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Counts of agree, unsupported and wrong, by file."""

import collections
import dataclasses
import json


@dataclasses.dataclass
class Tally:
    name: str
    agree: int = 0
    unsupported: int = 0
    wrong: int = 0
    problems: list = dataclasses.field(default_factory=list)
    shapes: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def problem(self, kind, sql, gate, plain):
        self.wrong += 1
        self.problems.append({"kind": kind, "sql": sql, "gate": gate, "plain": plain})

    def refuse(self, message):
        self.unsupported += 1
        self.shapes[message.split("unsupported: ")[-1].split(" (errno")[0][:120]] += 1

    def record(self):
        return {"name": self.name, "agree": self.agree, "unsupported": self.unsupported, "wrong": self.wrong,
                "problems": self.problems, "shapes": dict(self.shapes)}


def total(name, tallies):
    out = Tally(name)
    for tally in tallies:
        out.agree += tally.agree
        out.unsupported += tally.unsupported
        out.wrong += tally.wrong
        out.shapes.update(tally.shapes)
    return out


def print_table(title, tallies, most_problems=0):
    width = max([len(tally.name) for tally in tallies] + [len(title), 5])
    print(f"{title:<{width}} {'agree':>8} {'unsupported':>12} {'wrong':>7}")
    for tally in tallies + ([total("all", tallies)] if len(tallies) > 1 else []):
        print(f"{tally.name:<{width}} {tally.agree:>8} {tally.unsupported:>12} {tally.wrong:>7}")
    shapes = total("all", tallies).shapes
    for shape, count in shapes.most_common(12):
        print(f"  unsupported {count:>6}  {shape}")
    shown = 0
    for tally in tallies:
        for problem in tally.problems:
            if shown >= most_problems:
                break
            shown += 1
            print(f"-- {tally.name}: {problem['kind']}\n   {problem['sql']}\n   gate:  {problem['gate']}\n"
                  f"   plain: {problem['plain']}")
    print(flush=True)


def write_json(path, groups):
    with open(path, "w") as out:
        json.dump({title: [tally.record() for tally in tallies] for title, tallies in groups.items()}, out, indent=1,
                  default=str)
