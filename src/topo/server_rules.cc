// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server for rules, metadata and other clusters: global records without shards.
#include <utility>

#include "topo/errors.h"
#include "topo/internal/record_access.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

std::string_view RulesPath(RulesKind kind) {
  switch (kind) {
    case RulesKind::kRouting:
      return kRoutingRulesPath;
    case RulesKind::kShardRouting:
      return kShardRoutingRulesPath;
    case RulesKind::kKeyspaceRouting:
      return kKeyspaceRoutingRulesPath;
    case RulesKind::kMirror:
      return kMirrorRulesPath;
  }
  return {};
}

// One name, no path.
Result<> CheckName(std::string_view name, std::string_view what) {
  const Result<std::vector<std::string_view>> parts = SplitPath(name);
  if (parts.ok() && parts->size() == 1) return Ok{};
  return Errorf(Code::kInvalidArgument, "'{}' is no name for {}", name, what)
      .WithHint("use 1 to 255 characters, no slash and no dot in front");
}

}  // namespace

Task<Result<std::string>> Server::GetRules(const Context& ctx, RulesKind kind) {
  co_return co_await GetOrEmpty(ctx, RulesPath(kind));
}

Task<Result<>> Server::SaveRules(const Context& ctx, RulesKind kind, std::string_view rules) {
  CO_TRY(const size_t count, CountRules(kind, rules));
  if (kind == RulesKind::kKeyspaceRouting) {
    const Change<std::string> replace = [rules](std::string& record) -> Result<bool> {
      record = rules;
      return true;
    };
    co_return co_await UpdateKeyspaceRoutingRules(ctx, "SaveKeyspaceRoutingRules", replace);
  }
  if (count == 0) {
    co_return co_await DeleteIfThere(ctx, kGlobalCell, std::string(RulesPath(kind)));
  }
  CO_TRY_OK(co_await global_->Update(ctx, RulesPath(kind), rules, std::nullopt));
  co_return Ok{};
}

Task<Result<>> Server::UpdateKeyspaceRoutingRules(const Context& ctx, std::string_view action,
                                                  const Change<std::string>& change) {
  for (;;) {
    const Context bounded = ctx.WithTimeout(kLockTimeout);
    const std::string contents = LockContents(action);
    auto lock = co_await global_->Lock(bounded, kRoutingRulesLockDir, contents);
    if (lock.ok()) {
      std::unique_ptr<LockHandle> held = std::move(*lock);
      LockedWork work = [&](Server& locked) { return locked.ChangeKeyspaceRules(ctx, change); };
      co_return co_await UnderLock(std::move(held), std::string(action), std::move(work));
    }
    if (!IsNoNode(lock.error())) co_return std::move(lock).error();
    // There is nothing to lock before the first record: whoever makes it is first.
    std::string rules;
    CO_TRY(const bool changed, change(rules));
    if (!changed) co_return Ok{};
    CO_TRY_OK(CountRules(RulesKind::kKeyspaceRouting, rules));
    const Result<Version> made = co_await global_->Create(ctx, kKeyspaceRoutingRulesPath, rules);
    if (made.ok()) co_return Ok{};
    if (!IsNodeExists(made.error())) co_return made.error();
  }
}

Task<Result<>> Server::ChangeKeyspaceRules(const Context& ctx, const Change<std::string>& change) {
  CO_TRY(std::string rules, co_await GetOrEmpty(ctx, kKeyspaceRoutingRulesPath));
  CO_TRY(const bool changed, change(rules));
  if (!changed) co_return Ok{};
  CO_TRY_OK(CountRules(RulesKind::kKeyspaceRouting, rules));
  CO_TRY_OK(co_await global_->Update(ctx, kKeyspaceRoutingRulesPath, rules, std::nullopt));
  co_return Ok{};
}

Task<Result<std::map<std::string, std::string>>> Server::GetAllMetadata(const Context& ctx) {
  std::map<std::string, std::string> values;
  CO_TRY(const std::vector<std::string> keys, co_await ListNames(ctx, *global_, kMetadataDir));
  for (const std::string& key : keys) {
    Result<Node> node = co_await global_->Get(ctx, MetadataPath(key));
    if (!node.ok() && IsNoNode(node.error())) continue;  // deleted meanwhile
    if (!node.ok()) co_return std::move(node).error();
    values[key] = std::move(node->contents);
  }
  co_return values;
}

Task<Result<std::string>> Server::GetMetadata(const Context& ctx, std::string_view key) {
  CO_TRY_OK(CheckName(key, "metadata"));
  CO_TRY(Node node, co_await global_->Get(ctx, MetadataPath(key)));
  co_return std::move(node.contents);
}

Task<Result<>> Server::SetMetadata(const Context& ctx, std::string_view key,
                                   std::string_view value) {
  CO_TRY_OK(CheckName(key, "metadata"));
  CO_TRY_OK(co_await global_->Update(ctx, MetadataPath(key), value, std::nullopt));
  co_return Ok{};
}

Task<Result<>> Server::DeleteMetadata(const Context& ctx, std::string_view key) {
  CO_TRY_OK(CheckName(key, "metadata"));
  co_return co_await global_->Delete(ctx, MetadataPath(key), std::nullopt);
}

Task<Result<std::vector<std::string>>> Server::GetExternalClusters(const Context& ctx) {
  co_return co_await ListNames(ctx, *global_, kExternalClustersDir);
}

Task<Result<Versioned<ExternalCluster>>> Server::GetExternalCluster(const Context& ctx,
                                                                    std::string_view name) {
  co_return co_await ReadRecord(ctx, *global_, ExternalClusterPath(name), DecodeExternalCluster);
}

Task<Result<>> Server::CreateExternalCluster(const Context& ctx, std::string_view name,
                                             ExternalCluster cluster) {
  CO_TRY_OK(CheckName(name, "another cluster"));
  CO_TRY_OK(co_await global_->Create(ctx, ExternalClusterPath(name), Encode(cluster)));
  co_return Ok{};
}

Task<Result<ExternalCluster>> Server::UpdateExternalCluster(const Context& ctx,
                                                            std::string_view name,
                                                            const Change<ExternalCluster>& change) {
  co_return co_await ChangeRecord(ctx, *global_, ExternalClusterPath(name), DecodeExternalCluster,
                                  WhenAbsent::kFail, change);
}

Task<Result<>> Server::DeleteExternalCluster(const Context& ctx, std::string_view name) {
  co_return co_await global_->Delete(ctx, ExternalClusterPath(name), std::nullopt);
}

}  // namespace tessera::topo
