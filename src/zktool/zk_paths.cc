// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zktool/zk_paths.h"

#include <algorithm>

#include <fmt/core.h>
#include <fnmatch.h>
#include <nlohmann/json.hpp>

#include "topo/errors.h"

namespace tessera::zktool {

using topo_zk::ZkClient;
using topo_zk::ZkPermission;

std::optional<std::string> LocalFile(std::string_view word) {
  if (word.starts_with("file:")) return std::string(word.substr(5));
  if (!word.starts_with('/')) return std::string(word);
  return std::nullopt;
}

Result<std::string> CleanPath(std::string_view word) {
  if (!word.starts_with('/')) {
    return Errorf(Code::kInvalidArgument, "'{}' is no path in ZooKeeper", word)
        .WithHint("paths begin with a slash");
  }
  std::string out;
  for (const char c : word) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string ChildPath(std::string_view dir, std::string_view name) {
  return dir == "/" ? fmt::format("/{}", name) : fmt::format("{}/{}", dir, name);
}

bool HasWildcards(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool Matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

namespace {

// The children of the nodes that one part of a path names.
Task<Result<std::vector<std::string>>> Step(const Context& ctx, std::shared_ptr<ZkClient> client,
                                            const std::vector<std::string>& nodes,
                                            const std::string& part) {
  std::vector<std::string> next;
  for (const std::string& node : nodes) {
    if (!HasWildcards(part)) {
      next.push_back(ChildPath(node, part));
      continue;
    }
    const Result<std::vector<std::string>> names = co_await client->Children(ctx, node);
    if (!names.ok() && topo::IsNoNode(names.error())) continue;
    if (!names.ok()) co_return names.error();
    for (const std::string& name : *names) {
      if (Matches(part, name)) next.push_back(ChildPath(node, name));
    }
  }
  co_return next;
}

Task<Result<bool>> Exists(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path) {
  CO_TRY(const std::optional<topo_zk::ZkStat> stat, co_await client->Exists(ctx, std::move(path)));
  co_return stat.has_value();
}

}  // namespace

Task<Result<std::vector<std::string>>> Expand(const Context& ctx, std::shared_ptr<ZkClient> client,
                                              std::string word) {
  CO_TRY(const std::string path, CleanPath(word));
  std::vector<std::string> nodes(1, path);
  if (!HasWildcards(path)) co_return nodes;
  nodes[0] = "/";
  for (size_t begin = 1; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    CO_TRY(nodes, co_await Step(ctx, client, nodes, part));
    begin = end + 1;
  }
  std::vector<std::string> there;
  for (const std::string& node : nodes) {
    CO_TRY(const bool exists, co_await Exists(ctx, client, node));
    if (exists) there.push_back(node);
  }
  if (there.empty()) co_return topo::NoNode(path);
  co_return there;
}

Task<Result<std::vector<std::string>>> Subtree(const Context& ctx, std::shared_ptr<ZkClient> client,
                                               std::string path) {
  std::vector<std::string> out(1, std::move(path));
  for (size_t i = 0; i < out.size(); ++i) {
    const Result<std::vector<std::string>> names = co_await client->Children(ctx, out[i]);
    const bool gone = !names.ok() && topo::IsNoNode(names.error());
    if (gone && i > 0) continue;  // others may delete while we look
    if (!names.ok()) co_return names.error();
    for (const std::string& name : *names) out.push_back(ChildPath(out[i], name));
  }
  std::sort(out.begin(), out.end());
  co_return out;
}

Result<std::string> ServersOfPath(std::string_view path, std::string_view config,
                                  std::string_view local_cell) {
  constexpr std::string_view kPrefix = "/zk/";
  if (!path.starts_with(kPrefix)) {
    return Errorf(Code::kInvalidArgument, "no server is known for {}", path)
        .WithHint("give --server host:port; only /zk/<cell>/... is looked up in ZK_CLIENT_CONFIG");
  }
  std::string_view cell = path.substr(kPrefix.size());
  cell = cell.substr(0, cell.find('/'));
  if (cell == "local" && !local_cell.empty()) cell = local_cell;
  const nlohmann::json cells = nlohmann::json::parse(config, nullptr, false);
  if (!cells.is_object())
    return Error(Code::kInvalidArgument, "the file of ZK_CLIENT_CONFIG is no JSON object");
  auto found = cells.find(std::string(cell));
  if (found == cells.end() && cell == "global")
    found = cells.find(std::string(local_cell) + "-global");
  if (found == cells.end() || !found->is_string()) {
    return Errorf(Code::kInvalidArgument, "the file of ZK_CLIENT_CONFIG has no cell {}", cell)
        .WithHint("add it, or give --server host:port");
  }
  return found->get<std::string>();
}

Result<int> ChangedPermissions(std::string_view mode, int permissions) {
  const std::string_view all = mode;
  if (mode.starts_with('n')) mode.remove_prefix(1);
  const char how = mode.empty() ? ' ' : mode.front();
  int bits = 0;
  for (const char letter : mode.substr(std::min<size_t>(1, mode.size()))) {
    constexpr std::string_view kLetters = "rwcda";  // in the order of their bits
    const size_t at = kLetters.find(letter);
    if (at == std::string_view::npos) bits = -1;
    if (bits >= 0) bits |= 1 << at;
  }
  if (bits <= 0 || (how != '+' && how != '-' && how != '=')) {
    return Errorf(Code::kInvalidArgument, "'{}' is no mode", all)
        .WithHint(
            "write n+rw, n-d or n=rwcda: read, write, create children, delete children, admin");
  }
  if (how == '=') return bits;
  return how == '+' ? permissions | bits : permissions & ~bits;
}

}  // namespace tessera::zktool
