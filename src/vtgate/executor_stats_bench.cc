// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What counting costs a statement at the gate.
#include <benchmark/benchmark.h>

#include "vtgate/executor_stats.h"

namespace tessera::vtgate {
namespace {

void PointSelect(benchmark::State& state) {
  ExecutorStats stats;
  keys::TargetSelection target;
  target.keyspace = "sbtest";
  target.tablet_type = keys::TabletType::kPrimary;
  StatementRun run;
  run.kind = sqlparser::StatementKind::kSelect;
  for (auto _ : state) {
    ApiStats& api = stats.Api(run, target);
    api.times.Add(std::chrono::microseconds(300));
    ++api.rows_returned;
    stats.CountExecution(run.kind, PlanShape::kPassthrough, target.tablet_type);
  }
}
BENCHMARK(PointSelect);

}  // namespace
}  // namespace tessera::vtgate
