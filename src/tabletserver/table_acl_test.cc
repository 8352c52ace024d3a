// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/table_acl.h"

#include <gtest/gtest.h>

#include "tabletserver/guard.h"

namespace tessera::tabletserver {
namespace {

using queryservice::Caller;
using queryservice::Request;

constexpr std::string_view kConfig = R"({"table_groups": [
  {"name": "shop", "table_names_or_prefixes": ["t", "log_%"],
   "readers": ["ada", "staff"], "writers": ["ada"], "admins": ["dba"]},
  {"name": "rest", "table_names_or_prefixes": ["u%"], "readers": ["bob"]}]})";

std::shared_ptr<const TableAcl> Acl() {
  Result<std::shared_ptr<const TableAcl>> acl = TableAcl::Parse(kConfig);
  CHECK(acl.ok());
  return *std::move(acl);
}

std::string Problem(std::string_view config) {
  const Result<std::shared_ptr<const TableAcl>> acl = TableAcl::Parse(config);
  return acl.ok() ? "" : acl.error().message();
}

TEST(TableAcl, FindsNamesAndPrefixes) {
  const std::shared_ptr<const TableAcl> acl = Acl();
  const auto group = [&acl](std::string_view table) {
    const TableGroup* const found = acl->Find(table);
    return found == nullptr ? "none" : found->name;
  };
  EXPECT_EQ(group("t"), "shop");
  EXPECT_EQ(group("t2"), "none");
  EXPECT_EQ(group("T"), "none");
  EXPECT_EQ(group("log_"), "shop");
  EXPECT_EQ(group("log_2026"), "shop");
  EXPECT_EQ(group("log"), "none");
  EXPECT_EQ(group("users"), "rest");
  EXPECT_EQ(group(""), "none");
}

TEST(TableAcl, BadFilesAreNamed) {
  EXPECT_EQ(Problem("{"), "table ACL: the file: no JSON object");
  EXPECT_EQ(Problem("{}"), "table ACL: the file: table_groups is missing or no list");
  EXPECT_EQ(Problem(R"({"table_groups": [{"name": "g", "reader": ["a"]}]})"),
            "table ACL: group g: unknown member reader");
  EXPECT_EQ(Problem(R"({"table_groups": [{"name": "g", "readers": "a"}]})"),
            "table ACL: group g: readers is no list");
  EXPECT_EQ(
      Problem(R"({"table_groups": [{"name": "g", "table_names_or_prefixes": ["t%", "t1"]}]})"),
      "table ACL: group g: 't1' overlaps with 't%' of group g");
  EXPECT_EQ(Problem(R"({"table_groups": [{"table_names_or_prefixes": [""]}]})"),
            "table ACL: group : an empty table name");
}

// What the guard of a statement says to a caller; "ok" when it lets it pass.
std::string Check(std::string_view sql, Caller caller, AclMode mode,
                  GuardStats* counted = nullptr) {
  Protection protection;
  protection.acl = Acl();
  const auto guard = StatementGuard::Make(sql, protection, mode, {"ks"});
  if (guard == nullptr) return "no guard";
  Request request;
  request.caller = &caller;
  GuardStats stats;
  const Result<> allowed = guard->CheckTables(request, mode, stats);
  if (counted != nullptr) *counted = stats;
  return allowed.ok() ? "ok" : allowed.error().message();
}

Caller User(std::string name, std::vector<std::string> groups = {}) {
  Caller caller;
  caller.username = std::move(name);
  caller.groups = std::move(groups);
  return caller;
}

AclMode Strict() {
  AclMode mode;
  mode.strict = true;
  return mode;
}

TEST(StatementGuard, RolesAreListsOfTheirOwn) {
  EXPECT_EQ(Check("select * from t", User("ada"), Strict()), "ok");
  EXPECT_EQ(Check("select * from t", User("eve", {"x", "staff"}), Strict()), "ok");
  EXPECT_EQ(Check("insert into t values (1)", User("ada"), Strict()), "ok");
  EXPECT_EQ(Check("drop table t", User("dba"), Strict()), "ok");
  EXPECT_EQ(Check("select * from t", User("dba"), Strict()),
            "Select command denied to user 'dba' for table 't' (ACL check error)");
  EXPECT_EQ(Check("insert into t values (1)", User("eve", {"x", "staff"}), Strict()),
            "Insert command denied to user 'eve', in groups [x, staff], for table 't' (ACL check "
            "error)");
  EXPECT_EQ(Check("select * from t join users", User("ada"), Strict()),
            "Select command denied to user 'ada' for table 'users' (ACL check error)");
  EXPECT_EQ(Check("select * from nowhere", User("ada"), Strict()),
            "Select command denied to user 'ada' for table 'nowhere' (ACL check error)");
  EXPECT_EQ(Check("select 1", User("eve"), Strict()), "no guard");
}

TEST(StatementGuard, WhatCannotBeReadIsDenied) {
  EXPECT_EQ(Check("selekt * from t", User("ada"), Strict()),
            "OtherRead command denied to user 'ada' for tables that cannot be told from the "
            "statement (ACL check error)");
  EXPECT_EQ(Check("select * from t /*! join users */", User("ada"), Strict()).substr(0, 29),
            "Select command denied to user");
}

TEST(StatementGuard, ModesOfTheTableAcl) {
  GuardStats stats;
  AclMode mode = Strict();
  mode.dry_run = true;
  EXPECT_EQ(Check("select * from t", User("eve"), mode, &stats), "ok");
  EXPECT_EQ(stats.acl_pseudo_denied, 1u);
  mode = Strict();
  mode.exempt = "monitor";
  EXPECT_EQ(Check("select * from t", User("monitor"), mode, &stats), "ok");
  EXPECT_EQ(Check("select * from t", User("eve", {"monitor"}), mode, &stats), "ok");
  EXPECT_EQ(stats.acl_exempt, 1u);
  EXPECT_EQ(Check("select * from t", User(""), mode), "missing caller id");
  EXPECT_EQ(Check("select * from t", User("eve"), AclMode()), "no guard");
}

}  // namespace
}  // namespace tessera::tabletserver
