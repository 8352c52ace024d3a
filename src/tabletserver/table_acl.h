// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queryservice/query_service.h"
#include "tabletserver/statement_tables.h"

namespace tessera::tabletserver {

// Users and groups that may do something.
class AccessList {
 public:
  void Add(std::string member) { members_.insert(std::move(member)); }
  // Whether the caller's name or one of its groups is on the list.
  bool Has(const queryservice::Caller& caller) const;

 private:
  std::set<std::string, std::less<>> members_;
};

// Tables that are treated alike.
struct TableGroup {
  std::string name;
  std::array<AccessList, 3> by_role;  // indexed by TableRole

  bool Allows(const queryservice::Caller& caller, TableRole role) const {
    return by_role[static_cast<size_t>(role)].Has(caller);
  }
};

// Who may do what with which table: a file of Vitess's form (tableacl.Config as JSON),
//   {"table_groups": [{"name": "g", "table_names_or_prefixes": ["t", "log_%"],
//                      "readers": ["u"], "writers": ["u"], "admins": ["dba"]}]}
// Each role is a list of its own: a writer who is no reader cannot read. Never changes once made;
// thread-safe.
class TableAcl {
 public:
  // kInvalidArgument names the group and what is wrong with it: unknown members, names or prefixes
  // that overlap.
  static Result<std::shared_ptr<const TableAcl>> Parse(std::string_view json);

  // The group of a table; null when none has it, and so nobody may use it.
  const TableGroup* Find(std::string_view table) const;
  size_t size() const { return groups_.size(); }

 private:
  struct Entry {
    std::string name;  // without the %
    bool prefix = false;
    size_t group = 0;

    bool Covers(std::string_view table) const {
      return prefix ? table.starts_with(name) : table == name;
    }
  };

  Result<> AddEntry(std::string_view text, size_t group);

  std::vector<TableGroup> groups_;
  std::vector<Entry> entries_;  // by name; none covers another
};

}  // namespace tessera::tabletserver
