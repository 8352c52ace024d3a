// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "queryservice/query_service.h"
#include "tabletserver/query_rules.h"
#include "tabletserver/statement_tables.h"
#include "tabletserver/table_acl.h"

namespace tessera::tabletserver {

// What stands between callers and tables; each may be missing. Cheap to copy; may cross threads.
struct Protection {
  std::shared_ptr<const QueryRules> rules;
  std::shared_ptr<const QueryRules> denied;  // tables that the topology takes away; before `rules`
  std::shared_ptr<const TableAcl> acl;
};

// How the table ACL is held to. Flags in parentheses.
struct AclMode {
  bool strict = false;   // refuse, not only count (queryserver-config-strict-table-acl)
  bool dry_run = false;  // count only (queryserver-config-enable-table-acl-dry-run)
  std::string exempt;    // a user or group that is not asked (queryserver-config-acl-exempt-acl)

  bool on() const { return strict || dry_run; }
};

struct GuardStats {
  uint64_t refused_by_rules = 0;
  uint64_t buffered_by_rules = 0;
  uint64_t acl_denied = 0;
  uint64_t acl_pseudo_denied = 0;  // would have been, but for the dry run
  uint64_t acl_exempt = 0;
};

// What rules and table ACL have to say of one statement: made with its plan, so that a run asks
// only of its caller and values. Never changes once made.
class StatementGuard {
 public:
  // Null when there is nothing to ask about the statement.
  static std::unique_ptr<const StatementGuard> Make(std::string_view sql,
                                                    const Protection& protection,
                                                    const AclMode& mode,
                                                    const std::vector<std::string>& own_names);

  // The rule that decides about this run; null when none does.
  const QueryRule* FindRule(const queryservice::Request& request) const;
  // kPermissionDenied with Vitess's text, kUnauthenticated without a caller.
  Result<> CheckTables(const queryservice::Request& request, const AclMode& mode,
                       GuardStats& stats) const;

 private:
  struct Right {
    TableUse use;
    const TableGroup* group = nullptr;  // null: no group has the table
  };
  Result<> Deny(std::string text, const AclMode& mode, GuardStats& stats) const;

  Protection protection_;  // owns what the pointers below point to
  std::vector<const QueryRule*> rules_;
  std::string_view plan_;
  std::string leading_;  // comments that are part of the text
  std::string trailing_;
  bool checks_tables_ = false;
  bool complete_ = true;
  std::vector<Right> rights_;
};

// The error of a rule that refuses; for BUFFER, of one that was waited for in vain.
Error RuleError(const QueryRule& rule);

}  // namespace tessera::tabletserver
