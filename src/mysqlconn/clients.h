// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "runtime/loop.h"

namespace tessera::mysqlconn {

class Server;

// One client's connection, as a list of processes shows it.
struct ClientInfo {
  uint32_t id = 0;  // as the greeting told it
  std::string user;
  std::string host;      // "10.0.0.7:51432", or "localhost" over the Unix socket
  std::string database;  // empty when none is in use
  std::string_view command;
  std::chrono::seconds time{0};     // it has been doing that
  std::optional<std::string> text;  // of the statement under way, when there is one
};

// What to end: the command under way, or the whole connection.
enum class KillWhat : uint8_t { kQuery, kConnection };
enum class KillOutcome : uint8_t { kNoSuchClient, kNotAllowed, kDone };

// The connections of a process over all its loops, each looked at on its own loop: serving a
// command costs nothing for it. Thread-safe; the loops outlive it.
class Clients {
 public:
  // `managers` are the users who see and kill other users' connections; "*" is everybody.
  explicit Clients(std::vector<std::string> managers) : managers_(std::move(managers)) {}

  // A server says where it runs, and when it ends; from its own loop.
  void Add(runtime::Loop& loop, Server& server);
  void Remove(Server& server);

  // What `user` may see, by id.
  Task<std::vector<ClientInfo>> List(std::string user);
  // Kills on behalf of `user`.
  Task<KillOutcome> Kill(std::string user, uint32_t id, KillWhat what);
  // All of `whose`; gives how many there were.
  Task<size_t> KillAll(std::string whose, KillWhat what);
  // Whether `user` may do so with connections of `whose`.
  bool MayManage(std::string_view user, std::string_view whose) const;

 private:
  struct Place {
    runtime::Loop* loop = nullptr;
    Server* server = nullptr;
  };
  std::vector<Place> Places() const;
  bool Has(const Server* server) const;
  // On the server's own loop.
  Task<std::vector<ClientInfo>> ListOn(Server* server, std::string user);
  Task<KillOutcome> KillOn(Server* server, std::string user, uint32_t id, KillWhat what);
  Task<size_t> KillAllOn(Server* server, std::string whose, KillWhat what);

  const std::vector<std::string> managers_;
  mutable std::mutex mutex_;
  std::vector<Place> places_;
};

}  // namespace tessera::mysqlconn
