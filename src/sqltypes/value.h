// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "sqltypes/type.h"

namespace tessera::sqltypes {

// One MySQL value: its type and the text bytes MySQL would send. Sixteen bytes, copied freely. The
// bytes belong to whoever made the value: a packet, an Arena, a ResultSet.
class Value {
 public:
  Value() = default;  // NULL
  Value(Type type, std::string_view bytes)
      : data_(bytes.data()), size_(static_cast<uint32_t>(bytes.size())), type_(type) {}

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::kNull; }
  std::string_view raw() const { return {data_, size_}; }

  // The whole text as a number: kInvalidArgument when it is none, kOutOfRange when it does not fit.
  Result<int64_t> ToInt64() const;
  Result<uint64_t> ToUint64() const;
  Result<double> ToFloat64() const;

  Value CopyTo(Arena& arena) const { return is_null() ? Value() : Value(type_, arena.Copy(raw())); }

  // "INT64(5)", "VARCHAR(\"a\")", "NULL": for tests and logs that may show data.
  std::string ToString() const;

  // Same type and same bytes.
  friend bool operator==(const Value& a, const Value& b) {
    return a.type_ == b.type_ && a.raw() == b.raw();
  }

 private:
  const char* data_ = nullptr;
  uint32_t size_ = 0;
  Type type_ = Type::kNull;
};
static_assert(sizeof(Value) == 16);

// As a literal of SQL text, escaped so that no sql_mode but NO_BACKSLASH_ESCAPES misreads it:
// query-rpc facts of Vitess, "How the tablet pastes bind values". TUPLE and ROW_TUPLE are not
// values: see BindVar.
void AppendSql(const Value& value, std::string& out);

}  // namespace tessera::sqltypes
