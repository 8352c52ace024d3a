// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/result_set.h"

#include <algorithm>
#include <utility>

#include "sqltypes/row_codec.h"

namespace tessera::sqltypes {

void ResultSet::SetEncodedRows(std::string run, size_t row_count) {
  auto memory = std::make_shared<const std::string>(std::move(run));
  const std::string_view view = *memory;
  SetEncodedRows(view, row_count, std::move(memory));
}

void ResultSet::SetEncodedRows(std::string_view run, size_t row_count,
                               std::shared_ptr<const void> memory) {
  encoded_ = true;
  run_ = run;
  row_count_ = row_count;
  cells_.clear();
  Adopt(std::move(memory));
}

Result<> ResultSet::Decode() {
  if (!encoded_) return Ok{};
  std::vector<Type> types;
  types.reserve(fields.size());
  for (const Field& field : fields) types.push_back(field.type);
  std::vector<Value> cells(row_count_ * fields.size());
  RowRunReader reader(run_);
  for (size_t i = 0; i < row_count_; ++i) {
    TRY(const std::string_view body, reader.Next());
    TRY_OK(DecodeRow(body, types, std::span(cells).subspan(i * fields.size(), fields.size())));
  }
  cells_ = std::move(cells);
  width_ = fields.size();
  encoded_ = false;
  run_ = {};
  return Ok{};
}

std::span<const Value> ResultSet::row(size_t index) const {
  CHECK(!encoded_ && index < row_count_);
  return std::span(cells_).subspan(index * width_, width_);
}

std::span<Value> ResultSet::row(size_t index) {
  CHECK(!encoded_ && index < row_count_);
  return std::span(cells_).subspan(index * width_, width_);
}

void ResultSet::AppendRow(std::span<const Value> cells) {
  CHECK(!encoded_ && (row_count_ == 0 || cells.size() == width_));
  width_ = cells.size();
  cells_.insert(cells_.end(), cells.begin(), cells.end());
  ++row_count_;
}

Result<> ResultSet::AppendRows(ResultSet other) {
  TRY_OK(Decode());
  TRY_OK(other.Decode());
  if (other.row_count_ > 0) {
    if (row_count_ > 0 && other.width_ != width_)
      return Errorf(Code::kInternal, "rows of {} columns cannot follow rows of {}", other.width_,
                    width_);
    width_ = other.width_;
    cells_.insert(cells_.end(), other.cells_.begin(), other.cells_.end());
    row_count_ += other.row_count_;
  }
  std::move(other.memory_.begin(), other.memory_.end(), std::back_inserter(memory_));
  if (other.arena_->capacity() > 0)
    memory_.push_back(std::shared_ptr<Arena>(std::move(other.arena_)));
  return Ok{};
}

void ResultSet::KeepRows(size_t offset, size_t count) {
  CHECK(!encoded_);
  offset = std::min(offset, row_count_);
  count = std::min(count, row_count_ - offset);
  cells_.erase(cells_.begin() + static_cast<ptrdiff_t>((offset + count) * width_), cells_.end());
  cells_.erase(cells_.begin(), cells_.begin() + static_cast<ptrdiff_t>(offset * width_));
  row_count_ = count;
}

void ResultSet::Reorder(std::span<const size_t> order) {
  std::vector<Value> cells;
  cells.reserve(order.size() * width_);
  for (const size_t index : order) {
    const std::span<const Value> from = std::as_const(*this).row(index);
    cells.insert(cells.end(), from.begin(), from.end());
  }
  cells_ = std::move(cells);
  row_count_ = order.size();
}

void ResultSet::KeepColumns(size_t columns) {
  CHECK(!encoded_);
  if (fields.size() > columns) fields.resize(columns);
  if (width_ <= columns) return;
  for (size_t i = 0; i < row_count_; ++i) {
    std::copy_n(cells_.begin() + static_cast<ptrdiff_t>(i * width_), columns,
                cells_.begin() + static_cast<ptrdiff_t>(i * columns));
  }
  width_ = columns;
  cells_.resize(row_count_ * columns);
}

}  // namespace tessera::sqltypes
