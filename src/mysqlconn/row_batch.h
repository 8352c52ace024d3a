// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "mysqlwire/bytes.h"
#include "mysqlwire/rows.h"
#include "sqltypes/row_codec.h"

namespace tessera::mysqlconn {

// Rows of one result in one growing buffer, as the entries of a serialised query.QueryResult.
class RowBatch {
 public:
  // A text row packet of `columns` cells.
  Result<> Add(std::string_view packet, size_t columns) {
    TRY(const mysqlwire::RowMeasure measure, mysqlwire::MeasureTextRow(packet, columns));
    char* to = buffer_.Extend(1 + mysqlwire::VarintSize(measure.body) + measure.body);
    *to++ = sqltypes::kRowTag;
    to = mysqlwire::PutVarint(to, measure.body);
    mysqlwire::WriteEncodedRow(packet, columns, measure, to);
    ++rows_;
    return Ok{};
  }
  size_t rows() const { return rows_; }
  size_t bytes() const { return buffer_.size(); }
  std::string_view view() const { return buffer_.view(); }
  void Clear() {
    buffer_.Clear();
    rows_ = 0;
  }
  // The bytes, for whoever keeps them; the batch is empty afterwards.
  std::shared_ptr<const mysqlwire::ByteBuffer> Take() {
    rows_ = 0;
    return std::make_shared<const mysqlwire::ByteBuffer>(std::move(buffer_));
  }

 private:
  mysqlwire::ByteBuffer buffer_;
  size_t rows_ = 0;
};

}  // namespace tessera::mysqlconn
