// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/port_owner.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <unistd.h>

namespace tessera::runtime {

namespace {

namespace fs = std::filesystem;

// Inodes of the sockets that listen on the port, from proc(5)'s table: fields 2 (address:port,
// hex), 4 (state, 0A is LISTEN) and 10 (inode).
std::vector<std::string> ListeningInodes(const char* table, uint16_t port) {
  std::vector<std::string> inodes;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::vector<std::string> fields;
    for (std::string word; words >> word;) fields.push_back(word);
    if (fields.size() < 10 || fields[3] != "0A") continue;
    const size_t colon = fields[1].rfind(':');
    if (colon == std::string::npos) continue;
    if (std::strtoul(fields[1].c_str() + colon + 1, nullptr, 16) == port)
      inodes.push_back(fields[9]);
  }
  return inodes;
}

bool Holds(const fs::path& process, const std::string& socket) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(process / "fd", ignored)) {
    if (fs::read_symlink(entry.path(), ignored) == socket) return true;
  }
  return false;
}

}  // namespace

std::string PortOwner(uint16_t port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    for (const std::string& inode : ListeningInodes(table, port)) {
      const std::string socket = "socket:[" + inode + "]";
      std::error_code ignored;
      for (const auto& process : fs::directory_iterator("/proc", ignored)) {
        const std::string pid = process.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos ||
            !Holds(process.path(), socket))
          continue;
        std::string name;
        std::getline(std::ifstream(process.path() / "comm"), name);
        return name + " (pid " + pid + ")";
      }
    }
  }
  return {};
}

}  // namespace tessera::runtime
