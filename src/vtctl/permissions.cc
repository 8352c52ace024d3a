// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Whether MySQL's users and their rights are the same on all tablets.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "proto/tabletmanagerdata.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;
using vtctldata::ValidatePermissionsKeyspaceRequest;
using vtctldata::ValidatePermissionsKeyspaceResponse;

// What a tablet grants, one entry a user or a user's database, in a form that compares.
using Grants = std::map<std::string, std::string>;

struct GrantsOf {
  topo::Tablet tablet;
  Grants grants;
  std::optional<Error> error;
};

template <class Privileges>
std::string PrivilegesText(const Privileges& privileges) {
  const std::map<std::string, std::string> sorted(privileges.begin(), privileges.end());
  std::string text;
  for (const auto& [name, value] : sorted) text += fmt::format("{}={};", name, value);
  return text;
}

Grants GrantsIn(const tm::Permissions& permissions) {
  Grants grants;
  for (const tm::UserPermission& user : permissions.user_permissions()) {
    grants[fmt::format("user {}@{}", user.user(), user.host())] =
        fmt::format("{};{}", user.password_checksum(), PrivilegesText(user.privileges()));
  }
  for (const tm::DbPermission& database : permissions.db_permissions()) {
    grants[fmt::format("user {}@{} on database {}", database.user(), database.host(),
                       database.db())] = PrivilegesText(database.privileges());
  }
  return grants;
}

Task<> ReadGrants(const Context& ctx, Control& control, GrantsOf& out) {
  const tm::GetPermissionsRequest ask;
  const Result<tm::GetPermissionsResponse> answer =
      co_await Ask<tm::GetPermissionsResponse>(ctx, control, out.tablet, ask);
  if (answer.ok())
    out.grants = GrantsIn(answer->permissions());
  else
    out.error = answer.error();
}

void Compare(const GrantsOf& model, const GrantsOf& other, std::vector<std::string>& findings) {
  const std::string alias = other.tablet.alias.ToString();
  const std::string from = model.tablet.alias.ToString();
  for (const auto& [name, grant] : model.grants) {
    const auto found = other.grants.find(name);
    if (found == other.grants.end())
      findings.push_back(fmt::format("{} has no {}, which {} has", alias, name, from));
    else if (found->second != grant)
      findings.push_back(fmt::format("{} of {} is not that of {}", name, alias, from));
  }
  for (const auto& [name, grant] : other.grants) {
    if (!model.grants.contains(name))
      findings.push_back(fmt::format("{} has a {}, which {} has not", alias, name, from));
  }
}

// The tablets of the shards, the first shard's primary first: it is the model.
Task<Result<std::vector<GrantsOf>>> FindTablets(const Context& ctx, Control& control,
                                                const ValidatePermissionsKeyspaceRequest& request) {
  std::vector<std::string> shards(request.shards().begin(), request.shards().end());
  if (shards.empty()) {
    CO_TRY(shards, co_await control.topo.GetShards(ctx, request.keyspace()));
  }
  std::vector<GrantsOf> out;
  for (const std::string& shard : shards) {
    CO_TRY(const topo::Versioned<topo::Shard> record,
           co_await FindShard(ctx, control, request.keyspace(), shard));
    const keys::TabletAlias& primary = record.record.primary_alias;
    if (out.empty() && primary.empty()) {
      co_return Errorf(Code::kFailedPrecondition,
                       "shard {}/{} has no primary to compare others with", request.keyspace(),
                       shard);
    }
    CO_TRY(std::vector<topo::Tablet> tablets,
           co_await TabletsOfShard(ctx, control, request.keyspace(), shard));
    const bool first = out.empty();
    for (topo::Tablet& tablet : tablets) {
      const bool is_model = first && tablet.alias == primary;
      GrantsOf read;
      read.tablet = std::move(tablet);
      out.insert(is_model ? out.begin() : out.end(), std::move(read));
    }
  }
  co_return out;
}

// The answer has room for nothing: what differs is the error.
Task<Result<ValidatePermissionsKeyspaceResponse>> ValidatePermissions(
    const Context& ctx, Control& control, const ValidatePermissionsKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY(std::vector<GrantsOf> tablets, co_await FindTablets(ctx, control, request));
  runtime::TaskGroup group(ctx);
  for (GrantsOf& read : tablets) group.Start(ReadGrants(group.context(), control, read));
  CO_TRY_OK(co_await group.Join());
  std::vector<std::string> findings;
  for (const GrantsOf& read : tablets) {
    if (read.error)
      findings.push_back(read.error->message());
    else if (!tablets.front().error)
      Compare(tablets.front(), read, findings);
  }
  if (findings.empty()) co_return ValidatePermissionsKeyspaceResponse();
  co_return Errorf(Code::kFailedPrecondition, "permissions differ: {}", fmt::join(findings, "; "));
}

}  // namespace

void AddPermissions(Methods& methods, Control& control) {
  Add(methods, control, &ValidatePermissions);
}

}  // namespace tessera::vtctl
