// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/guard.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace tessera::tabletserver {

using queryservice::Caller;

namespace {

// "10.0.0.7" of "10.0.0.7:51432" and "::1" of "[::1]:51432"; what has no port stays.
std::string_view WithoutPort(std::string_view peer) {
  const size_t colon = peer.rfind(':');
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  return colon == std::string_view::npos ? peer : peer.substr(0, colon);
}

RuleStatement RuleStatementOf(std::string_view query, const StatementTables& tables) {
  RuleStatement out;
  out.query = query;
  out.plan = tables.plan;
  for (const TableUse& use : tables.uses) out.tables.push_back(use.table);
  return out;
}

bool IsOrIsIn(const Caller& caller, const std::string& name) {
  return caller.username == name ||
         std::find(caller.groups.begin(), caller.groups.end(), name) != caller.groups.end();
}

std::string GroupsText(const Caller& caller) {
  if (caller.groups.empty()) return {};
  std::string out = ", in groups [";
  for (size_t i = 0; i < caller.groups.size(); ++i)
    out.append(i == 0 ? "" : ", ").append(caller.groups[i]);
  return out + "],";
}

}  // namespace

std::unique_ptr<const StatementGuard> StatementGuard::Make(
    std::string_view sql, const Protection& protection, const AclMode& mode,
    const std::vector<std::string>& own_names) {
  if (protection.rules == nullptr && protection.denied == nullptr && !mode.on()) return nullptr;
  StatementTables tables = FindStatementTables(sql, own_names);
  auto guard = std::make_unique<StatementGuard>();
  guard->protection_ = protection;
  guard->plan_ = tables.plan;
  const CommentedQuery cut = SplitComments(sql);
  for (const QueryRules* const rules : {protection.denied.get(), protection.rules.get()}) {
    if (rules == nullptr) continue;
    guard->leading_ = cut.leading;
    guard->trailing_ = cut.trailing;
    const std::vector<const QueryRule*> found = rules->Filter(RuleStatementOf(cut.query, tables));
    guard->rules_.insert(guard->rules_.end(), found.begin(), found.end());
  }
  guard->complete_ = tables.complete;
  guard->checks_tables_ = mode.on() && (!tables.complete || !tables.uses.empty());
  for (TableUse& use : tables.uses) {
    Right right;
    if (protection.acl != nullptr) right.group = protection.acl->Find(use.table);
    right.use = std::move(use);
    guard->rights_.push_back(std::move(right));
  }
  if (guard->rules_.empty() && !guard->checks_tables_) return nullptr;
  return guard;
}

const QueryRule* StatementGuard::FindRule(const queryservice::Request& request) const {
  RuleCall call;
  call.vars = request.vars;
  call.leading_comments = request.leading_comments.empty() ? leading_ : request.leading_comments;
  call.trailing_comments =
      request.trailing_comments.empty() ? trailing_ : request.trailing_comments;
  if (request.caller != nullptr) {
    call.user = request.caller->username;
    call.ip = WithoutPort(request.caller->component);
  }
  for (const QueryRule* const rule : rules_)
    if (rule->AppliesTo(call)) return rule;
  return nullptr;
}

Result<> StatementGuard::Deny(std::string text, const AclMode& mode, GuardStats& stats) const {
  if (mode.dry_run) {
    ++stats.acl_pseudo_denied;
    return Ok{};
  }
  ++stats.acl_denied;
  return Error(Code::kPermissionDenied, std::move(text));
}

Result<> StatementGuard::CheckTables(const queryservice::Request& request, const AclMode& mode,
                                     GuardStats& stats) const {
  if (!checks_tables_) return Ok{};
  const Caller* const caller = request.caller;
  if (caller == nullptr || caller->username.empty()) {
    if (!mode.strict) return Ok{};
    return Error(Code::kUnauthenticated, "missing caller id");
  }
  if (!mode.exempt.empty() && IsOrIsIn(*caller, mode.exempt)) {
    ++stats.acl_exempt;
    return Ok{};
  }
  const std::string_view kind = plan_;
  for (const Right& right : rights_) {
    if (right.group != nullptr && right.group->Allows(*caller, right.use.role)) continue;
    return Deny(fmt::format("{} command denied to user '{}'{} for table '{}' (ACL check error)",
                            kind, caller->username, GroupsText(*caller), right.use.table),
                mode, stats);
  }
  if (complete_) return Ok{};
  return Deny(fmt::format("{} command denied to user '{}'{} for tables that cannot be told from "
                          "the statement (ACL check error)",
                          kind, caller->username, GroupsText(*caller)),
              mode, stats);
}

Error RuleError(const QueryRule& rule) {
  const Code code =
      rule.action == RuleAction::kFail ? Code::kInvalidArgument : Code::kFailedPrecondition;
  return Errorf(code, "disallowed due to rule: {}", rule.description);
}

}  // namespace tessera::tabletserver
