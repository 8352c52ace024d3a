// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/loop.h"
#include "topo/errors.h"
#include "zktool/commands.h"
#include "zktool/zip_file.h"
#include "zktool/zk_paths.h"

namespace tessera::zktool {

using topo_zk::WorldAcl;
using topo_zk::ZkMode;
using topo_zk::ZkNode;
using topo_zk::ZkStat;

namespace {

Result<std::string> ReadLocal(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Errorf(Code::kInvalidArgument, "{}: {}", path, std::strerror(errno));
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

Result<> WriteLocal(const std::string& path, std::string_view contents) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << contents;
  file.close();
  if (!file) return Errorf(Code::kUnavailable, "{}: {}", path, std::strerror(errno));
  return Ok{};
}

Task<Result<std::string>> ReadEither(const Context& ctx, Client client, std::string word) {
  if (const std::optional<std::string> file = LocalFile(word)) {
    const auto read = [&file] { return ReadLocal(*file); };
    co_return co_await runtime::RunBlocking(read);
  }
  CO_TRY(std::string path, CleanPath(word));
  CO_TRY(ZkNode node, co_await client->Get(ctx, std::move(path)));
  co_return std::move(node.contents);
}

// Creates a node, with those above it, or overwrites it.
Task<Result<>> Put(const Context& ctx, Client client, std::string path, std::string contents) {
  for (;;) {
    const Result<ZkStat> set = co_await client->Set(ctx, path, contents, -1);
    if (set.ok()) co_return Ok{};
    if (!topo::IsNoNode(set.error())) co_return set.error();
    const Result<std::string> made = co_await client->CreateDeep(
        ctx, path, contents, WorldAcl(topo_zk::kDirectoryPermissions), ZkMode::kPersistent);
    if (made.ok()) co_return Ok{};
    if (!topo::IsNodeExists(made.error())) co_return made.error();
  }
}

Task<Result<>> WriteEither(const Context& ctx, Client client, std::string word,
                           std::string contents) {
  if (const std::optional<std::string> file = LocalFile(word)) {
    const auto write = [&file, &contents] { return WriteLocal(*file, contents); };
    co_return co_await runtime::RunBlocking(write);
  }
  CO_TRY(std::string path, CleanPath(word));
  co_return co_await Put(ctx, client, std::move(path), std::move(contents));
}

std::string LastPart(const std::string& word) {
  const size_t slash = word.find_last_of("/:");
  return slash == std::string::npos ? word : word.substr(slash + 1);
}

// The words of a copy but the last, with wildcards of ZooKeeper's paths replaced.
Task<Result<Words>> Sources(const Context& ctx, Client client, const Words& words) {
  Words out;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (LocalFile(words[i])) {
      out.push_back(words[i]);
      continue;
    }
    CO_TRY(const Words nodes, co_await Expand(ctx, client, words[i]));
    out.insert(out.end(), nodes.begin(), nodes.end());
  }
  co_return out;
}

// Runs $EDITOR on a file. Blocks.
Result<> RunEditor(const std::string& file) {
  const char* const given = std::getenv("EDITOR");
  const std::string editor = given != nullptr && given[0] != '\0' ? given : "vi";
  const int status = std::system(fmt::format("{} '{}'", editor, file).c_str());
  if (status == 0) return Ok{};
  return Errorf(Code::kAborted, "{} ended with status {}; nothing was changed", editor, status)
      .WithHint("set EDITOR to the editor you want");
}

Result<std::string> TemporaryFile(std::string_view contents) {
  std::string path = "/tmp/zk-edit.XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) return Errorf(Code::kUnavailable, "{}: {}", path, std::strerror(errno));
  close(fd);
  TRY_OK(WriteLocal(path, contents));
  return path;
}

Task<Result<>> TouchOne(const Context& ctx, Client client, std::string path, TouchOptions options) {
  const Result<ZkNode> node = co_await client->Get(ctx, path);
  if (node.ok()) {
    const Result<ZkStat> set = co_await client->Set(ctx, path, node->contents, node->stat.version);
    if (!set.ok()) co_return set.error();
    co_return Ok{};
  }
  if (!topo::IsNoNode(node.error())) co_return node.error();
  if (options.no_create) co_return Ok{};
  const topo_zk::ZkAcl acl = WorldAcl(topo_zk::kDirectoryPermissions);
  if (options.parents) {
    CO_TRY_OK(co_await client->CreateDeep(ctx, path, "", acl, ZkMode::kPersistent));
    co_return Ok{};
  }
  const Result<std::string> made = co_await client->Create(ctx, path, "", acl, ZkMode::kPersistent);
  if (!made.ok() && topo::IsNoNode(made.error()))
    co_return Error(made.error()).WithHint("its parent is missing: -p makes it");
  if (!made.ok()) co_return made.error();
  co_return Ok{};
}

Task<Result<>> RemoveOne(const Context& ctx, Client client, std::string path,
                         RemoveOptions options) {
  Words all(1, path);
  if (options.recursive) {
    CO_TRY(all, co_await Subtree(ctx, client, path));
  }
  for (auto node = all.rbegin(); node != all.rend(); ++node) {
    const Result<> deleted = co_await client->Delete(ctx, *node, -1);
    const bool gone = !deleted.ok() && topo::IsNoNode(deleted.error());
    if (!deleted.ok() && !(gone && (options.force || *node != path))) co_return deleted.error();
  }
  co_return Ok{};
}

}  // namespace

Task<Result<>> Copy(const Context& ctx, Client client, Words words) {
  if (words.size() < 2) co_return Error(Code::kInvalidArgument, "cp needs a source and a target");
  const std::string target = words.back();
  CO_TRY(const Words sources, co_await Sources(ctx, client, words));
  if (sources.size() > 1 && !target.ends_with('/')) {
    co_return Errorf(Code::kInvalidArgument, "{} nodes cannot be copied to one", sources.size())
        .WithHint("end the target with a slash");
  }
  for (const std::string& source : sources) {
    CO_TRY(std::string contents, co_await ReadEither(ctx, client, source));
    const std::string to = target.ends_with('/') ? target + LastPart(source) : target;
    CO_TRY_OK(co_await WriteEither(ctx, client, to, std::move(contents)));
  }
  co_return Ok{};
}

Task<Result<>> Edit(const Context& ctx, Client client, std::string path, bool force) {
  CO_TRY(path, CleanPath(path));
  const Result<ZkNode> node = co_await client->Get(ctx, path);
  if (!node.ok() && topo::IsNoNode(node.error()) && force) co_return Ok{};
  if (!node.ok()) co_return node.error();
  CO_TRY(const std::string file, TemporaryFile(node->contents));
  const auto edit = [&file]() -> Result<std::string> {
    TRY_OK(RunEditor(file));
    return ReadLocal(file);
  };
  const Result<std::string> text = co_await runtime::RunBlocking(edit);
  if (!text.ok() || *text == node->contents) {
    unlink(file.c_str());
    if (!text.ok()) co_return text.error();
    co_return Ok{};
  }
  const Result<ZkStat> set = co_await client->Set(ctx, path, *text, node->stat.version);
  if (!set.ok()) co_return Error(set.error()).WithHint("your text is in " + file);
  unlink(file.c_str());
  co_return Ok{};
}

Task<Result<>> Touch(const Context& ctx, Client client, Words paths, TouchOptions options) {
  for (const std::string& word : paths) {
    CO_TRY(const Words nodes, co_await Expand(ctx, client, word));
    for (const std::string& node : nodes) {
      CO_TRY_OK(co_await TouchOne(ctx, client, node, options));
    }
  }
  co_return Ok{};
}

Task<Result<>> Remove(const Context& ctx, Client client, Words paths, RemoveOptions options) {
  for (const std::string& word : paths) {
    const Result<Words> nodes = co_await Expand(ctx, client, word);
    const bool none = !nodes.ok() && topo::IsNoNode(nodes.error());
    if (none && options.force) continue;
    if (!nodes.ok()) co_return nodes.error();
    for (const std::string& node : *nodes) {
      const Result<> removed = co_await RemoveOne(ctx, client, node, options);
      const bool gone = !removed.ok() && topo::IsNoNode(removed.error());
      if (!removed.ok() && !(gone && options.force)) co_return removed.error();
    }
  }
  co_return Ok{};
}

Task<Result<>> ChangeMode(const Context& ctx, Client client, std::string mode, Words paths) {
  for (const std::string& word : paths) {
    CO_TRY(const Words nodes, co_await Expand(ctx, client, word));
    for (const std::string& node : nodes) {
      CO_TRY(std::vector<topo_zk::ZkAcl> acl, co_await client->GetAcl(ctx, node));
      for (topo_zk::ZkAcl& entry : acl) {
        CO_TRY(entry.permissions, ChangedPermissions(mode, entry.permissions));
      }
      CO_TRY_OK(co_await client->SetAcl(ctx, node, std::move(acl)));
    }
  }
  co_return Ok{};
}

Task<Result<>> AddAuth(const Context& ctx, Client client, std::string scheme, std::string auth) {
  co_return co_await client->AddAuth(ctx, std::move(scheme), std::move(auth));
}

Task<Result<>> Zip(const Context& ctx, Client client, Words paths, std::string archive) {
  const std::optional<std::string> file = LocalFile(archive);
  const std::string to = file.value_or(archive);
  std::vector<ZipEntry> entries;
  for (const std::string& word : paths) {
    CO_TRY(const Words nodes, co_await Expand(ctx, client, word));
    for (const std::string& top : nodes) {
      CO_TRY(const Words all, co_await Subtree(ctx, client, top));
      for (const std::string& path : all) {
        CO_TRY(ZkNode node, co_await client->Get(ctx, path));
        const bool only_directory = node.stat.num_children > 0 && node.contents.empty();
        if (only_directory || node.stat.ephemeral_owner != 0 || path == "/") continue;
        ZipEntry entry;
        entry.name = path.substr(1);
        entry.contents = std::move(node.contents);
        entries.push_back(std::move(entry));
      }
    }
  }
  if (entries.empty()) co_return Error(Code::kNotFound, "there is nothing to put into the archive");
  const auto write = [&to, &entries] { return WriteZip(to, entries); };
  co_return co_await runtime::RunBlocking(write);
}

Task<Result<>> Unzip(const Context& ctx, Client client, std::string archive, std::string path) {
  const std::string from = LocalFile(archive).value_or(archive);
  CO_TRY(path, CleanPath(path));
  const auto read = [&from] { return ReadZip(from); };
  CO_TRY(std::vector<ZipEntry> entries, co_await runtime::RunBlocking(read));
  for (ZipEntry& entry : entries) {
    CO_TRY_OK(co_await Put(ctx, client, ChildPath(path, entry.name), std::move(entry.contents)));
  }
  co_return Ok{};
}

}  // namespace tessera::zktool
