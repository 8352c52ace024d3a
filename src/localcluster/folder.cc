// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/folder.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "mysqlctl/data_folder.h"

namespace tessera::localcluster {

namespace fs = std::filesystem;

namespace {

// A write lock over the whole file, of the open file and so of the process.
struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// True when there is more than a first `up` that got no further leaves.
bool HoldsForeign(const std::string& dir) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, failed)) {
    const std::string name = entry.path().filename();
    if (name != "lock" && name != "log" && name != "run" && name != "status.json") return true;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0)
    return Errorf(Code::kFailedPrecondition, "cannot open {}: {}", path, std::strerror(errno));
  std::unique_ptr<FolderLock> lock(new FolderLock(fd));
  struct flock whole = WholeFile();
  if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    const std::string owner = mysqlctl::ReadFile(path).value_or("");
    return Errorf(Code::kAlreadyExists, "the cluster in {} runs already (supervisor pid {})",
                  fs::path(path).parent_path().string(), owner.substr(0, owner.find('\n')))
        .WithHint("tessera status shows it; tessera down ends it");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0)
    return Errorf(Code::kFailedPrecondition, "cannot write {}: {}", path, std::strerror(errno));
  return lock;
}

FolderLock::~FolderLock() { close(fd_); }

int LockHolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  struct flock whole = WholeFile();
  const int asked = fcntl(fd, F_OFD_GETLK, &whole);
  close(fd);
  if (asked != 0 || whole.l_type == F_UNLCK) return 0;
  const std::string text = mysqlctl::ReadFile(path).value_or("");
  int pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}

Result<std::optional<ClusterSpec>> ReadFolder(const std::string& dir) {
  TRY(std::optional<ClusterSpec> spec, ReadSpec(dir));
  if (!spec && HoldsForeign(dir))
    return Errorf(Code::kFailedPrecondition, "{} is not a cluster's folder, and not empty", dir)
        .WithHint("Choose another with --data; nothing was changed");
  return spec;
}

Result<std::optional<ClusterSpec>> ReadSpec(const std::string& dir) {
  std::error_code failed;
  const std::string path = dir + "/cluster.yaml";
  if (!fs::exists(path, failed)) return std::optional<ClusterSpec>();
  TRY(ClusterSpec spec, SpecFromFile(path));
  return std::optional<ClusterSpec>(std::move(spec));
}

Result<> MakeFolders(const Layout& layout) {
  std::error_code failed;
  for (const char* part : {"", "/log", "/run"}) {
    fs::create_directories(layout.dir + part, failed);
    if (failed)
      return Errorf(Code::kFailedPrecondition, "cannot make {}{}: {}", layout.dir, part,
                    failed.message())
          .WithHint("Choose another folder with --data");
  }
  return Ok{};
}

Result<> WriteSpec(const Layout& layout) {
  return mysqlctl::WriteFile(layout.spec_file(), SpecToYaml(layout.spec));
}

namespace {

std::string Shape(const ClusterSpec& spec) {
  std::string out;
  for (const KeyspaceSpec& keyspace : spec.keyspaces)
    out += fmt::format("{}{} ({} shards, {} replicas each)", out.empty() ? "" : ", ", keyspace.name,
                       keyspace.shards.size(), keyspace.replicas);
  return out;
}

}  // namespace

Result<ClusterSpec> ChangedSpec(const ClusterSpec& there, const ClusterSpec& asked) {
  bool same = there.cell == asked.cell && there.topology == asked.topology &&
              there.keyspaces.size() == asked.keyspaces.size();
  for (size_t i = 0; same && i < there.keyspaces.size(); ++i) {
    const KeyspaceSpec& old = there.keyspaces[i];
    const KeyspaceSpec& now = asked.keyspaces[i];
    same = old.name == now.name && old.shards == now.shards && old.replicas == now.replicas &&
           old.database == now.database;
  }
  if (!same)
    return Errorf(Code::kFailedPrecondition,
                  "the folder holds another cluster: {} in cell {} on {}; asked for: {}",
                  Shape(there), there.cell, there.topology, Shape(asked))
        .WithHint("Start it without these flags, or choose another folder with --data");
  ClusterSpec out = asked;
  out.keyspaces = there.keyspaces;
  return out;
}

}  // namespace tessera::localcluster
