// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "topo/conn.h"

namespace tessera::topo {

// A held flock; closing the file frees it, and so does the death of the process.
class FileLock {
 public:
  explicit FileLock(int fd) : fd_(fd) {}
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  int fd() const { return fd_; }
  // False when the file that is locked is not the one of that name any more: somebody has removed
  // it, and another may hold a lock of that name.
  bool IsOf(const std::string& file) const;

 private:
  int fd_;
};

// A lock of a FileStore. Who writes under it keeps `lock` alive meanwhile, so that it is not given
// back before the write is made.
struct FileGuard final : Guard {
  FileGuard(std::string name, std::shared_ptr<const FileLock> held)
      : Guard(std::move(name)), lock(std::move(held)) {}

  std::weak_ptr<const FileLock> lock;  // of the file place(); gone when it was given back
};

// The files behind FileTopo. Blocks, so it is called on the blocking pool only; safe from any
// thread and next to other processes. Below `base` every record is one file: a header of magic and
// version, then the contents. Writers hold the flock of base/.mutex, replace files by rename, count
// their writes in it, and note in base/.changes which record each write was of.
// Names that begin with a dot are ours, never records: .mutex, .changes, .tmp, and .locks with one
// file per lock.
class FileStore {
 public:
  FileStore(std::string base, std::string root);

  // Makes the directories. Says what is wrong when they cannot be made or written.
  Result<> Prepare() const;

  Result<Node> Get(const std::string& path) const;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const;
  Result<std::vector<KeyedNode>> List(const std::string& path_prefix) const;
  enum class Mode { kCreate, kUpdate };
  Result<Version> Put(Mode mode, const std::string& path, const std::string& contents,
                      std::optional<Version> version, const Guards& guards = {}) const;
  Result<> Delete(const std::string& path, std::optional<Version> version,
                  const Guards& guards = {}) const;

  // How many writes all processes have made: as long as it stays, records do, but for those of a
  // process that died while it wrote.
  Result<uint64_t> Writes() const;
  // The records below our root that the writes after `seen` up to `now` were of, each once, in
  // order; nothing where not all of these writes are noted any more.
  Result<std::optional<std::vector<std::string>>> ChangedSince(uint64_t seen, uint64_t now) const;
  // The records as they are, in the order of `paths`; nothing for one that does not exist.
  Result<std::vector<std::optional<Node>>> ReadMany(const std::vector<std::string>& paths) const;

  // Changes whenever the record's file does, for less than a look into it. 0 when there is none.
  uint64_t Stamp(const std::string& path) const;

  // Nothing when somebody else holds it. TryLock wants a directory that has children, TryLockName
  // nothing.
  Result<std::optional<FileLock>> TryLock(const std::string& dir,
                                          const std::string& contents) const;
  Result<std::optional<FileLock>> TryLockName(const std::string& name,
                                              const std::string& contents) const;
  // What the last holder wrote into the lock; for messages.
  std::string LockHolder(const std::string& dir) const;
  // What the holder wrote into the lock; empty when nobody holds it.
  Result<std::string> HolderNow(const std::string& dir) const;
  // The file of a lock, and whether such a one is ours to look at.
  std::string LockFile(const std::string& dir) const;
  bool OwnsLock(std::string_view file) const;

 private:
  std::string File(const std::string& path) const;
  Result<FileLock> Mutex() const;
  void CountWrite(const FileLock& mutex, const std::string& path) const;
  void NoteChange(uint64_t number, const std::string& path) const;
  Result<std::optional<Node>> Read(const std::string& path) const;
  Result<> Replace(const std::string& path, const Node& node) const;

  std::string base_;
  std::string root_;   // below base_, no slash at either end
  std::string below_;  // what the paths of our records begin with there
};

}  // namespace tessera::topo
