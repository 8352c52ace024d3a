// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/server.h"

#include <algorithm>
#include <utility>

#include "mysqlconn/proxy_protocol.h"
#include "mysqlconn/server_connection.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/response.h"

namespace tessera::mysqlconn {

namespace {

// Says why in place of a greeting, and hangs up.
void Refuse(runtime::Stream& stream, uint16_t number, std::string_view sqlstate,
            std::string_view message) {
  mysqlwire::PacketWriter packets;
  packets.Begin();
  mysqlwire::AppendErr(packets.buffer(), number, sqlstate, message);
  packets.End();
  std::string_view bytes = packets.buffer().view();
  (void)stream.TryWrite(std::span<const std::string_view>(&bytes, 1));
  stream.Shutdown();
}

void HandOver(const ServerPlace& place, std::unique_ptr<runtime::Socket> socket, bool local) {
  // shared: a posted function must be copyable
  auto shared = std::make_shared<std::unique_ptr<runtime::Socket>>(std::move(socket));
  place.loop->Post(
      [place, shared, local] { place.server->Serve(place.loop->Open(std::move(*shared)), local); });
}

}  // namespace

Task<Result<>> AcceptFor(const Context& ctx, runtime::Listener& listener,
                         const std::vector<ServerPlace>& places) {
  const bool local = listener.address().is_unix();
  const auto fewer = [](const ServerPlace& a, const ServerPlace& b) {
    return a.loop->stream_count() < b.loop->stream_count();
  };
  for (;;) {
    CO_TRY(std::unique_ptr<runtime::Socket> socket, co_await listener.Accept(ctx));
    HandOver(*std::min_element(places.begin(), places.end(), fewer), std::move(socket), local);
  }
}

Server::Server(const Context& ctx, ServerShared& shared) : shared_(shared), connections_(ctx) {
  shared_.clients.Add(runtime::Loop::Current(), *this);
}

Server::~Server() {
  CHECK(open_.empty());
  shared_.clients.Remove(*this);
}

Task<Result<>> Server::Run(const Context& ctx, runtime::Listener& listener) {
  const bool local = listener.address().is_unix();
  for (;;) {
    CO_TRY(std::unique_ptr<runtime::Socket> socket, co_await listener.Accept(ctx));
    Serve(runtime::Loop::Current().Open(std::move(socket)), local);
  }
}

void Server::Serve(std::unique_ptr<runtime::Stream> stream, bool local) {
  ServerStats& stats = shared_.stats;
  stats.accepted.fetch_add(1, std::memory_order_relaxed);
  const size_t limit = shared_.options.max_connections;
  if (draining_) return Refuse(*stream, 1053, "08S01", "Server shutdown in progress");
  const auto before = static_cast<size_t>(stats.open.fetch_add(1, std::memory_order_relaxed));
  if (limit != 0 && before >= limit) {
    stats.open.fetch_sub(1, std::memory_order_relaxed);
    stats.refused.fetch_add(1, std::memory_order_relaxed);
    return Refuse(*stream, 1040, "08004", "Too many connections");
  }
  connections_.Start(ServeOne(std::move(stream), local));
}

// The peer, or who a proxy says it is.
Task<Result<std::string>> Server::PeerOf(runtime::Stream& stream, bool local) {
  if (local || !shared_.options.proxy_protocol) co_return stream.peer();
  const Context ctx = connections_.context().WithTimeout(shared_.options.login_timeout);
  CO_TRY(mysqlwire::ProxyHeader header, co_await ReadProxyHeader(ctx, stream));
  if (header.source.empty()) co_return stream.peer();
  co_return std::move(header.source);
}

Task<> Server::ServeOne(std::unique_ptr<runtime::Stream> stream, bool local) {
  Result<std::string> peer = co_await PeerOf(*stream, local);
  if (peer.ok()) {
    const uint32_t id = shared_.next_id.fetch_add(1, std::memory_order_relaxed);
    ServerConnection connection(connections_.context(), *this, std::move(stream), local, id);
    connection.SetPeer(std::move(*peer));
    open_.emplace(id, &connection);
    co_await connection.Run();
    open_.erase(id);
  } else {
    shared_.stats.refused.fetch_add(1, std::memory_order_relaxed);
    if (shared_.options.on_login) {
      LoginReport report;
      const std::string real = stream->peer();
      report.peer = real;
      report.refused = &peer.error();
      shared_.options.on_login(report);
    }
  }
  shared_.stats.open.fetch_sub(1, std::memory_order_relaxed);
}

bool Server::Kill(uint32_t connection_id, bool query_only) {
  const auto found = open_.find(connection_id);
  if (found == open_.end()) return false;
  if (query_only) {
    found->second->KillQuery();
  } else {
    found->second->KillConnection();
  }
  return true;
}

std::vector<ClientInfo> Server::List() const {
  std::vector<ClientInfo> out;
  for (const auto& [id, connection] : open_)
    if (connection->logged_in()) out.push_back(connection->Info());
  return out;
}

std::optional<std::string> Server::UserOf(uint32_t connection_id) const {
  const auto found = open_.find(connection_id);
  if (found == open_.end() || !found->second->logged_in()) return std::nullopt;
  return found->second->user();
}

void Server::Drain() {
  draining_ = true;
  for (const auto& [id, connection] : open_) connection->Drain();
}

Task<> Server::Stop() {
  draining_ = true;
  for (const auto& [id, connection] : open_) connection->KillConnection();
  const auto joined = co_await connections_.CancelAndJoin();
}

}  // namespace tessera::mysqlconn
