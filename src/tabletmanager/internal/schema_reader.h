// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"

namespace re2 {
class RE2;
}
namespace tabletmanagerdata {
class SchemaDefinition;
}

namespace tessera::tabletmanager::internal {

// Tables by name, or by /regular expression/ that a part of the name matches. Names that are
// excluded are out whatever includes them; nothing included means all.
class TableFilter {
 public:
  // kInvalidArgument names the expression that is none.
  static Result<TableFilter> Make(std::span<const std::string> included,
                                  std::span<const std::string> excluded);
  TableFilter(TableFilter&&) noexcept;
  ~TableFilter();
  bool Takes(std::string_view table) const;

 private:
  struct Names {
    bool empty() const { return exact.empty() && patterns.empty(); }
    bool Has(std::string_view table) const;
    std::vector<std::string> exact;
    std::vector<std::unique_ptr<const re2::RE2>> patterns;
  };
  TableFilter();
  static Result<> Read(std::span<const std::string> words, Names& out);
  Names included_;
  Names excluded_;
};

struct SchemaQuestion {
  std::string database;
  bool include_views = false;
  bool statements_only = false;  // no columns, keys and fields
};

// The database's tables, by name, in the form in which Vitess compares and copies schemas: without
// counters, and with {{.DatabaseName}} for the database's own name.
Task<Result<>> ReadSchema(const Context& ctx, mysqlconn::Connection& connection,
                          SchemaQuestion question, const TableFilter& filter,
                          ::tabletmanagerdata::SchemaDefinition& out);

// A CREATE TABLE without its AUTO_INCREMENT=N.
std::string WithoutCounter(std::string_view create);
std::string ReplaceAll(std::string text, std::string_view from, std::string_view to);

}  // namespace tessera::tabletmanager::internal
