// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "rpc/channel.h"
#include "rpc/protobuf.h"
#include "topo/records.h"

namespace tessera::tmclient {

inline constexpr std::string_view kService = "/tabletmanagerservice.TabletManager/";

// Calls tablet managers. Of one loop; await Close before it is destroyed, when no call is under
// way. Errors keep the tablet's code and text, after its alias and address; kUnavailable for
// tablets that are shut down or cannot be reached. The deadline is the caller's.
class Client {
 public:
  explicit Client(rpc::ChannelOptions options = {});
  // The same, but asks `hold` before every call: where it gives true, the tablet is only pinged,
  // and the answer is an empty message.
  using Hold = std::function<bool(const topo::Tablet& tablet, std::string_view method,
                                  std::string_view request)>;
  Client(rpc::ChannelOptions options, Hold hold);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // One request, one answer; PingRequest calls Ping.
  template <class Response, class Request>
  Task<Result<Response>> Call(const Context& ctx, const topo::Tablet& tablet,
                              const Request& request) {
    CO_TRY(std::string bytes, rpc::SerializeProto(request));
    const std::string path = rpc::ProtoPath<Request>(kService);
    CO_TRY(const std::string answer, co_await CallBytes(ctx, tablet, path, std::move(bytes)));
    co_return rpc::ParseProto<Response>(answer);
  }

  Task<> Close();
  const rpc::ChannelOptions& options() const { return options_; }

 private:
  struct Connection;
  Task<Result<std::string>> CallBytes(const Context& ctx, const topo::Tablet& tablet,
                                      std::string_view path, std::string request);
  Connection& Connect(const std::string& host, uint16_t port);
  Task<> DropOldest();

  rpc::ChannelOptions options_;
  Hold hold_;
  uint64_t uses_ = 0;
  std::map<std::string, std::unique_ptr<Connection>> connections_;
};

}  // namespace tessera::tmclient
