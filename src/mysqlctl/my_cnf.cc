// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/my_cnf.h"

#include <charconv>
#include <utility>

namespace tessera::mysqlctl {

namespace {

// sun_path of a Unix socket holds this many bytes and a zero.
constexpr size_t kMostSocketPath = 107;

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

template <class T>
Result<T> Number(std::string_view key, std::string_view text) {
  T value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return Errorf(Code::kInvalidArgument, "my.cnf: {} = {} is no number we can use", key, text);
  return value;
}

}  // namespace

Result<MyCnf> ParseMyCnf(std::string_view text, std::string dir) {
  MyCnf cnf;
  cnf.dir = std::move(dir);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    std::string key(Trimmed(line.substr(0, equals)));
    for (char& c : key) {
      if (c == '-') c = '_';
    }
    const std::string_view value = Trimmed(line.substr(equals + 1));
    if (key == "port") {
      TRY(cnf.port, Number<uint16_t>(key, value));
    } else if (key == "server_id") {
      TRY(cnf.server_id, Number<uint32_t>(key, value));
    } else if (key == "socket") {
      cnf.socket_file = value;
    } else if (key == "innodb_buffer_pool_size") {
      cnf.buffer_pool = value;
    } else if (key == "bind_address") {
      cnf.bind_address = value;
    } else if (key == "sync_binlog") {
      cnf.durable = value == "1";
    }
  }
  if (cnf.port == 0) return Errorf(Code::kInvalidArgument, "{} names no port", cnf.config_file());
  return cnf;
}

Result<> CheckMyCnf(const MyCnf& cnf) {
  if (cnf.dir.empty() || cnf.dir.front() != '/')
    return Errorf(Code::kInvalidArgument, "the server's folder must be an absolute path, not '{}'",
                  cnf.dir);
  if (cnf.socket().size() > kMostSocketPath) {
    return Errorf(Code::kInvalidArgument, "socket path {} is {} bytes long, the system takes {}",
                  cnf.socket(), cnf.socket().size(), kMostSocketPath)
        .WithHint("Use a folder with a shorter path");
  }
  return Ok{};
}

std::string InstanceFolder(uint32_t uid) { return fmt::format("vt_{:010}", uid); }

}  // namespace tessera::mysqlctl
