// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/internal/file_store.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "TSTOPO1\n";
constexpr size_t kHeaderSize = 16;
// Bytes of .changes, about a thousand writes, before its older half goes.
constexpr off_t kMostChanges = 64 << 10;

// Errors of the file system, with what to do about the usual ones.
Error SystemError(int error, std::string_view what, std::string_view file) {
  const std::string text = std::generic_category().message(error);
  const std::string message = fmt::format("topology: cannot {} {}: {}", what, file, text);
  if (error == ENOSPC || error == EDQUOT) {
    return Error(Code::kResourceExhausted, message)
        .WithHint("the old record is kept; free space on that file system and retry");
  }
  if (error == EACCES || error == EPERM || error == EROFS) {
    return Error(Code::kPermissionDenied, message)
        .WithHint("the topology directory must be writable by this user");
  }
  return Error(Code::kUnavailable, message);
}

class Descriptor {
 public:
  Descriptor(const std::string& name, int flags)
      : fd_(::open(name.c_str(), flags | O_CLOEXEC, 0644)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

Result<std::string> ReadAll(int fd, const std::string& name) {
  std::string bytes;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(errno, "read", name);
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<size_t>(got));
  }
}

// A rename or unlink is durable only when its directory is.
Result<> SyncDirectory(const std::string& name) {
  const Descriptor dir(name, O_RDONLY | O_DIRECTORY);
  if (!dir.ok() || ::fsync(dir.fd()) != 0) return SystemError(errno, "sync directory", name);
  return Ok{};
}

std::string Header(Version version) {
  std::string header(kMagic);
  for (int shift = 56; shift >= 0; shift -= 8)
    header.push_back(static_cast<char>(version >> shift));
  return header;
}

Version ParseVersion(std::string_view header) {
  uint64_t version = 0;
  for (const char c : header.substr(kMagic.size(), 8))
    version = version << 8 | static_cast<unsigned char>(c);
  return static_cast<Version>(version);
}

// Grows, also when a record is deleted and made again.
Version NextVersion(const std::optional<Node>& old) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Version micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  return old ? std::max(old->version + 1, micros) : micros;
}

std::string Parent(const std::string& file) { return fs::path(file).parent_path().string(); }

bool IsHidden(std::string_view name) { return name.starts_with('.'); }

// A line of .changes.
struct Change {
  uint64_t number = 0;
  std::string_view path;
};

std::optional<Change> ParseChange(std::string_view line) {
  Change change;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), change.number);
  const auto digits = static_cast<size_t>(end - line.data());
  if (error != std::errc() || digits + 1 >= line.size() || line[digits] != ' ') return std::nullopt;
  change.path = line.substr(digits + 1);
  return change;
}

// The locks of guards, for as long as this is there.
using HeldLocks = std::vector<std::shared_ptr<const FileLock>>;

Result<HeldLocks> Hold(const Guards& guards) {
  HeldLocks held;
  for (const auto& guard : guards) {
    const auto* ours = dynamic_cast<const FileGuard*>(guard.get());
    CHECK(ours != nullptr);
    held.push_back(ours->lock.lock());
    if (held.back() == nullptr || !held.back()->IsOf(ours->place())) return LockLost(ours->place());
  }
  return held;
}

// Those numbered from seen + 1 to now, in order, when none is missing. Looks from the end: what it
// costs follows their number.
std::optional<std::vector<Change>> ChangesBetween(std::string_view lines, uint64_t seen,
                                                  uint64_t now) {
  if (now < seen) return std::nullopt;  // somebody else's count, from a backup
  std::vector<Change> found;
  uint64_t missing = now;  // the number of the next one before those found
  while (!lines.empty() && lines.back() == '\n') {
    lines.remove_suffix(1);
    const size_t before = lines.rfind('\n');
    const size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = lines.substr(start);
    lines = lines.substr(0, start);
    if (line.empty()) continue;
    const std::optional<Change> change = ParseChange(line);
    if (!change || change->number <= seen) break;
    if (change->number > now) continue;
    // Twice the same number: a writer died before it had counted.
    const bool again = !found.empty() && change->number == missing + 1;
    if (change->number != missing && !again) return std::nullopt;
    found.push_back(*change);
    missing = change->number - 1;
  }
  if (missing != seen) return std::nullopt;
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

bool FileLock::IsOf(const std::string& file) const {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd_, &held) == 0 && ::stat(file.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

FileStore::FileStore(std::string base, std::string root)
    : base_(std::move(base)), root_(std::move(root)), below_(root_.empty() ? "" : root_ + "/") {}

std::string FileStore::File(const std::string& path) const {
  return JoinPath(JoinPath(base_, root_), path);
}

std::string FileStore::LockFile(const std::string& dir) const {
  // One flat name per lock, so that making and removing directories never touches a lock.
  std::string name = JoinPath(root_, dir);
  std::string flat;
  for (const char c : name) flat += c == '%' ? "%25" : c == '/' ? "%2F" : std::string(1, c);
  return JoinPath(JoinPath(base_, ".locks"), flat);
}

bool FileStore::OwnsLock(std::string_view file) const {
  return file.starts_with(JoinPath(base_, ".locks") + "/");
}

Result<> FileStore::Prepare() const {
  for (const std::string& dir : {File(""), JoinPath(base_, ".locks")}) {
    std::error_code error;
    fs::create_directories(dir, error);
    if (error) return SystemError(error.value(), "make directory", dir);
    if (::access(dir.c_str(), W_OK | X_OK) != 0) return SystemError(errno, "write in", dir);
  }
  return Ok{};
}

Result<FileLock> FileStore::Mutex() const {
  const std::string name = JoinPath(base_, ".mutex");
  Descriptor file(name, O_RDWR | O_CREAT);
  if (!file.ok()) return SystemError(errno, "open", name);
  while (::flock(file.fd(), LOCK_EX) != 0) {
    if (errno != EINTR) return SystemError(errno, "lock", name);
  }
  return FileLock(file.Release());
}

Result<uint64_t> FileStore::Writes() const {
  const std::string name = JoinPath(base_, ".mutex");
  const Descriptor file(name, O_RDONLY);
  if (!file.ok() && errno == ENOENT) return uint64_t{0};
  if (!file.ok()) return SystemError(errno, "open", name);
  uint64_t writes = 0;
  const ssize_t got = ::pread(file.fd(), &writes, sizeof(writes), 0);
  if (got < 0) return SystemError(errno, "read", name);
  return got == sizeof(writes) ? writes : 0;
}

// A write that cannot be counted has happened all the same: who watches sees it at their next full
// look.
void FileStore::CountWrite(const FileLock& mutex, const std::string& path) const {
  uint64_t writes = 0;
  if (::pread(mutex.fd(), &writes, sizeof(writes), 0) < 0) return;
  ++writes;
  NoteChange(writes, path);
  const ssize_t written = ::pwrite(mutex.fd(), &writes, sizeof(writes), 0);
  static_cast<void>(written);
}

// A line of the number of the write and the record's path below base, on a line of its own whatever
// a full disk has left before it. One that is missing costs who watches a full look, no more.
void FileStore::NoteChange(uint64_t number, const std::string& path) const {
  const std::string name = JoinPath(base_, ".changes");
  const std::string line = fmt::format("\n{} {}{}\n", number, below_, path);
  const Descriptor file(name, O_RDWR | O_CREAT | O_APPEND);
  struct stat info {};
  if (!file.ok() || ::fstat(file.fd(), &info) != 0) return;
  if (info.st_size < kMostChanges) {
    WriteAll(file.fd(), line);
    return;
  }
  // The newer half goes on.
  Result<std::string> all = ReadAll(file.fd(), name);
  if (!all.ok()) return;
  const size_t half = all->find('\n', all->size() / 2);
  const std::string kept = half == std::string::npos ? std::string() : all->substr(half + 1);
  const std::string temporary = JoinPath(base_, ".changes.tmp");
  const Descriptor next(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (next.ok() && WriteAll(next.fd(), kept + line)) ::rename(temporary.c_str(), name.c_str());
}

Result<std::optional<std::vector<std::string>>> FileStore::ChangedSince(uint64_t seen,
                                                                        uint64_t now) const {
  const std::optional<std::vector<std::string>> unknown;
  const std::string name = JoinPath(base_, ".changes");
  const Descriptor file(name, O_RDONLY);
  if (!file.ok() && errno == ENOENT) return unknown;
  if (!file.ok()) return SystemError(errno, "open", name);
  TRY(const std::string lines, ReadAll(file.fd(), name));
  std::optional<std::vector<Change>> changes = ChangesBetween(lines, seen, now);
  if (!changes) return unknown;
  std::vector<std::string> paths;
  for (const Change& change : *changes) {
    if (!change.path.starts_with(below_)) continue;
    std::string path(change.path.substr(below_.size()));
    std::erase(paths, path);
    paths.push_back(std::move(path));
  }
  return std::optional<std::vector<std::string>>(std::move(paths));
}

Result<std::vector<std::optional<Node>>> FileStore::ReadMany(
    const std::vector<std::string>& paths) const {
  std::vector<std::optional<Node>> nodes;
  for (const std::string& path : paths) {
    TRY(nodes.emplace_back(), Read(path));
  }
  return nodes;
}

uint64_t FileStore::Stamp(const std::string& path) const {
  struct stat info {};
  if (::stat(File(path).c_str(), &info) != 0) return 0;
  constexpr uint64_t kMix = 0x9e3779b97f4a7c15;
  uint64_t stamp = static_cast<uint64_t>(info.st_ino);
  for (const auto part : {info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_size})
    stamp = (stamp ^ static_cast<uint64_t>(part)) * kMix;
  return stamp | 1;
}

Result<std::optional<Node>> FileStore::Read(const std::string& path) const {
  const std::string name = File(path);
  const Descriptor file(name, O_RDONLY);
  if (!file.ok() && (errno == ENOENT || errno == ENOTDIR)) return std::optional<Node>();
  if (!file.ok()) return SystemError(errno, "open", name);
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return SystemError(errno, "look at", name);
  if (S_ISDIR(info.st_mode)) return std::optional<Node>();
  TRY(const std::string bytes, ReadAll(file.fd(), name));
  if (bytes.size() < kHeaderSize || !bytes.starts_with(kMagic)) {
    return Errorf(Code::kDataLoss, "topology: {} is not a record: its header is missing", name)
        .WithHint("restore the file from a backup, or remove it and create the record again");
  }
  return std::optional<Node>(Node{bytes.substr(kHeaderSize), ParseVersion(bytes)});
}

Result<Node> FileStore::Get(const std::string& path) const {
  TRY(std::optional<Node> node, Read(path));
  if (!node) return NoNode(path);
  return std::move(*node);
}

Result<std::vector<DirEntry>> FileStore::ListDir(const std::string& path) const {
  std::vector<DirEntry> entries;
  std::error_code error;
  for (fs::directory_iterator it(File(path), error), end; !error && it != end;
       it.increment(error)) {
    std::string name = it->path().filename().string();
    if (IsHidden(name)) continue;
    std::error_code ignored;
    entries.push_back({std::move(name), it->is_directory(ignored), false});
  }
  if (error && error != std::errc::no_such_file_or_directory &&
      error != std::errc::not_a_directory) {
    return SystemError(error.value(), "list", File(path));
  }
  if (entries.empty()) return NoNode(path);
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  return entries;
}

Result<std::vector<KeyedNode>> FileStore::List(const std::string& path_prefix) const {
  // Below the deepest directory that all matches share.
  const size_t slash = path_prefix.rfind('/');
  const std::string dir = slash == std::string::npos ? "" : path_prefix.substr(0, slash);
  const std::string top = File(dir);
  std::vector<KeyedNode> nodes;
  std::error_code error;
  fs::recursive_directory_iterator it(top, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    const std::string below = it->path().string().substr(top.size() + 1);
    const std::string path = dir.empty() ? below : dir + "/" + below;
    std::error_code ignored;
    const bool is_directory = it->is_directory(ignored);
    const bool matches =
        path.starts_with(path_prefix) || (is_directory && path_prefix.starts_with(path));
    if (IsHidden(it->path().filename().string()) || !matches) {
      if (is_directory) it.disable_recursion_pending();
      continue;
    }
    if (is_directory) continue;
    TRY(std::optional<Node> node, Read(path));
    if (node) nodes.push_back({path, std::move(node->contents), node->version});
  }
  if (error && error != std::errc::no_such_file_or_directory &&
      error != std::errc::not_a_directory) {
    return SystemError(error.value(), "list", top);
  }
  if (nodes.empty()) return NoNode(path_prefix);
  std::sort(nodes.begin(), nodes.end(),
            [](const KeyedNode& a, const KeyedNode& b) { return a.path < b.path; });
  return nodes;
}

Result<> FileStore::Replace(const std::string& path, const Node& node) const {
  const std::string name = File(path);
  const std::string dir = Parent(name);
  std::error_code error;
  fs::create_directories(dir, error);
  if (error) return SystemError(error.value(), "make directory", dir);
  const std::string temporary = dir + "/.tmp";
  const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.ok()) return SystemError(errno, "create", temporary);
  const bool written = WriteAll(file.fd(), Header(node.version)) &&
                       WriteAll(file.fd(), node.contents) && ::fsync(file.fd()) == 0 &&
                       ::rename(temporary.c_str(), name.c_str()) == 0;
  if (!written) {
    const int why = errno;
    ::unlink(temporary.c_str());
    return SystemError(why, "write", name);
  }
  return SyncDirectory(dir);
}

Result<Version> FileStore::Put(Mode mode, const std::string& path, const std::string& contents,
                               std::optional<Version> version, const Guards& guards) const {
  TRY(const FileLock mutex, Mutex());
  TRY(const HeldLocks held, Hold(guards));
  TRY(const std::optional<Node> old, Read(path));
  if (mode == Mode::kCreate && old) return NodeExists(path);
  if (mode == Mode::kUpdate && version) {
    if (!old) return NoNode(path);
    if (old->version != *version) return BadVersion(path);
  }
  const Version next = NextVersion(old);
  TRY_OK(Replace(path, Node{contents, next}));
  CountWrite(mutex, path);
  return next;
}

Result<> FileStore::Delete(const std::string& path, std::optional<Version> version,
                           const Guards& guards) const {
  TRY(const FileLock mutex, Mutex());
  TRY(const HeldLocks held, Hold(guards));
  TRY(const std::optional<Node> old, Read(path));
  if (!old) return NoNode(path);
  if (version && old->version != *version) return BadVersion(path);
  const std::string name = File(path);
  if (::unlink(name.c_str()) != 0) return SystemError(errno, "delete", name);
  // Directories left empty go too, up to our root; rmdir refuses the first that is not.
  const std::string root = File("");
  std::string dir = Parent(name);
  while (dir.size() > root.size() && ::rmdir(dir.c_str()) == 0) dir = Parent(dir);
  CountWrite(mutex, path);
  return SyncDirectory(dir);
}

Result<std::optional<FileLock>> FileStore::TryLock(const std::string& dir,
                                                   const std::string& contents) const {
  TRY_OK(ListDir(dir));
  return TryLockName(dir, contents);
}

Result<std::optional<FileLock>> FileStore::TryLockName(const std::string& lock,
                                                       const std::string& contents) const {
  const std::string name = LockFile(lock);
  Descriptor file(name, O_RDWR | O_CREAT);
  if (!file.ok()) return SystemError(errno, "open", name);
  while (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    if (errno != EINTR) return SystemError(errno, "lock", name);
  }
  FileLock held(file.Release());
  if (!held.IsOf(name)) return std::optional<FileLock>();  // removed meanwhile: the next try
  // Only for people who wonder who holds it: a failure here changes nothing about the lock.
  if (::ftruncate(held.fd(), 0) == 0) WriteAll(held.fd(), contents);
  return std::optional<FileLock>(std::move(held));
}

std::string FileStore::LockHolder(const std::string& dir) const {
  const Descriptor file(LockFile(dir), O_RDONLY);
  if (!file.ok()) return {};
  Result<std::string> bytes = ReadAll(file.fd(), LockFile(dir));
  return bytes.ok() ? std::move(*bytes) : std::string();
}

Result<std::string> FileStore::HolderNow(const std::string& dir) const {
  const std::string name = LockFile(dir);
  const Descriptor file(name, O_RDONLY);
  if (!file.ok() && errno == ENOENT) return std::string();
  if (!file.ok()) return SystemError(errno, "open", name);
  // Shared, so that two who ask do not take each other for a holder.
  while (::flock(file.fd(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return ReadAll(file.fd(), name);
    if (errno != EINTR) return SystemError(errno, "look at the lock", name);
  }
  return std::string();
}

}  // namespace tessera::topo
