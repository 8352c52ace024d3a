// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What reading a statement costs: the whole parse, the fingerprint, printing; and what a tree
// weighs. Over the query sets of TESSERA_CONFORMANCE (or ../shared/conformance) when they are
// there, else over a few statements of our own. Aims: parse 400 ns a query of the Lobsters trace,
// fingerprint 120 ns, 500 MB/s on long statements, trees of at most ten times the text.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/arena.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/printer.h"
#include "sqlparser/shape_cache.h"

namespace tessera::sqlparser {
namespace {

// One statement a line; the programs that write the file escape nothing, so a statement with a
// newline is left out by them.
std::vector<std::string> ReadLines(const char* file) {
  std::vector<std::string> lines;
  std::FILE* in = std::fopen(file, "re");
  if (in == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(in); c != EOF; c = std::fgetc(in)) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    lines.push_back(std::move(line));
    line.clear();
  }
  std::fclose(in);
  return lines;
}

const std::vector<std::string>& Queries() {
  static const std::vector<std::string> queries = [] {
    const char* file = std::getenv("TESSERA_SQL_FILE");
    std::vector<std::string> lines = file != nullptr ? ReadLines(file) : std::vector<std::string>();
    if (!lines.empty()) return lines;
    return std::vector<std::string>{
        "SELECT c FROM sbtest1 WHERE id=5017",
        "SELECT DISTINCT c FROM sbtest3 WHERE id BETWEEN 4974 AND 5073 ORDER BY c",
        "UPDATE sbtest2 SET k=k+1 WHERE id=5017",
        "INSERT INTO sbtest1 (id, k, c, pad) VALUES (4995, 5018, '68487932199-96439406143', '22')",
        "SELECT `stories`.* FROM `stories` WHERE `stories`.`short_id` = 'b3ffvg' ORDER BY "
        "`stories`.`id` ASC LIMIT 1",
        "SELECT `tags`.`id`, `tags`.`tag` FROM `tags` INNER JOIN `taggings` ON `tags`.`id` = "
        "`taggings`.`tag_id` WHERE `taggings`.`story_id` IN (11, 12, 13, 14)",
    };
  }();
  return queries;
}

std::string LongInsert() {
  std::string sql = "INSERT INTO t (id, name, price, note) VALUES ";
  for (int i = 0; i < 2000; ++i) {
    if (i > 0) sql += ", ";
    sql += "(" + std::to_string(100000 + i) + ", 'a name of some length " + std::to_string(i) +
           "', 12.50, 'what people write in notes is often longer than what they write elsewhere')";
  }
  return sql;
}

std::string LongIn() {
  std::string sql = "SELECT id FROM t WHERE id IN (";
  for (int i = 0; i < 20000; ++i) sql += (i > 0 ? "," : "") + std::to_string(100000 + 7 * i);
  return sql + ")";
}

size_t Bytes(const std::vector<std::string>& queries) {
  size_t bytes = 0;
  for (const std::string& sql : queries) bytes += sql.size();
  return bytes;
}

// The figures a round over all queries gives: ns/query and MB/s.
void Report(benchmark::State& state, const std::vector<std::string>& queries) {
  const auto rounds = static_cast<int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * static_cast<int64_t>(queries.size()));
  state.SetBytesProcessed(rounds * static_cast<int64_t>(Bytes(queries)));
  state.counters["ns/query"] =
      benchmark::Counter(static_cast<double>(rounds) * static_cast<double>(queries.size()),
                         static_cast<benchmark::Counter::Flags>(benchmark::Counter::kIsRate |
                                                                benchmark::Counter::kInvert),
                         benchmark::Counter::OneK::kIs1000);
}

void ParseAll(benchmark::State& state, const std::vector<std::string>& queries) {
  Arena arena;
  size_t weight = 0;
  for (auto _ : state) {
    weight = 0;
    for (const std::string& sql : queries) {
      arena.Reset();
      const auto parsed = Parse(arena, sql);
      benchmark::DoNotOptimize(parsed.ok());
      weight += arena.used();
    }
  }
  Report(state, queries);
  state.counters["tree/text"] = static_cast<double>(weight) / static_cast<double>(Bytes(queries));
}

void FingerprintAll(benchmark::State& state, const std::vector<std::string>& queries) {
  Fingerprint fingerprint;
  for (auto _ : state) {
    for (const std::string& sql : queries) benchmark::DoNotOptimize(fingerprint.Scan(sql).ok());
  }
  Report(state, queries);
}

void FingerprintAgain(benchmark::State& state, const std::vector<std::string>& queries) {
  Fingerprint fingerprint;
  ShapeCache shapes;
  for (auto _ : state) {
    for (const std::string& sql : queries)
      benchmark::DoNotOptimize(fingerprint.Scan(sql, {}, &shapes).ok());
  }
  Report(state, queries);
}

void PrintAll(benchmark::State& state, const std::vector<std::string>& queries) {
  Arena arena;
  std::vector<const Statement*> statements;
  for (const std::string& sql : queries) {
    const auto parsed = Parse(arena, sql);
    if (parsed.ok()) statements.push_back(*parsed);
  }
  std::string out;
  for (auto _ : state) {
    for (const Statement* statement : statements) {
      out.clear();
      Printer(out).Print(statement);
      benchmark::DoNotOptimize(out.data());
    }
  }
  Report(state, queries);
}

void ParseQueries(benchmark::State& state) { ParseAll(state, Queries()); }
void FingerprintQueries(benchmark::State& state) { FingerprintAll(state, Queries()); }
void FingerprintKnownShapes(benchmark::State& state) { FingerprintAgain(state, Queries()); }
void PrintQueries(benchmark::State& state) { PrintAll(state, Queries()); }
void ParseLongInsert(benchmark::State& state) { ParseAll(state, {LongInsert()}); }
void FingerprintLongInsert(benchmark::State& state) { FingerprintAll(state, {LongInsert()}); }
void ParseLongIn(benchmark::State& state) { ParseAll(state, {LongIn()}); }
void FingerprintLongIn(benchmark::State& state) { FingerprintAll(state, {LongIn()}); }
BENCHMARK(ParseQueries);
BENCHMARK(FingerprintQueries);
BENCHMARK(FingerprintKnownShapes);
BENCHMARK(PrintQueries);
BENCHMARK(ParseLongInsert);
BENCHMARK(FingerprintLongInsert);
BENCHMARK(ParseLongIn);
BENCHMARK(FingerprintLongIn);

}  // namespace
}  // namespace tessera::sqlparser
