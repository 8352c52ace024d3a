// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/row_sink.h"

#include <utility>

#include "sqltypes/row_codec.h"

namespace tessera::sqltypes {

namespace {

// The rows of a result one after the other, as entries of a run.
class Entries {
 public:
  explicit Entries(const ResultSet& result) : result_(result), encoded_(result.encoded_rows()) {}

  Result<> AppendNext(std::string& run) {
    const size_t index = next_++;
    if (!result_.encoded()) {
      AppendRowEntry(result_.row(index), run);
      return Ok{};
    }
    const std::string_view before = encoded_.rest();
    TRY_OK(encoded_.Next());
    run.append(before.substr(0, before.size() - encoded_.rest().size()));
    return Ok{};
  }
  bool done() const { return next_ >= result_.row_count(); }

 private:
  const ResultSet& result_;
  RowRunReader encoded_;
  size_t next_ = 0;
};

}  // namespace

Task<Result<>> DeliverResult(const Context& ctx, ResultSet result, RowSink& sink,
                             size_t run_bytes) {
  if (result.fields.empty()) co_return Ok{};
  std::vector<Field> fields = result.fields;
  CO_TRY_OK(co_await sink.OnFields(ctx, std::move(fields)));
  Entries entries(std::as_const(result));
  std::string run;
  size_t rows = 0;
  while (!entries.done()) {
    CO_TRY_OK(entries.AppendNext(run));
    ++rows;
    if (run.size() < run_bytes && !entries.done()) continue;
    CO_TRY_OK(co_await sink.OnRows(ctx, run, rows));
    run.clear();
    rows = 0;
  }
  co_return Ok{};
}

}  // namespace tessera::sqltypes
