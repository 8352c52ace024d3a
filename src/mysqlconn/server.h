// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/auth_server.h"
#include "mysqlconn/clients.h"
#include "mysqlconn/handler.h"
#include "mysqlconn/server_tls.h"
#include "mysqlconn/server_version.h"
#include "mysqlconn/user_slots.h"
#include "mysqlwire/rsa_key.h"
#include "runtime/loop.h"
#include "runtime/stream.h"
#include "runtime/task_group.h"

namespace tessera::mysqlconn {

class ServerConnection;

// How a login ended, for logs and numbers.
struct LoginReport {
  std::string_view peer;
  std::string_view user;  // empty when it was refused
  Duration took{0};
  const Error* refused = nullptr;  // nothing when the client is in; kCancelled when it went away
};

struct ServerOptions {
  std::string version;  // that clients are shown; empty: what ServerShared::version learns
  Duration login_timeout = std::chrono::seconds(10);
  Duration read_timeout{0};  // longest silence of a client that is in; 0 is no limit; errno 4031
  Duration write_timeout = std::chrono::seconds(60);  // longest wait for it to take its answer
  size_t max_packet = 64 << 20;     // a longer one gets errno 1153 and the connection ends
  size_t max_connections = 0;       // over all loops; 0 is no limit; one more gets errno 1040
  size_t max_user_connections = 0;  // of each user; 0 is no limit; one more gets errno 1226
  std::vector<std::string> process_managers;  // see Clients
  bool proxy_protocol = false;  // TCP clients come with a PROXY header, and are who it says
  bool offer_compression = true;
  std::function<void(const LoginReport&)> on_login;  // on any loop's thread; may be empty
  bool allow_clear_text_without_tls = false;
  bool require_secure_transport = false;  // errno 3159 to logins without TLS or the Unix socket
  uint16_t collation = 45;                // of the greeting: utf8mb4_general_ci
};

// Counted over all loops.
struct ServerStats {
  std::atomic<uint64_t> accepted = 0;
  std::atomic<uint64_t> refused = 0;  // logins that failed
  std::atomic<uint64_t> slow = 0;     // logins that took longer than their user's threshold
  std::atomic<int64_t> open = 0;
  std::atomic<uint64_t> commands = 0;
};

// What the servers of all loops share. `auth` and `handler` outlive every server. Thread-safe.
struct ServerShared {
  ServerShared(ServerOptions opts, AuthServer& auth_server, Handler& command_handler)
      : options(std::move(opts)),
        auth(auth_server),
        handler(command_handler),
        version(options.version),
        clients(options.process_managers) {}
  ServerOptions options;
  AuthServer& auth;
  Handler& handler;
  ServerVersion version;
  Clients clients;
  ServerTls tls;
  // For passwords of caching_sha2_password over open connections, which are refused without it. Set
  // before the first client comes.
  std::shared_ptr<const mysqlwire::RsaKey> password_key;
  UserSlots user_slots;
  ServerStats stats;
  std::atomic<uint32_t> next_id = 1;
};

class Server;

// A loop and the server that runs on it.
struct ServerPlace {
  runtime::Loop* loop = nullptr;
  Server* server = nullptr;
};

// Accepts from `listener` on this loop and hands each connection to the place whose loop has the
// fewest streams, until ctx ends or accepting fails. The places must outlive what was handed to
// them: stop accepting before stopping them.
Task<Result<>> AcceptFor(const Context& ctx, runtime::Listener& listener,
                         const std::vector<ServerPlace>& places);

// The MySQL front of one loop: serves connections that its listeners accept or that are handed to
// Serve. Made on the loop and belongs to it; Stop must have ended before it is destroyed.
class Server {
 public:
  Server(const Context& ctx, ServerShared& shared);
  ~Server();

  // Accepts from `listener` and serves here, until ctx ends (kCancelled) or accepting fails.
  Task<Result<>> Run(const Context& ctx, runtime::Listener& listener);

  // Serves one connected client in the background.
  void Serve(std::unique_ptr<runtime::Stream> stream, bool local);

  // Ends the running command (false: the whole connection) of a client of this loop. False when
  // there is no such id.
  bool Kill(uint32_t connection_id, bool query_only);
  // This loop's clients that have logged in.
  std::vector<ClientInfo> List() const;
  // Who such a client is; nothing when there is none of this id.
  std::optional<std::string> UserOf(uint32_t connection_id) const;

  // Tells idle clients that the server shuts down (errno 1053) and closes them; busy ones after
  // their command.
  void Drain();
  // Cancels all connections and waits for them.
  Task<> Stop();

  size_t connection_count() const { return open_.size(); }

 private:
  friend class ServerConnection;
  Task<> ServeOne(std::unique_ptr<runtime::Stream> stream, bool local);
  Task<Result<std::string>> PeerOf(runtime::Stream& stream, bool local);

  ServerShared& shared_;
  runtime::TaskGroup connections_;
  std::unordered_map<uint32_t, ServerConnection*> open_;
  bool draining_ = false;
};

}  // namespace tessera::mysqlconn
