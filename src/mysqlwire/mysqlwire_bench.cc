// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds per row between MySQL's text form and query.Row bodies.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "mysqlwire/rows.h"

namespace tessera::mysqlwire {
namespace {

// A row of `columns` cells of `size` bytes.
ByteBuffer TextRow(int64_t columns, int64_t size) {
  const std::string text(static_cast<size_t>(size), 'x');
  const std::vector<sqltypes::Value> cells(static_cast<size_t>(columns),
                                           sqltypes::Value(sqltypes::Type::kVarChar, text));
  ByteBuffer packet;
  AppendTextRow(cells, packet);
  return packet;
}

void BM_TextRowToEncoded(benchmark::State& state) {
  const ByteBuffer packet = TextRow(state.range(0), state.range(1));
  const auto columns = static_cast<size_t>(state.range(0));
  ByteBuffer out;
  for (auto _ : state) {
    if (out.size() > 1 << 16) out.Clear();
    benchmark::DoNotOptimize(EncodeTextRow(packet.view(), columns, out).ok());
  }
}
BENCHMARK(BM_TextRowToEncoded)->Args({1, 120})->Args({4, 30})->Args({16, 10});

void BM_EncodedRowToText(benchmark::State& state) {
  const ByteBuffer packet = TextRow(state.range(0), state.range(1));
  const auto columns = static_cast<size_t>(state.range(0));
  ByteBuffer body;
  benchmark::DoNotOptimize(EncodeTextRow(packet.view(), columns, body).ok());
  ByteBuffer out;
  for (auto _ : state) {
    if (out.size() > 1 << 16) out.Clear();
    benchmark::DoNotOptimize(DecodeToTextRow(body.view(), columns, out).ok());
  }
}
BENCHMARK(BM_EncodedRowToText)->Args({1, 120})->Args({4, 30})->Args({16, 10});

}  // namespace
}  // namespace tessera::mysqlwire
