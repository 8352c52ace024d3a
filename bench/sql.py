#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What reading a statement costs: our parser and fingerprint beside Vitess's parser and normalizer, in turn and in one run,
over the query sets of the conformance data. CPU nanoseconds a statement (medians over the rounds), instructions a statement
(callgrind), bytes of tree for a byte of text. Writes bench/results/sql.json and .md.

Vitess's parser is built by go from its public module; without go or a network that column stays empty."""

import argparse
import gzip
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench/results"
BENCH = ROOT / "build/release/src/sqlparser/sqlparser_bench"
OURS = {"ParseQueries": "parse", "FingerprintQueries": "fingerprint", "FingerprintKnownShapes": "known_shape", "PrintQueries": "print"}
LONG = ("ParseLongInsert", "FingerprintLongInsert", "ParseLongIn", "FingerprintLongIn")


def query_sets(data):
    """Name to statements: the Lobsters trace as often as it happened, and the sets without repeats."""
    trace = []
    with gzip.open(data / "parser/lobsters_trace.jsonl.gz", "rt") as file:
        for line in file:
            case = json.loads(line)
            trace += [case["input"]] * case["n"]
    with open(data / "parser/vitess_cases.jsonl") as file:
        django = [case["input"] for case in map(json.loads, file) if case["tag"] == "django_queries"]
    with open(data / "tpcc/statements_planbuilder.jsonl") as file:
        tpcc = [case.get("sql") or case["query"] for case in map(json.loads, file)]
    tpch = [re.sub(r"--.*", "", path.read_text()) for path in sorted((data / "tpch/queries").glob("*.sql"))]
    sets = {"Lobsters": trace, "Django": django, "TPC-C": tpcc, "TPC-H": tpch}
    return {name: [" ".join(sql.split("\n")).strip().rstrip(";") for sql in queries] for name, queries in sets.items()}


def write_lines(queries, path):
    path.write_text("".join(sql + "\n" for sql in queries))
    return path


def run_ours(file, filters, seconds):
    """Benchmark name to its counters."""
    done = subprocess.run([BENCH, "--benchmark_format=json", f"--benchmark_filter={filters}", f"--benchmark_min_time={seconds}"],
                          env=dict(os.environ, TESSERA_SQL_FILE=str(file)), capture_output=True, text=True, check=True)
    return {item["name"]: item for item in json.loads(done.stdout)["benchmarks"]}


def instructions(file, count, name, function):
    """Instructions a statement of one pass over the file."""
    with tempfile.TemporaryDirectory() as folder:
        # Debian 12's valgrind cannot read clang 19's debug information.
        program = shutil.copy(BENCH, folder)
        subprocess.run(["strip", "--strip-debug", program], check=True)
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--toggle-collect=*{function}*",
                               program, f"--benchmark_filter=^{name}$", "--benchmark_min_time=0"],
                              env=dict(os.environ, TESSERA_SQL_FILE=str(file)), capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return round(int(found.group(1)) / count) if found else None


def build_vitess(folder):
    if not shutil.which("go"):
        return None
    program = pathlib.Path(folder) / "vitess_parser"
    done = subprocess.run(["go", "build", "-o", program, "."], cwd=ROOT / "bench/vitess_parser", capture_output=True, text=True)
    return program if done.returncode == 0 else None


def run_vitess(program, file, seconds):
    done = subprocess.run([program, file, str(seconds)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def measure(name, queries, folder, vitess, options):
    file = write_lines(queries, pathlib.Path(folder) / "queries.txt")
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(run_ours(file, "Queries$|KnownShapes", options.seconds))
        if vitess:
            theirs.append(run_vitess(vitess, file, options.seconds))
    row = {"set": name, "statements": len(queries), "bytes": round(sum(len(sql.encode()) for sql in queries) / len(queries))}
    for bench, word in OURS.items():
        row[word] = round(statistics.median(run[bench]["ns/query"] for run in ours) * 1e9)
    row["tree"] = round(ours[0]["ParseQueries"]["tree/text"], 1)
    for word in ("parse_ns", "parse_and_normalize_ns"):
        values = [run[word] for run in theirs if word in run]
        row["vitess_" + word] = round(statistics.median(values)) if values else None
    if shutil.which("valgrind"):
        # So many that one pass is all that is run, from all over the set: a trace's first ones are the shortest.
        few = [queries[i * len(queries) // 3000] for i in range(3000)]
        sample = write_lines(few, pathlib.Path(folder) / "few.txt")
        row["parse_instructions"] = instructions(sample, len(few), "ParseQueries", "ParseAll")
        row["fingerprint_instructions"] = instructions(sample, len(few), "FingerprintQueries", "FingerprintAll")
    return row


def table(rows, long):
    cell = lambda value: "-" if value is None else str(value)
    head = ("set", "statements", "bytes each", "parse", "Vitess parse", "Vitess ÷ ours", "fingerprint", "known shape", "Vitess parse+normalize",
            "print", "instructions: parse", "fingerprint", "tree ÷ text")
    out = ["CPU nanoseconds a statement.", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        ratio = round(row["vitess_parse_ns"] / row["parse"], 1) if row["vitess_parse_ns"] else None
        cells = (row["set"], row["statements"], row["bytes"], row["parse"], row["vitess_parse_ns"], ratio, row["fingerprint"], row["known_shape"],
                 row["vitess_parse_and_normalize_ns"], row["print"], row.get("parse_instructions"), row.get("fingerprint_instructions"), row["tree"])
        out.append("| " + " | ".join(map(cell, cells)) + " |")
    out += ["", "| long statements | MB/s |", "|---|---|"] + [f"| {name} | {speed} |" for name, speed in long.items()]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/conformance", help="the conformance data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each benchmark in a round")
    options = parser.parse_args()
    subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", "sqlparser_bench"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        vitess = build_vitess(folder)
        rows = [measure(name, queries, folder, vitess, options) for name, queries in query_sets(options.data).items()]
        runs = [run_ours("", "Long", options.seconds) for _ in range(options.rounds)]
    long = {name: round(statistics.median(run[name]["bytes_per_second"] for run in runs) / 1e6) for name in LONG}
    text = table(rows, long)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "sql.json").write_text(json.dumps({"sets": rows, "long_mb_per_s": long}, indent=1) + "\n")
    (RESULTS / "sql.md").write_text(text)


if __name__ == "__main__":
    main()
