// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/rows.h"

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

constexpr char kLengthsTag = 0x0a;  // field 1, length-delimited
constexpr char kValuesTag = 0x12;   // field 2, length-delimited

Error MalformedRow(std::string_view where) {
  return Errorf(Code::kInternal, "malformed row {}", where).WithMysql(1835, "HY000");
}

// A cell of a text row: its bytes, or NULL.
struct Cell {
  const char* data;
  size_t size;
  bool null;
};

// Reads the cell at `at` and moves past it. Only lengths under 251 are done here; they are nearly
// all.
inline bool NextCell(const char*& at, const char* end, Cell& cell) {
  if (at == end) return false;
  const auto first = static_cast<uint8_t>(*at++);
  uint64_t size = first;
  cell.null = false;
  if (first >= kNullCell) [[unlikely]] {
    if (first == kNullCell) {
      cell = {at, 0, true};
      return true;
    }
    if (first == 0xff) return false;
    const size_t bytes = first == 0xfc ? 2 : first == 0xfd ? 3 : 8;
    if (static_cast<size_t>(end - at) < bytes) return false;
    size = 0;
    for (size_t i = 0; i < bytes; ++i) size |= uint64_t{static_cast<uint8_t>(at[i])} << (8 * i);
    at += bytes;
  }
  if (size > static_cast<size_t>(end - at)) return false;
  cell.data = at;
  cell.size = static_cast<size_t>(size);
  at += size;
  return true;
}

inline size_t ZigzagSize(const Cell& cell) {
  return cell.null ? 1 : VarintSize(uint64_t{cell.size} << 1);
}

bool TakeVarint(const char*& at, const char* end, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && at != end; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Skips the value of a field that is not ours.
bool SkipField(const char*& at, const char* end, uint64_t tag) {
  uint64_t size = 0;
  switch (tag & 7) {
    case 0:
      return TakeVarint(at, end, size);
    case 1:
      size = 8;
      break;
    case 2:
      if (!TakeVarint(at, end, size)) return false;
      break;
    case 5:
      size = 4;
      break;
    default:
      return false;
  }
  if (size > static_cast<size_t>(end - at)) return false;
  at += size;
  return true;
}

}  // namespace

Result<RowMeasure> MeasureTextRow(std::string_view packet, size_t columns) {
  const char* at = packet.data();
  const char* const end = at + packet.size();
  RowMeasure measure;
  Cell cell;
  for (size_t i = 0; i < columns; ++i) {
    if (!NextCell(at, end, cell)) [[unlikely]]
      return MalformedRow("packet: a cell is cut off");
    measure.lengths += ZigzagSize(cell);
    measure.values += cell.size;
  }
  if (at != end) return MalformedRow("packet: more cells than columns");
  if (measure.lengths != 0) measure.body += 1 + VarintSize(measure.lengths) + measure.lengths;
  if (measure.values != 0) measure.body += 1 + VarintSize(measure.values) + measure.values;
  return measure;
}

char* WriteEncodedRow(std::string_view packet, size_t columns, const RowMeasure& measure,
                      char* to) {
  if (columns == 0) return to;
  *to++ = kLengthsTag;
  char* length = PutVarint(to, measure.lengths);
  char* value = length + measure.lengths;
  if (measure.values != 0) {
    *value++ = kValuesTag;
    value = PutVarint(value, measure.values);
  }
  const char* at = packet.data();
  const char* const end = at + packet.size();
  Cell cell;
  for (size_t i = 0; i < columns && NextCell(at, end, cell); ++i) {
    if (cell.null) {
      *length++ = 1;
      continue;
    }
    length = PutVarint(length, uint64_t{cell.size} << 1);
    std::memcpy(value, cell.data, cell.size);
    value += cell.size;
  }
  return value;
}

Result<> EncodeTextRow(std::string_view packet, size_t columns, ByteBuffer& out) {
  TRY(const RowMeasure measure, MeasureTextRow(packet, columns));
  WriteEncodedRow(packet, columns, measure, out.Extend(measure.body));
  return Ok{};
}

Result<EncodedRow> ParseEncodedRow(std::string_view body) {
  const char* at = body.data();
  const char* const end = at + body.size();
  EncodedRow row;
  while (at != end) {
    uint64_t tag = 0;
    if (!TakeVarint(at, end, tag)) return MalformedRow("message");
    if (tag != static_cast<uint64_t>(kLengthsTag) && tag != static_cast<uint64_t>(kValuesTag)) {
      // Lengths one by one are legal protobuf, but nobody's encoder writes them so.
      if (tag >> 3 == 1 || tag >> 3 == 2 || !SkipField(at, end, tag))
        return MalformedRow("message");
      continue;
    }
    uint64_t size = 0;
    if (!TakeVarint(at, end, size) || size > static_cast<size_t>(end - at))
      return MalformedRow("message");
    const std::string_view field(at, static_cast<size_t>(size));
    at += size;
    (tag == static_cast<uint64_t>(kLengthsTag) ? row.lengths : row.values) = field;
  }
  return row;
}

Result<> DecodeToTextRow(std::string_view body, size_t columns, ByteBuffer& out) {
  TRY(const EncodedRow row, ParseEncodedRow(body));
  const size_t start = out.size();
  // Nine bytes is the longest length there is, and a length was at least one byte before.
  char* to = out.Extend(row.lengths.size() * 9 + row.values.size());
  char* const begin = to;
  LengthReader lengths(row.lengths);
  const char* value = row.values.data();
  size_t left = row.values.size();
  size_t cells = 0;
  bool good = true;
  for (; good && !lengths.empty(); ++cells) {
    int64_t length = 0;
    good = lengths.Next(length);
    if (length < 0) {
      *to++ = static_cast<char>(kNullCell);
      continue;
    }
    const auto size = static_cast<size_t>(length);
    good = good && size <= left;
    if (!good) break;
    to = PutLenencInt(to, size);
    if (size != 0) std::memcpy(to, value, size);
    to += size;
    value += size;
    left -= size;
  }
  if (!good || cells != columns) {
    out.Truncate(start);
    return good ? MalformedRow("message: its number of values is not that of the fields")
                : MalformedRow("message: its lengths exceed its values");
  }
  out.Truncate(start + static_cast<size_t>(to - begin));
  return Ok{};
}

void AppendTextRow(std::span<const sqltypes::Value> cells, ByteBuffer& out) {
  size_t bound = 0;
  for (const sqltypes::Value& cell : cells) bound += 9 + cell.raw().size();
  const size_t start = out.size();
  char* const begin = out.Extend(bound);
  char* to = begin;
  for (const sqltypes::Value& cell : cells) {
    if (cell.is_null()) {
      *to++ = static_cast<char>(kNullCell);
      continue;
    }
    const std::string_view bytes = cell.raw();
    to = PutLenencInt(to, bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  }
  out.Truncate(start + static_cast<size_t>(to - begin));
}

}  // namespace tessera::mysqlwire
