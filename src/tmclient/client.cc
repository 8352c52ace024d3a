// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tmclient/client.h"

#include "runtime/loop.h"

namespace tessera::tmclient {

namespace {

constexpr size_t kMostConnections = 100;

std::string Who(const topo::Tablet& tablet) {
  return fmt::format("tablet {} ({}:{})", tablet.alias.ToString(), tablet.hostname,
                     tablet.port("grpc"));
}

// Why a record names no tablet that could be called.
Result<> CheckReachable(const topo::Tablet& tablet) {
  if (tablet.tablet_shutdown_time != 0 || tablet.hostname.empty())
    return Errorf(Code::kUnavailable, "tablet is shutdown")
        .WithHint(
            "start its vttablet, or delete the record (DeleteTablets) if it is gone for good");
  const int32_t port = tablet.port("grpc");
  if (port <= 0 || port > 65535) {
    return Errorf(Code::kUnavailable, "its record has no usable grpc port ({})", port)
        .WithHint("vttablet writes it at its start (--grpc-port)");
  }
  return Ok{};
}

// An operator who asks again wants to know how things are now: a back-off is not waited for.
Task<Result<std::string>> CallOn(rpc::Channel& channel, const Context& ctx, std::string_view path,
                                 std::string request) {
  if (!channel.connected()) {
    CO_TRY_OK(co_await channel.Connect(ctx));
  }
  co_return co_await channel.Call(ctx, path, std::move(request));
}

}  // namespace

struct Client::Connection {
  Connection(runtime::Address address, const rpc::ChannelOptions& options)
      : channel(std::move(address), options) {}
  rpc::Channel channel;
  int calls = 0;
  uint64_t last_use = 0;
};

Client::Client(rpc::ChannelOptions options) : options_(std::move(options)) {}
Client::Client(rpc::ChannelOptions options, Hold hold)
    : options_(std::move(options)), hold_(std::move(hold)) {}
Client::~Client() = default;

Client::Connection& Client::Connect(const std::string& host, uint16_t port) {
  std::unique_ptr<Connection>& slot = connections_[fmt::format("{}:{}", host, port)];
  if (slot == nullptr)
    slot = std::make_unique<Connection>(runtime::Address::Tcp(host, port), options_);
  slot->last_use = ++uses_;
  return *slot;
}

Task<> Client::DropOldest() {
  auto oldest = connections_.end();
  for (auto it = connections_.begin(); it != connections_.end(); ++it) {
    if (it->second->calls != 0) continue;
    if (oldest == connections_.end() || it->second->last_use < oldest->second->last_use)
      oldest = it;
  }
  if (oldest == connections_.end()) co_return;
  const std::unique_ptr<Connection> connection = std::move(oldest->second);
  connections_.erase(oldest);
  co_await connection->channel.Close();
}

Task<Result<std::string>> Client::CallBytes(const Context& ctx, const topo::Tablet& tablet,
                                            std::string_view path, std::string request) {
  Result<> reachable = CheckReachable(tablet);
  if (!reachable.ok()) co_return std::move(reachable).error().Wrap(Who(tablet));
  if (connections_.size() > kMostConnections) co_await DropOldest();
  Connection& connection = Connect(tablet.hostname, static_cast<uint16_t>(tablet.port("grpc")));
  ++connection.calls;
  std::string ping;
  const bool held = hold_ && hold_(tablet, path.substr(kService.size()), request);
  if (held) {
    ping = fmt::format("{}Ping", kService);
    path = ping;
    request.clear();
  }
  Result<std::string> answer = co_await CallOn(connection.channel, ctx, path, std::move(request));
  if (held && answer.ok()) answer->clear();
  --connection.calls;
  if (!answer.ok()) co_return std::move(answer).error().Wrap(Who(tablet));
  co_return answer;
}

Task<> Client::Close() {
  while (!connections_.empty()) {
    const std::unique_ptr<Connection> connection = std::move(connections_.begin()->second);
    connections_.erase(connections_.begin());
    co_await connection->channel.Close();
  }
}

}  // namespace tessera::tmclient
