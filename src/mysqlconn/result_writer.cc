// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/result_writer.h"

#include "sqltypes/row_codec.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kRowsBetweenDrains = 256;

}  // namespace

Task<Result<>> ResultWriter::WriteResult(const Context& ctx, const sqltypes::ResultSet& result) {
  if (result.fields.empty()) {
    OkInfo ok;
    ok.affected_rows = result.affected_rows;
    ok.insert_id = result.insert_id;
    ok.info = result.info;
    co_return WriteOk(ok);
  }
  CO_TRY_OK(WriteFields(result.fields));
  sqltypes::RowRunReader rows(result.encoded_rows());
  for (size_t i = 0; i < result.row_count(); ++i) {
    if (result.encoded()) {
      CO_TRY(const std::string_view row, rows.Next());
      CO_TRY_OK(WriteEncodedRow(row));
    } else {
      CO_TRY_OK(WriteCells(result.row(i)));
    }
    if (i % kRowsBetweenDrains == kRowsBetweenDrains - 1) {
      CO_TRY_OK(co_await Drain(ctx));
    }
  }
  co_return EndRows();
}

}  // namespace tessera::mysqlconn
