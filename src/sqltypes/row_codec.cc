// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/row_codec.h"

namespace tessera::sqltypes {

namespace {

Error Malformed(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "malformed row: {}", what);
}

// Takes a protobuf varint off the front; false when it is cut or over ten bytes.
bool TakeVarint(std::string_view& bytes, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// Takes a length and that many bytes off the front.
bool TakeBytes(std::string_view& bytes, std::string_view& taken) {
  uint64_t size = 0;
  if (!TakeVarint(bytes, size) || size > bytes.size()) return false;
  taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void PutVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// The zigzag form of a cell's length; NULL is -1.
uint64_t LengthCode(const Value& cell) {
  return cell.is_null() ? 1 : uint64_t{cell.raw().size()} << 1;
}

}  // namespace

Result<std::string_view> RowRunReader::Next() {
  if (rest_.empty() || rest_.front() != kRowTag) return Malformed("not a row entry");
  rest_.remove_prefix(1);
  std::string_view body;
  if (!TakeBytes(rest_, body)) return Malformed("entry is cut");
  return body;
}

void AppendRowEntry(std::span<const Value> cells, std::string& run) {
  size_t lengths = 0;
  size_t values = 0;
  for (const Value& cell : cells) {
    lengths += VarintSize(LengthCode(cell));
    if (!cell.is_null()) values += cell.raw().size();
  }
  const size_t body =
      1 + VarintSize(lengths) + lengths + (values == 0 ? 0 : 1 + VarintSize(values) + values);
  run.push_back(kRowTag);
  PutVarint(run, body);
  run.push_back(0x0a);
  PutVarint(run, lengths);
  for (const Value& cell : cells) PutVarint(run, LengthCode(cell));
  if (values == 0) return;
  run.push_back(0x12);
  PutVarint(run, values);
  for (const Value& cell : cells) {
    if (!cell.is_null()) run.append(cell.raw());
  }
}

Result<> DecodeRow(std::string_view body, std::span<const Type> types, std::span<Value> cells) {
  std::string_view lengths;
  std::string_view values;
  while (!body.empty()) {
    const char tag = body.front();
    body.remove_prefix(1);
    if (tag != 0x0a && tag != 0x12) return Malformed("unknown field");
    if (!TakeBytes(body, tag == 0x0a ? lengths : values)) return Malformed("field is cut");
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    uint64_t code = 0;
    if (!TakeVarint(lengths, code)) return Malformed("fewer cells than fields");
    if (code == 1) {
      cells[i] = Value();
      continue;
    }
    const uint64_t size = code >> 1;
    if ((code & 1) != 0 || size > values.size()) return Malformed("cell is cut");
    cells[i] = Value(types[i], values.substr(0, size));
    values.remove_prefix(size);
  }
  if (!lengths.empty()) return Malformed("more cells than fields");
  return Ok{};
}

}  // namespace tessera::sqltypes
