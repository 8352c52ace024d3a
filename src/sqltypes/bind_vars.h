// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sqltypes/value.h"

namespace tessera::sqltypes {

// query.BindVariable under its name: one value, or a list of them. Views: whoever made it keeps the
// bytes and the list.
struct BindVar {
  std::string_view name;  // without colons
  Value value;            // type kTuple (or kRowTuple): see values
  std::span<const Value> values;

  bool is_list() const { return value.type() == Type::kTuple || value.type() == Type::kRowTuple; }
};

// The bind variables of one statement, in the order they were made. A handful is searched in a
// line; statements may have 65,535 and more, and those are found by an index.
class BindVars {
 public:
  void Add(std::string_view name, Value value) { Add(BindVar{name, value, {}}); }
  void AddList(std::string_view name, std::span<const Value> values) {
    Add(BindVar{name, Value(Type::kTuple, {}), values});
  }
  // The first of a name is the one that is found.
  void Add(const BindVar& var) {
    vars_.push_back(var);
    if (vars_.size() > kSearched) IndexLast();
  }
  // Replaces one of that name, or adds it.
  void Set(const BindVar& var);
  const BindVar* Find(std::string_view name) const;
  std::span<const BindVar> all() const { return vars_; }
  size_t size() const { return vars_.size(); }
  void clear() {
    vars_.clear();
    index_.clear();
  }

 private:
  static constexpr size_t kSearched = 32;
  void IndexLast();

  std::vector<BindVar> vars_;
  std::unordered_map<std::string_view, size_t> index_;  // of all, once there are too many
};

// SQL text cut at its bind variables once, so that values are pasted without looking at the text
// again.
class SqlTemplate {
 public:
  // Finds `:name` and `::name` outside quotes and comments. Never fails: what is no bind variable
  // is text.
  explicit SqlTemplate(std::string sql);

  const std::string& sql() const { return sql_; }
  bool has_vars() const { return !slots_.empty(); }

  // The text with every variable replaced by its SQL form. kInvalidArgument names a variable that
  // is missing, a list where a value belongs (or the other way round), and an empty list.
  Result<> Render(const BindVars& vars, std::string& out) const;

 private:
  struct Slot {
    size_t begin;  // of ':' in sql_
    size_t end;
    std::string name;
    bool list;
  };
  std::string sql_;
  std::vector<Slot> slots_;
};

// " BindVars: {v1: "type:INT64 value:\"1\""}" as Vitess adds it to errors, sorted by name.
std::string DescribeForError(const BindVars& vars);

}  // namespace tessera::sqltypes
