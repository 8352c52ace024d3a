// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Which version tablets run, by their own status pages.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include "http/client.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "vtctl/internal/operation.h"
#include "vtctl/json.h"

namespace tessera::vtctl {

namespace {

using Findings = google::protobuf::RepeatedPtrField<std::string>;

constexpr std::string_view kPath = "/debug/vars";
constexpr std::string_view kVariable = "BuildVersion";

Result<std::string> VersionIn(std::string_view json) {
  google::protobuf::Struct vars;
  TRY_OK(FromJson(json, vars));
  const auto found = vars.fields().find(std::string(kVariable));
  if (found == vars.fields().end() || !found->second.has_string_value())
    return Errorf(Code::kUnavailable, "{} has no {}", kPath, kVariable);
  return found->second.string_value();
}

// The page itself; another status than 200 is an error.
Task<Result<std::string>> ReadPage(const Context& ctx, runtime::Address address) {
  const std::string where = address.ToString();
  CO_TRY(http::Answer answer, co_await http::Get(ctx, std::move(address), std::string(kPath)));
  if (answer.status == 200) co_return std::move(answer.body);
  co_return Errorf(Code::kUnavailable, "{}{}: HTTP status {}", where, kPath, answer.status);
}

Task<Result<std::string>> ReadVersion(const Context& ctx, Control& control,
                                      const topo::Tablet& tablet) {
  const std::string alias = tablet.alias.ToString();
  const int32_t port = tablet.port("vt");
  if (port <= 0 || port > 65535) {
    co_return Errorf(Code::kFailedPrecondition, "tablet {} shows no status pages", alias)
        .WithHint("vttablet --port opens them");
  }
  const Context bounded = ctx.WithTimeout(control.tablet_timeout);
  runtime::Address address = runtime::Address::Tcp(tablet.hostname, static_cast<uint16_t>(port));
  Result<std::string> page = co_await ReadPage(bounded, std::move(address));
  if (!page.ok()) co_return std::move(page).error().Wrap("tablet " + alias);
  Result<std::string> version = VersionIn(*page);
  if (!version.ok()) co_return std::move(version).error().Wrap("tablet " + alias);
  co_return version;
}

Task<Result<vtctldata::GetVersionResponse>> GetVersion(
    const Context& ctx, Control& control, const vtctldata::GetVersionRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  vtctldata::GetVersionResponse response;
  CO_TRY(*response.mutable_version(), co_await ReadVersion(ctx, control, tablet));
  co_return response;
}

// One tablet and what it said.
struct VersionOf {
  topo::Tablet tablet;
  std::string version;
  std::optional<Error> error;
};

Task<> Fill(const Context& ctx, Control& control, VersionOf& out) {
  Result<std::string> version = co_await ReadVersion(ctx, control, out.tablet);
  if (version.ok())
    out.version = *std::move(version);
  else
    out.error = std::move(version).error();
}

// The versions of a shard's tablets, its primary's first.
Task<Result<std::vector<VersionOf>>> ReadShard(const Context& ctx, Control& control,
                                               std::string keyspace, std::string shard) {
  CO_TRY(const topo::Versioned<topo::Shard> record,
         co_await FindShard(ctx, control, keyspace, shard));
  CO_TRY(std::vector<topo::Tablet> tablets, co_await TabletsOfShard(ctx, control, keyspace, shard));
  std::vector<VersionOf> out;
  out.reserve(tablets.size());
  for (topo::Tablet& tablet : tablets) {
    const bool primary = tablet.alias == record.record.primary_alias;
    VersionOf read;
    read.tablet = std::move(tablet);
    out.insert(primary ? out.begin() : out.end(), std::move(read));
  }
  runtime::TaskGroup group(ctx);
  for (VersionOf& read : out) group.Start(Fill(group.context(), control, read));
  CO_TRY_OK(co_await group.Join());
  co_return out;
}

// Against the first tablet that told its version, of this shard or of one before.
void Compare(const std::vector<VersionOf>& tablets, std::optional<VersionOf>& model,
             Findings& findings) {
  for (const VersionOf& read : tablets) {
    if (read.error) {
      *findings.Add() = read.error->ToString();
    } else if (!model) {
      model = read;
    } else if (read.version != model->version) {
      *findings.Add() =
          fmt::format("tablet {} runs version {}, {} runs {}", read.tablet.alias.ToString(),
                      read.version, model->tablet.alias.ToString(), model->version);
    }
  }
}

Task<Result<vtctldata::ValidateVersionShardResponse>> ValidateVersionShard(
    const Context& ctx, Control& control, const vtctldata::ValidateVersionShardRequest& request) {
  CO_TRY(const std::vector<VersionOf> tablets,
         co_await ReadShard(ctx, control, request.keyspace(), request.shard()));
  vtctldata::ValidateVersionShardResponse response;
  std::optional<VersionOf> model;
  Compare(tablets, model, *response.mutable_results());
  co_return response;
}

Task<Result<vtctldata::ValidateVersionKeyspaceResponse>> ValidateVersionKeyspace(
    const Context& ctx, Control& control,
    const vtctldata::ValidateVersionKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY(const std::vector<std::string> shards,
         co_await control.topo.GetShards(ctx, request.keyspace()));
  vtctldata::ValidateVersionKeyspaceResponse response;
  std::optional<VersionOf> model;
  for (const std::string& shard : shards) {
    CO_TRY(const std::vector<VersionOf> tablets,
           co_await ReadShard(ctx, control, request.keyspace(), shard));
    Compare(tablets, model, *(*response.mutable_results_by_shard())[shard].mutable_results());
  }
  co_return response;
}

}  // namespace

void AddVersions(Methods& methods, Control& control) {
  Add(methods, control, &GetVersion);
  Add(methods, control, &ValidateVersionShard);
  Add(methods, control, &ValidateVersionKeyspace);
}

}  // namespace tessera::vtctl
