// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/program.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "localcluster/folder.h"
#include "localcluster/internal/commands.h"
#include "runtime/signals.h"

namespace tessera::localcluster {

namespace fs = std::filesystem;

std::string DataFlag::Folder() const {
  const char* const home = std::getenv("HOME");
  const fs::path path =
      data->empty() ? fs::path(home != nullptr ? home : ".") / ".tessera" : fs::path(*data);
  return fs::absolute(path).lexically_normal().string();
}

Parsed ParseWords(flags::FlagSet& set, const Arguments& arguments, size_t most_rest) {
  Parsed out;
  Result<std::vector<std::string>> rest = set.Parse(arguments);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return out;
  }
  if (rest.ok() && rest->size() > most_rest)
    rest = Errorf(Code::kInvalidArgument, "unknown argument '{}'", (*rest)[most_rest]);
  if (!rest.ok()) {
    std::fprintf(stderr, "%s\n", rest.error().ToString().c_str());
    out.status = 2;
    return out;
  }
  out.go_on = true;
  out.rest = std::move(rest).value();
  return out;
}

int Fail(const std::string& command, const Error& error) {
  std::fprintf(stderr, "tessera %s: %s\n", command.c_str(), error.ToString().c_str());
  return 1;
}

Result<Layout> FindCluster(const std::string& dir) {
  TRY(std::optional<ClusterSpec> spec, ReadFolder(dir));
  if (!spec)
    return Errorf(Code::kNotFound, "there is no cluster in {}", dir)
        .WithHint("tessera up makes one; --data names another folder");
  return MakeLayout(dir, std::move(*spec));
}

std::string ProgramFolder() {
  std::error_code failed;
  return fs::read_symlink("/proc/self/exe", failed).parent_path().string();
}

std::string ConnectLine(const Layout& layout) {
  return fmt::format("mariadb -h 127.0.0.1 -P {}", layout.gates.front().mysql_port);
}

std::vector<flags::Command> Commands(const topo::Server::Factories& topologies) {
  const auto with = [&topologies](auto* run) {
    return [run, &topologies](const Arguments& words) { return run(words, topologies); };
  };
  return {
      {"up", "start a cluster, new or from its folder", with(RunUp)},
      {"status", "show its processes", RunStatus},
      {"connect", "open a MySQL client on it", RunConnect},
      {"vschema", "print or change how a keyspace is sharded", with(RunVSchema)},
      {"doctor", "look for what is broken between its processes, or any fleet's", with(RunDoctor)},
      {"down", "stop it; its data stays", RunDown},
      {"demo", "start one with a shop's data, and show how queries travel", with(RunDemo)},
      {"supervise", "", with(RunSupervise)}};
}

}  // namespace tessera::localcluster
