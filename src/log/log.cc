// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "log/log.h"

#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

namespace tessera::log {

namespace {
std::atomic<int> target{STDERR_FILENO};
constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};
}  // namespace

void SetLevel(Level level) { threshold.store(level, std::memory_order_relaxed); }

bool OpenFile(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  const int old = target.load();
  if (old == STDERR_FILENO) {
    target.store(fd);
    return true;
  }
  // Put in the old file's place, since another thread may be about to write to its number.
  const bool replaced = dup3(fd, old, O_CLOEXEC) >= 0;
  const int error = errno;
  close(fd);
  errno = error;
  return replaced;
}

void Write(Level level, std::string_view file, int line, std::string_view text) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc;
  gmtime_r(&now.tv_sec, &utc);
  char stamp[32];
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
  if (const size_t slash = file.rfind("src/"); slash != std::string_view::npos)
    file.remove_prefix(slash + 4);
  std::string out = fmt::format("{}.{:06}Z {} {}:{} ", stamp, now.tv_nsec / 1000,
                                kNames[static_cast<int>(level)], file, line);
  // A line is a line: what was quoted from elsewhere must not fake another one.
  for (const char byte : text) {
    if (byte == '\n')
      out += "\\n";
    else if (byte == '\r')
      out += "\\r";
    else
      out.push_back(byte);
  }
  out.push_back('\n');
  // A full disk or a closed pipe must not stop a server: the line is lost then.
  [[maybe_unused]] const ssize_t written = write(target.load(), out.data(), out.size());
}

}  // namespace tessera::log
