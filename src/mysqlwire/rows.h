// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "mysqlwire/bytes.h"
#include "sqltypes/value.h"

namespace tessera::mysqlwire {

// Rows between MySQL's text form and the body of a query.Row message (packed zigzag lengths, -1 for
// NULL, then all values in one run), byte to byte: no object per row or value.

// What a text row will take as a query.Row body.
struct RowMeasure {
  size_t lengths = 0;  // bytes of the packed lengths
  size_t values = 0;   // bytes of the values
  size_t body = 0;     // of all
};
// Fails unless the packet holds exactly `columns` cells.
Result<RowMeasure> MeasureTextRow(std::string_view packet, size_t columns);
// Writes measure.body bytes at `to`; gives the place after them. `measure` is that of the same
// packet.
char* WriteEncodedRow(std::string_view packet, size_t columns, const RowMeasure& measure, char* to);

// Both in one.
Result<> EncodeTextRow(std::string_view packet, size_t columns, ByteBuffer& out);

// A query.Row body as a text row packet. Fails when the body is malformed or has not `columns`
// lengths.
Result<> DecodeToTextRow(std::string_view body, size_t columns, ByteBuffer& out);

// Cells as a text row packet.
void AppendTextRow(std::span<const sqltypes::Value> cells, ByteBuffer& out);

// The parts of a query.Row body.
struct EncodedRow {
  std::string_view lengths;
  std::string_view values;
};
Result<EncodedRow> ParseEncodedRow(std::string_view body);

// The lengths of an EncodedRow one after the other. -1 is NULL.
class LengthReader {
 public:
  explicit LengthReader(std::string_view lengths)
      : at_(lengths.data()), end_(at_ + lengths.size()) {}
  bool empty() const { return at_ == end_; }
  // False when the bytes end in the middle of a number.
  bool Next(int64_t& length) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        length = static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
        return true;
      }
    }
    return false;
  }

 private:
  const char* at_;
  const char* end_;
};

// A protobuf varint.
constexpr size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}
inline char* PutVarint(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

}  // namespace tessera::mysqlwire
