// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "sqltypes/field.h"
#include "sqltypes/result_set.h"

namespace tessera::sqltypes {

// Receives a streamed result: the fields once, then runs of encoded rows (row_codec.h). An error
// returned stops the stream.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Task<Result<>> OnFields(const Context& ctx, std::vector<Field> fields) = 0;
  virtual Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) = 0;
};

// Hands a whole result to the sink, in runs of about `run_bytes`. One without fields gives nothing.
Task<Result<>> DeliverResult(const Context& ctx, ResultSet result, RowSink& sink,
                             size_t run_bytes = 32768);

}  // namespace tessera::sqltypes
