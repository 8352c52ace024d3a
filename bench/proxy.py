#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a query costs on its way: sysbench against MariaDB directly, through HAProxy (TCP mode), through
vtocc, and through vtgate and vttablet, in turn and in one run. Every path ends at the same MariaDB server on this machine.

Prints CPU microseconds per query of every process (user and system, by the kernel's accounting) and the latency
sysbench saw; medians over the rounds. Writes bench/results/proxy.json, .md and .svg."""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
TICK = os.sysconf("SC_CLK_TCK")
PATHS = ("direct", "haproxy", "vtocc", "tessera")
LOADS = {"point select": "oltp_point_select", "read only": "oltp_read_only"}


def cpu_seconds(pid):
    """User and system time of a process, its ended threads included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def wait_for(what, probe, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if probe():
            return
        time.sleep(0.05)
    sys.exit(f"bench: {what} did not come up within {seconds} s")


class Stage:
    """The four paths, up together."""

    def __init__(self, folder, bin_folder, base_port):
        self.folder, self.bin, self.base = pathlib.Path(folder), bin_folder, base_port
        self.data = self.folder / "data"
        self.haproxy = self.vtocc = None

    def __enter__(self):
        self.tessera("up", "--keyspace", "sbtest", "--base-port", str(self.base), "--durable=false", "--buffer-pool", "256M")
        status = json.loads(self.tessera("status", "--json"))
        pids = {s["name"].split("-")[0]: s["pid"] for s in status["services"]}
        ports = {s["name"].split("-")[0]: s["ports"] for s in status["services"]}
        self.mysql_port, self.gate_port = ports["mariadb"][0], status["mysql_port"]
        socket = next(self.data.glob("vt_*/mysql.sock"))
        sql = "create user if not exists bench@'%' identified by ''; grant all on *.* to bench@'%';"
        subprocess.run(["mariadb", "-S", socket, "-u", "vt_dba", "-e", sql], check=True)
        self.start_haproxy()
        self.start_vtocc()
        self.processes = {"direct": {"mariadb": pids["mariadb"]},
                          "haproxy": {"mariadb": pids["mariadb"], "haproxy": self.haproxy.pid},
                          "vtocc": {"mariadb": pids["mariadb"], "vtocc": self.vtocc.pid},
                          "tessera": {"mariadb": pids["mariadb"], "vtgate": pids["vtgate"], "vttablet": pids["vttablet"]}}
        return self

    def __exit__(self, *_):
        for process in filter(None, (self.haproxy, self.vtocc)):
            process.terminate()
            process.wait()
        self.tessera("down")

    def tessera(self, command, *arguments):
        done = subprocess.run([self.bin / "tessera", command, "--data", self.data, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"bench: tessera {command}: {done.stderr}")
        return done.stdout

    def start_haproxy(self):
        self.haproxy_port = self.base + 60
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""global
  nbthread 2
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
listen mysql
  bind 127.0.0.1:{self.haproxy_port}
  server db 127.0.0.1:{self.mysql_port}
""")
        self.haproxy = subprocess.Popen(["haproxy", "-db", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        probe = ["mariadb", "-h", "127.0.0.1", "-P", str(self.haproxy_port), "-u", "bench", "-e", "select 1"]
        wait_for("HAProxy", lambda: subprocess.run(probe, capture_output=True).returncode == 0)

    def start_vtocc(self):
        self.vtocc_port = self.base + 61
        self.vtocc = subprocess.Popen(
            [self.bin / "vtocc", "--db-host=127.0.0.1", f"--db-port={self.mysql_port}", "--db-app-user=bench", "--db-name=vt_sbtest",
             f"--mysql-server-port={self.vtocc_port}", "--mysql-auth-server-impl=none"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        probe = ["mariadb", "-h", "127.0.0.1", "-P", str(self.vtocc_port), "-u", "bench", "vt_sbtest", "-e", "select 1"]
        wait_for("vtocc", lambda: subprocess.run(probe, capture_output=True).returncode == 0)

    def sysbench(self, path, load, threads, seconds, command="run"):
        port = {"direct": self.mysql_port, "haproxy": self.haproxy_port, "vtocc": self.vtocc_port, "tessera": self.gate_port}[path]
        database = "sbtest" if path == "tessera" else "vt_sbtest"
        arguments = ["sysbench", load, "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={port}",
                     "--mysql-user=bench", f"--mysql-db={database}", "--db-ps-mode=disable", "--tables=4", "--table-size=10000",
                     f"--threads={threads}", f"--time={seconds}", "--histogram=on", "--percentile=95", command]
        done = subprocess.run(arguments, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"bench: sysbench {load} over {path} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def measure(self, path, load, threads, seconds):
        before = {name: cpu_seconds(pid) for name, pid in self.processes[path].items()}
        output = self.sysbench(path, load, threads, seconds)
        queries = int(re.search(r"total:\s+(\d+)", output).group(1))
        out = {name: (cpu_seconds(pid) - before[name]) * 1e6 / queries for name, pid in self.processes[path].items()}
        out["qps"] = queries / seconds
        out["p95_ms"] = float(re.search(r"95th percentile:\s+([\d.]+)", output).group(1))
        out["p50_ms"] = median_of_histogram(output)
        return out


def median_of_histogram(output):
    buckets = [(float(value), int(count)) for value, count in re.findall(r"^\s+([\d.]+) \|\**\s*(\d+)$", output, re.M)]
    half, seen = sum(count for _, count in buckets) / 2, 0
    for value, count in buckets:
        seen += count
        if seen >= half:
            return value
    return 0.0


def run(stage, options):
    rows = []
    for name, load in LOADS.items():
        for threads in options.threads:
            rounds = {path: [] for path in PATHS}
            for _ in range(options.rounds):
                for path in PATHS:
                    rounds[path].append(stage.measure(path, load, threads, options.seconds))
            row = {"load": name, "threads": threads}
            for path in PATHS:
                row[path] = {key: statistics.median(r[key] for r in rounds[path]) for key in rounds[path][0]}
            added = {path: sum(v for k, v in row[path].items() if k in ("haproxy", "vtocc", "vtgate", "vttablet")) for path in PATHS}
            row.update({f"added_by_{path}": added[path] for path in PATHS[1:]})
            row["ratio"] = added["tessera"] / added["haproxy"]
            rows.append(row)
            print(line(row), flush=True)
    return rows


HEAD = ("| load | threads | MariaDB µs direct | HAProxy µs | vtocc µs | vtgate µs | vttablet µs | gate+tablet µs | ÷ HAProxy "
        "| p50 ms direct/HAProxy/vtocc/gate | p95 ms direct/HAProxy/vtocc/gate |\n" + "|---|" * 1 + "---|" * 10)


def line(row):
    latency = ["/".join(f"{row[path][key]:.2f}" for path in PATHS) for key in ("p50_ms", "p95_ms")]
    return (f"| {row['load']} | {row['threads']} | {row['direct']['mariadb']:.1f} | {row['added_by_haproxy']:.1f} "
            f"| {row['added_by_vtocc']:.1f} | {row['tessera']['vtgate']:.1f} | {row['tessera']['vttablet']:.1f} | {row['added_by_tessera']:.1f} "
            f"| {row['ratio']:.1f} | {latency[0]} | {latency[1]} |")


def chart(rows):
    """Bars of CPU per query that each path adds to MariaDB's own."""
    bar, gap, left, scale = 16, 26, 150, 5.0
    colours = {"haproxy": "#8a8f98", "vtocc": "#1f9d76", "vtgate": "#2f6fde", "vttablet": "#6fb1fc"}
    height = 50 + len(rows) * (3 * bar + gap)
    width = left + int(max(max(r["added_by_tessera"], r["added_by_haproxy"]) for r in rows) * scale) + 90
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           '<text x="10" y="20" font-size="14">CPU added per query, µs (less is better)</text>']
    for i, (name, colour) in enumerate(colours.items()):
        out.append(f'<rect x="{left + 170 + i * 80}" y="10" width="11" height="11" fill="{colour}"/>'
                   f'<text x="{left + 185 + i * 80}" y="20">{name}</text>')
    y = 44
    for row in rows:
        out.append(f'<text x="10" y="{y + bar + 4}">{row["load"]}, {row["threads"]}</text>')
        for parts in ((("haproxy", row["added_by_haproxy"]),), (("vtocc", row["added_by_vtocc"]),),
                      (("vtgate", row["tessera"]["vtgate"]), ("vttablet", row["tessera"]["vttablet"]))):
            x = left
            for name, value in parts:
                out.append(f'<rect x="{x:.0f}" y="{y}" width="{value * scale:.0f}" height="{bar - 2}" fill="{colours[name]}"/>')
                x += value * scale
            out.append(f'<text x="{x + 5:.0f}" y="{y + 11}">{sum(v for _, v in parts):.1f}</text>')
            y += bar
        y += gap
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="folder of the programs")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5, help="of one measurement")
    parser.add_argument("--base-port", type=int, default=35000)
    options = parser.parse_args()
    for program in ("sysbench", "haproxy", "mariadb"):
        if shutil.which(program) is None:
            sys.exit(f"bench: {program} is missing; run: apt-get install sysbench haproxy mariadb-client")
    with tempfile.TemporaryDirectory(prefix="tessera-bench-") as folder, Stage(folder, options.bin, options.base_port) as stage:
        stage.sysbench("direct", "oltp_read_only", 1, 1, "prepare")
        print(HEAD, flush=True)
        rows = run(stage, options)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "proxy.json").write_text(json.dumps(rows, indent=1) + "\n")
    (RESULTS / "proxy.md").write_text(HEAD + "\n" + "\n".join(line(row) for row in rows) + "\n")
    (RESULTS / "proxy.svg").write_text(chart(rows))


if __name__ == "__main__":
    main()
