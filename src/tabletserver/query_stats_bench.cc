// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What counting costs a statement: the sums of a plan that is kept, and of a text that is new each
// time, whose table is looked for.
#include <benchmark/benchmark.h>

#include "tabletserver/query_stats.h"

namespace tessera::tabletserver {
namespace {

constexpr std::string_view kPointSelect = "select c from sbtest1 where id = 4711";

QueryOutcome OneRow() {
  QueryOutcome outcome;
  outcome.took = std::chrono::microseconds(200);
  outcome.rows_returned = 1;
  return outcome;
}

void KeptPlan(benchmark::State& state) {
  QueryStats stats;
  const Plan plan("select c from sbtest1 where id = :v1");
  for (auto _ : state) stats.Note(plan, kPointSelect, OneRow());
}
BENCHMARK(KeptPlan);

void FreshText(benchmark::State& state) {
  QueryStats stats;
  const Plan plan(kPointSelect, Plan::Complete());
  for (auto _ : state) {
    plan.counts = nullptr;
    stats.Note(plan, kPointSelect, OneRow());
  }
}
BENCHMARK(FreshText);

}  // namespace
}  // namespace tessera::tabletserver
