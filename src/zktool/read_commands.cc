// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <ctime>
#include <optional>

#include <fmt/core.h>

#include "runtime/task_group.h"
#include "topo/errors.h"
#include "zktool/commands.h"
#include "zktool/record_codec.h"
#include "zktool/zk_paths.h"

namespace tessera::zktool {

using topo_zk::ZkNode;
using topo_zk::ZkSignal;
using topo_zk::ZkStat;

namespace {

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string TimeText(int64_t milliseconds) {
  const std::time_t seconds = milliseconds / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

char KindLetter(const ZkStat& stat) {
  if (stat.ephemeral_owner != 0) return 'e';
  return stat.num_children > 0 ? 'd' : '-';
}

std::string Details(const ZkStat& stat) {
  return fmt::format("{} {:>6} {:>8} {:>6} {} ", KindLetter(stat), stat.version, stat.data_length,
                     stat.num_children, TimeText(stat.mtime));
}

Task<Result<>> ListOne(const Context& ctx, Client client, std::string path, bool details) {
  if (details) {
    CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, path));
    if (!stat) co_return Ok{};
    Print(Details(*stat));
  }
  Print(path + "\n");
  co_return Ok{};
}

// The paths that listing one node shows.
Task<Result<Words>> Shown(const Context& ctx, Client client, std::string path,
                          const ListOptions& options) {
  if (options.directories) co_return Words(1, path);
  if (options.recursive) {
    CO_TRY(Words all, co_await Subtree(ctx, client, path));
    all.erase(all.begin());
    if (all.empty()) all.push_back(path);
    co_return all;
  }
  CO_TRY(Words names, co_await client->Children(ctx, path));
  if (names.empty()) co_return Words(1, path);
  for (std::string& name : names) name = ChildPath(path, name);
  co_return names;
}

std::string StatText(const std::string& path, const ZkStat& stat) {
  return fmt::format(
      "Path: {}\nCreated: {}\nModified: {}\nSize: {}\nChildren: {}\nVersion: {}\n"
      "ChildrenVersion: {}\nAclVersion: {}\nEphemeralOwner: {:#x}\nCzxid: {:#x}\nMzxid: {:#x}\n"
      "Pzxid: {:#x}\n",
      path, TimeText(stat.ctime), TimeText(stat.mtime), stat.data_length, stat.num_children,
      stat.version, stat.cversion, stat.aversion, stat.ephemeral_owner, stat.czxid, stat.mzxid,
      stat.pzxid);
}

std::string AclText(const topo_zk::ZkAcl& acl) {
  std::string letters = "rwcda";  // in the order of their bits
  for (size_t bit = 0; bit < letters.size(); ++bit) {
    if ((acl.permissions >> bit & 1) == 0) letters[bit] = '-';
  }
  return fmt::format("{} {}:{}", letters, acl.scheme, acl.id);
}

Task<Result<>> StatOne(const Context& ctx, Client client, std::string path) {
  CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, path));
  if (!stat) co_return topo::NoNode(path);
  Print(StatText(path, *stat));
  // Only who may read a node may see this.
  const Result<std::vector<topo_zk::ZkAcl>> acl = co_await client->GetAcl(ctx, path);
  if (!acl.ok()) co_return Ok{};
  for (const topo_zk::ZkAcl& entry : *acl) Print("Acl: " + AclText(entry) + "\n");
  co_return Ok{};
}

Task<Result<>> CatOne(const Context& ctx, Client client, std::string path, CatOptions options) {
  CO_TRY(ZkNode node, co_await client->Get(ctx, path));
  if (options.decode) {
    CO_TRY(node.contents, DecodeRecord(path, node.contents));
  }
  if (options.names) Print(path + ":\n");
  Print(node.contents);
  if (options.names && !node.contents.ends_with('\n')) Print("\n");
  co_return Ok{};
}

Task<Result<>> WatchOne(const Context& ctx, Client client, std::string path) {
  ZkSignal signal(client);
  int64_t seen = -1;
  for (;;) {
    CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, path, &signal));
    const int64_t now = stat ? stat->mzxid : 0;
    if (now != seen && stat) Print(fmt::format("{} version {}\n", path, stat->version));
    if (now != seen && !stat) Print(fmt::format("{} is not there\n", path));
    seen = now;
    CO_TRY_OK(co_await signal.Wait(ctx));
  }
}

}  // namespace

Task<Result<>> List(const Context& ctx, Client client, Words paths, ListOptions options) {
  for (const std::string& word : paths) {
    const Result<Words> nodes = co_await Expand(ctx, client, word);
    const bool none = !nodes.ok() && topo::IsNoNode(nodes.error());
    if (none && options.force) continue;
    if (!nodes.ok()) co_return nodes.error();
    for (const std::string& node : *nodes) {
      const Result<Words> shown = co_await Shown(ctx, client, node, options);
      const bool gone = !shown.ok() && topo::IsNoNode(shown.error());
      if (gone && options.force) continue;
      if (!shown.ok()) co_return shown.error();
      for (const std::string& path : *shown) {
        CO_TRY_OK(co_await ListOne(ctx, client, path, options.details));
      }
    }
  }
  co_return Ok{};
}

Task<Result<>> Cat(const Context& ctx, Client client, Words paths, CatOptions options) {
  for (const std::string& word : paths) {
    const Result<Words> nodes = co_await Expand(ctx, client, word);
    const bool none = !nodes.ok() && topo::IsNoNode(nodes.error());
    if (none && options.force) continue;
    if (!nodes.ok()) co_return nodes.error();
    options.names = options.names || nodes->size() > 1;
    for (const std::string& node : *nodes) {
      const Result<> shown = co_await CatOne(ctx, client, node, options);
      const bool gone = !shown.ok() && topo::IsNoNode(shown.error());
      if (!shown.ok() && !(gone && options.force)) co_return shown.error();
    }
  }
  co_return Ok{};
}

Task<Result<>> Stat(const Context& ctx, Client client, Words paths, bool force) {
  for (const std::string& word : paths) {
    const Result<Words> nodes = co_await Expand(ctx, client, word);
    const bool none = !nodes.ok() && topo::IsNoNode(nodes.error());
    if (none && force) continue;
    if (!nodes.ok()) co_return nodes.error();
    for (const std::string& node : *nodes) {
      const Result<> shown = co_await StatOne(ctx, client, node);
      const bool gone = !shown.ok() && topo::IsNoNode(shown.error());
      if (!shown.ok() && !(gone && force)) co_return shown.error();
    }
  }
  co_return Ok{};
}

Task<Result<>> Wait(const Context& ctx, Client client, std::string path, bool exit) {
  const bool children = path.size() > 1 && path.ends_with('/');
  CO_TRY(path, CleanPath(path));
  ZkSignal signal(client);
  CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, path, &signal));
  if (stat && exit) {
    Print(path + " is there\n");
    co_return Ok{};
  }
  if (children && !stat) co_return topo::NoNode(path);
  ZkSignal below(client);
  if (children) {
    CO_TRY(const Words names, co_await client->Children(ctx, path, &below));
    CO_TRY_OK(co_await below.Wait(ctx));
    CO_TRY(const Words now, co_await client->Children(ctx, path));
    for (const std::string& name : now) Print(name + "\n");
    co_return Ok{};
  }
  CO_TRY_OK(co_await signal.Wait(ctx));
  CO_TRY(const std::optional<ZkStat> now, co_await client->Exists(ctx, path));
  Print(now ? StatText(path, *now) : path + " is not there\n");
  co_return Ok{};
}

Task<Result<>> Watch(const Context& ctx, Client client, Words paths) {
  runtime::TaskGroup group(ctx);
  Result<> outcome = Ok{};
  for (const std::string& word : paths) {
    const Result<Words> nodes = co_await Expand(ctx, client, word);
    if (!nodes.ok()) outcome = nodes.error();
    if (!nodes.ok()) break;
    for (const std::string& node : *nodes) group.Start(WatchOne(group.context(), client, node));
  }
  if (!outcome.ok()) {
    const Result<> ended = co_await group.CancelAndJoin();
    (void)ended;  // the first error counts
    co_return outcome;
  }
  co_return co_await group.Join();
}

}  // namespace tessera::zktool
