// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/merge.h"
#include "engine/primitive.h"
#include "engine/route.h"
#include "sqltypes/row_codec.h"

// How plans give rows while they come.
namespace tessera::engine {

using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::RowSink;

namespace {

// Passes on the rows from `offset` on, `count` of them, and lets the others go by.
class WindowSink final : public RowSink {
 public:
  WindowSink(RowSink& sink, uint64_t count, uint64_t offset)
      : sink_(sink), count_(count), offset_(offset) {}

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    return sink_.OnFields(ctx, std::move(fields));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
    sqltypes::RowRunReader reader(run);
    for (; offset_ > 0 && row_count > 0; --offset_, --row_count) {
      CO_TRY_OK(reader.Next());
    }
    const std::string_view begin = reader.rest();
    size_t kept = 0;
    for (; count_ > 0 && row_count > 0; --count_, --row_count, ++kept) {
      CO_TRY_OK(reader.Next());
    }
    if (kept == 0) co_return Ok{};
    const std::string_view part = begin.substr(0, begin.size() - reader.rest().size());
    co_return co_await sink_.OnRows(ctx, part, kept);
  }

 private:
  RowSink& sink_;
  uint64_t count_;
  uint64_t offset_;
};

// Passes on the first fields it gets, and all rows.
class ConcatenateSink final : public RowSink {
 public:
  explicit ConcatenateSink(RowSink& sink) : sink_(sink) {}

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    if (columns_ == 0) {
      columns_ = fields.size();
      co_return co_await sink_.OnFields(ctx, std::move(fields));
    }
    if (columns_ == fields.size()) co_return Ok{};
    co_return Error(Code::kInvalidArgument,
                    "The used SELECT statements have a different number of columns")
        .WithMysql(1222, "21000");
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
    return sink_.OnRows(ctx, run, row_count);
  }

 private:
  RowSink& sink_;
  size_t columns_ = 0;
};

}  // namespace

Task<Result<>> Exec::StreamShards(const Context& ctx, std::string_view keyspace,
                                  std::span<const ShardQuery> queries, ShardOptions options,
                                  RowSink& sink) {
  CO_TRY(std::vector<ResultSet> results, co_await ExecuteShards(ctx, keyspace, queries, options));
  CO_TRY(ResultSet all, JoinResults(std::move(results)));
  co_return co_await sqltypes::DeliverResult(ctx, std::move(all), sink);
}

Task<Result<>> Primitive::Stream(const Context& ctx, Exec& exec, const BindVars& vars,
                                 RowSink& sink) const {
  CO_TRY(ResultSet rows, co_await Execute(ctx, exec, vars));
  co_return co_await sqltypes::DeliverResult(ctx, std::move(rows), sink);
}

Task<Result<>> Limit::Stream(const Context& ctx, Exec& exec, const BindVars& vars,
                             RowSink& sink) const {
  CO_TRY(const Window window, Evaluate(vars));
  BindVars capped = vars;
  capped.Add(kUpperLimit, sqltypes::Value(sqltypes::Type::kUint64, window.most));
  WindowSink part(sink, window.count, window.offset);
  co_return co_await input_->Stream(ctx, exec, capped, part);
}

Task<Result<>> Concatenate::Stream(const Context& ctx, Exec& exec, const BindVars& vars,
                                   RowSink& sink) const {
  ConcatenateSink all(sink);
  for (const PrimitivePtr& input : inputs_) {
    CO_TRY_OK(co_await input->Stream(ctx, exec, vars, all));
  }
  co_return Ok{};
}

}  // namespace tessera::engine
