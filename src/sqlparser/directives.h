// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sqlparser/ast.h"

namespace tessera::sqlparser {

// The settings in /*vt+ NAME=value OTHER ... */ comments. Names compare without case.
class Directives {
 public:
  Directives() = default;
  // Reads all /*vt+ ... */ comments among these.
  explicit Directives(Comments comments);
  explicit Directives(std::string_view comments);

  bool empty() const { return entries_.empty(); }
  // The value as written (quotes undone); "true" for a name without one.
  std::optional<std::string_view> Find(std::string_view name) const;
  // Set, and true or 1.
  bool IsSet(std::string_view name) const;

 private:
  void Add(std::string_view comment);
  std::vector<std::pair<std::string, std::string>> entries_;
};

// The comments in front of the statement's first clause; empty for kinds that have none.
Comments StatementComments(const Statement& statement);

}  // namespace tessera::sqlparser
